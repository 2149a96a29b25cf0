#ifndef QD_REST_SERVER_H
#define QD_REST_SERVER_H

#include "server/answers.h"
#include "server/faults.h"
#include "server/record.h"

/* The REST port: libmicrohttpd moves the bytes in one thread, workers carry calls out. Thread-safe. */
typedef struct qd_rest_server qd_rest_server;

/* What it works with; borrowed for its life. */
typedef struct qd_rest_server_parts {
  qd_faults *faults;
  qd_record *record;
  qd_answers *answers;
  const char *api_key; /* NULL: none is needed */
  size_t n_threads;
} qd_rest_server_parts;

typedef struct qd_rest_server_counts {
  uint64_t n_accepted;
  uint64_t n_open;
  uint64_t n_used;
} qd_rest_server_counts;

/* Listens at host and port (0: a free one) and takes calls. UNAVAILABLE names host, port and reason; NO_MEMORY. */
qdrant_status qd_rest_server_start(
    const char *host, uint16_t port, const qd_rest_server_parts *parts, qd_rest_server **server, qdrant_error *err);
uint16_t qd_rest_server_port(const qd_rest_server *server);

void qd_rest_server_drop_all(qd_rest_server *server);
qd_rest_server_counts qd_rest_server_count(qd_rest_server *server);

/* Ends all calls, joins the threads and frees. NULL is fine. 0: a call was still being carried out at deadline_ns; then
 * the parts are still in use and must be left alone for good. */
int qd_rest_server_stop(qd_rest_server *server, int64_t deadline_ns);

#endif
