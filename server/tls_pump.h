#ifndef QD_TLS_PUMP_H
#define QD_TLS_PUMP_H

#include <openssl/ssl.h>

/* Carries bytes between a TLS connection and a plain socket, both non-blocking, until one of them ends or stop_fd is
 * readable. Shakes hands first; when that fails nothing is carried. Closes neither. */
void qd_tls_pump(SSL *tls, int outer_fd, int inner_fd, int stop_fd);

#endif
