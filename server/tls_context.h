#ifndef QD_TLS_CONTEXT_H
#define QD_TLS_CONTEXT_H

#include "qdrant/error.h"

#include <openssl/ssl.h>

/* What a TLS server shows and asks for, as PEM texts. */
typedef struct qd_tls_identity {
  const char *cert_pem; /* its certificate, and those between it and the root */
  const char *key_pem;
  const char *client_ca_pem; /* clients must have a certificate of one of these; NULL: none is asked for */
  int is_http2;              /* the protocol behind it: HTTP/2, else HTTP/1.1 */
} qd_tls_identity;

/* To be freed with SSL_CTX_free. INVALID_ARGUMENT says which text is wrong; NO_MEMORY. */
qdrant_status qd_tls_context_new(const qd_tls_identity *identity, SSL_CTX **context, qdrant_error *err);

#endif
