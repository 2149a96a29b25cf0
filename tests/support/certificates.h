#ifndef TEST_CERTIFICATES_H
#define TEST_CERTIFICATES_H

#include "tests/support/grpc_peer.h"

/* Certificates made by the openssl program for this run: ca.pem; good.pem for 127.0.0.1 and qdrant.test, wrong.pem for
 * another name, expired.pem, all of server.key and signed by ca; and other.pem, another CA. */

/* For cmocka's group: makes them, and takes them away. Without the program they are not there, and that is said. */
int certificates_make(void **state);
int certificates_remove(void **state);
int have_certificates(void);

/* Of a file beside them; valid until the next call on this thread. */
const char *certificate_path(const char *name);

/* A gRPC server, which is HTTP/2 over TLS, that shows this certificate. */
grpc_peer *start_tls_peer(const char *cert_name);

#endif
