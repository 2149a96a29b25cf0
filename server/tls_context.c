#include "server/tls_context.h"

#include "core/error.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

/* 0 when there is no certificate in the text. The first one is the server's own. */
static int use_chain(SSL_CTX *context, BIO *text) {
  X509 *certificate = PEM_read_bio_X509(text, NULL, NULL, NULL);
  int is_used = certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1;
  X509_free(certificate);
  while (is_used && (certificate = PEM_read_bio_X509(text, NULL, NULL, NULL)) != NULL)
    is_used = SSL_CTX_add0_chain_cert(context, certificate) == 1;
  return is_used;
}

static int use_key(SSL_CTX *context, BIO *text) {
  EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, NULL, NULL);
  int is_used = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
  EVP_PKEY_free(key);
  return is_used;
}

static int use_client_roots(SSL_CTX *context, BIO *text) {
  X509_STORE *roots = SSL_CTX_get_cert_store(context);
  X509 *root = NULL;
  int n_roots = 0;
  while ((root = PEM_read_bio_X509(text, NULL, NULL, NULL)) != NULL) {
    n_roots += X509_STORE_add_cert(roots, root) == 1 && SSL_CTX_add_client_CA(context, root) == 1;
    X509_free(root);
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  return n_roots > 0;
}

static qdrant_status use_text(SSL_CTX *context, int (*use)(SSL_CTX *context, BIO *text), const char *pem,
    const char *name, const char *what, qdrant_error *err) {
  BIO *text = BIO_new_mem_buf(pem, -1);
  if (text == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  int is_used = use(context, text);
  BIO_free(text);
  ERR_clear_error();
  return is_used ? QDRANT_OK : qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is not %s in PEM form", name, what);
}

/* is_http2: not NULL for HTTP/2. */
static int choose_protocol(SSL *tls, const unsigned char **out, unsigned char *n_out, const unsigned char *in,
    unsigned int n_in, void *is_http2) {
  static const unsigned char http2[] = {2, 'h', '2'};
  static const unsigned char http1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  (void)tls;
  const unsigned char *wish = is_http2 != NULL ? http2 : http1;
  unsigned int n_wish = is_http2 != NULL ? sizeof http2 : sizeof http1;
  unsigned char *chosen = NULL;
  if (SSL_select_next_proto(&chosen, n_out, wish, n_wish, in, n_in) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

qdrant_status qd_tls_context_new(const qd_tls_identity *identity, SSL_CTX **context, qdrant_error *err) {
  SSL_CTX *made = SSL_CTX_new(TLS_server_method());
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
  qdrant_status status = use_text(made, use_chain, identity->cert_pem, "tls_cert_pem", "a certificate", err);
  if (status == QDRANT_OK)
    status = use_text(made, use_key, identity->key_pem, "tls_key_pem", "the certificate's private key", err);
  if (status == QDRANT_OK && identity->client_ca_pem != NULL)
    status = use_text(made, use_client_roots, identity->client_ca_pem, "tls_client_ca_pem", "a certificate", err);
  if (status == QDRANT_OK) {
    SSL_CTX_set_alpn_select_cb(made, choose_protocol, identity->is_http2 ? made : NULL);
    *context = made;
  } else {
    SSL_CTX_free(made);
  }
  return status;
}
