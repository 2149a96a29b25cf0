#ifndef QD_LISTENER_H
#define QD_LISTENER_H

#include "qdrant/error.h"

#include <grpc/grpc.h>
#include <stddef.h>
#include <stdint.h>

/* A listening socket of our own, since gRPC's cannot drop a connection: each accepted socket is duplicated, gRPC serves
 * the one, and shutting the other down ends the connection. Thread-safe. */
typedef struct qd_listener qd_listener;

/* An accepted connection; reference-counted. */
typedef struct qd_connection qd_connection;

typedef struct qd_listener_counts {
  uint64_t n_accepted;
  uint64_t n_open;
  uint64_t n_used;
} qd_listener_counts;

/* Binds host ("127.0.0.1", "::1", "localhost") and port (0: a free one) and listens. UNAVAILABLE says why not. */
qdrant_status qd_listener_open(const char *host, uint16_t port, qd_listener **listener, qdrant_error *err);
uint16_t qd_listener_port(const qd_listener *listener);

/* Accepts from now on, for a server that has been started and outlives qd_listener_stop. */
qdrant_status qd_listener_start(qd_listener *listener, grpc_server *server, qdrant_error *err);

/* Takes no more connections and closes the port; those accepted stay. */
void qd_listener_stop(qd_listener *listener);

/* After qd_listener_stop, when no connection is referenced any more. NULL is fine. */
void qd_listener_free(qd_listener *listener);

void qd_listener_drop_all(qd_listener *listener);
qd_listener_counts qd_listener_count(qd_listener *listener);

/* The open connection that gRPC calls peer ("fd:7"), referenced and counted as used; NULL when it is gone. */
qd_connection *qd_listener_use(qd_listener *listener, const char *peer);

/* Closes it, unless it is gone. */
void qd_connection_drop(qd_connection *connection);
void qd_connection_unref(qd_connection *connection); /* NULL is fine */

#endif
