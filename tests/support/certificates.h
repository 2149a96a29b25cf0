#ifndef TEST_CERTIFICATES_H
#define TEST_CERTIFICATES_H

#include "tests/support/grpc_peer.h"

/* Certificates made for this run, as PEM files:
 *   ca.pem, other.pem   two authorities
 *   good.pem            of ca, for 127.0.0.1 and qdrant.test; other_good.pem the same of other
 *   wrong.pem           of ca, for another name; expired.pem, future.pem: of ca, no longer and not yet valid
 *   self.pem            signed by itself
 *   client.pem          of ca, for a client, with client.key; stranger.pem the same of other; stale.pem expired
 * All but the authorities and the client's have server.key. */

/* For cmocka's group: makes them, and takes them away. */
int certificates_make(void **state);
int certificates_remove(void **state);

/* Of a file beside them; valid until the next four calls on this thread. */
const char *certificate_path(const char *name);

/* Writes text into a file beside them, in place of what it held (NULL: takes it away). */
void certificate_write(const char *name, const char *text);

/* Writes the key of one file into another, behind a passphrase. */
void certificate_lock_key(const char *name, const char *locked_name);

/* What a file holds; to be freed with free. */
char *certificate_text(const char *name);

/* A gRPC server, which is HTTP/2 over TLS, that shows this certificate. */
grpc_peer *start_tls_peer(const char *cert_name);

#endif
