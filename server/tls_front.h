#ifndef QD_TLS_FRONT_H
#define QD_TLS_FRONT_H

#include "server/tls_context.h"

#include <stdint.h>

/* A TLS port in front of a plaintext one of this machine: gRPC cannot serve TLS on sockets that are accepted for it,
 * and libmicrohttpd asks for client certificates without insisting. So both ports get the same, with a thread for each
 * connection. Thread-safe. */
typedef struct qd_tls_front qd_tls_front;

/* Listens at host and port (0: a free one), for the server at 127.0.0.1:inner_port. INVALID_ARGUMENT (the identity),
 * UNAVAILABLE, NO_MEMORY. */
qdrant_status qd_tls_front_start(const char *host, uint16_t port, uint16_t inner_port, const qd_tls_identity *identity,
    qd_tls_front **front, qdrant_error *err);
uint16_t qd_tls_front_port(const qd_tls_front *front);

/* Connections accepted from now on see this one. */
qdrant_status qd_tls_front_show(qd_tls_front *front, const qd_tls_identity *identity, qdrant_error *err);

/* Closes the port and all connections, and frees. NULL is fine. */
void qd_tls_front_stop(qd_tls_front *front);

#endif
