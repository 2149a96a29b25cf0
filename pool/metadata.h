#ifndef QD_METADATA_H
#define QD_METADATA_H

#include "core/transport.h"
#include "pool/grpc_transport.h"

#include <grpc/grpc.h>

/* The headers that go with every call, turned into gRPC's form once at open. Not changed afterwards, so it needs no
 * lock. */
typedef struct qd_metadata {
  grpc_metadata *items;
  size_t n_items;
} qd_metadata;

/* api key and headers of the options. NO_MEMORY; CONFIG_INVALID names a header that gRPC would refuse, never its value.
 */
qdrant_status qd_metadata_open(qd_metadata *metadata, const qd_grpc_options *options, qdrant_error *err);
void qd_metadata_close(qd_metadata *metadata);

/* What one call sends: its buffer is kept between calls. */
typedef struct qd_call_metadata {
  grpc_metadata *items;
  size_t n_items;
  size_t capacity;
  size_t n_own; /* of items, from the end: references held by this call */
} qd_call_metadata;

/* The client's headers and then the call's; a name of the client's that the call has too is left out. NO_MEMORY,
 * INVALID_ARGUMENT. */
qdrant_status qd_call_metadata_fill(
    qd_call_metadata *out, const qd_metadata *base, const qdrant_header *headers, size_t n_headers, qdrant_error *err);
/* Gives the call's own references back, once the batch has begun. */
void qd_call_metadata_drop(qd_call_metadata *metadata);

#endif
