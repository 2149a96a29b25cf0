#ifndef QD_SOCKET_H
#define QD_SOCKET_H

#include "qdrant/error.h"

#include <stdint.h>

/* A non-blocking TCP socket that listens at host and port (0: a free one). *bound_port says which. UNAVAILABLE names
 * host, port and reason. */
qdrant_status qd_socket_listen(const char *host, uint16_t port, int *fd, uint16_t *bound_port, qdrant_error *err);

/* Takes a waiting connection, ready for gRPC: non-blocking, without Nagle's delay. -1 and errno otherwise. */
int qd_socket_accept(int listening_fd);

#endif
