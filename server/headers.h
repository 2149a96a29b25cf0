#ifndef QD_SERVER_HEADERS_H
#define QD_SERVER_HEADERS_H

#include <grpc/grpc.h>
#include <stddef.h>

/* Headers of a call, whichever port it came in by. They point into what the port holds. */
typedef struct qd_header_view {
  const char *name;
  size_t n_name;
  const char *value;
  size_t n_value;
} qd_header_view;

typedef struct qd_headers {
  qd_header_view *items; /* qd_free */
  size_t n;
} qd_headers;

/* 0 when out of memory: then there are none. */
int qd_headers_from_grpc(const grpc_metadata_array *metadata, qd_headers *headers);

/* The first of this name, whatever its case; NULL when there is none. */
const qd_header_view *qd_headers_find(const qd_headers *headers, const char *name);

#endif
