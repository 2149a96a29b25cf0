#include "tls/pem.h"

#include "core/error.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

static BIO *open_text(const qd_pem *pem, qdrant_error *err) {
  BIO *text = BIO_new_mem_buf(pem->text, -1);
  if (text == NULL)
    qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was checked", pem->option);
  return text;
}

/* OpenSSL would ask a terminal. */
static int refuse_passphrase(char *out, int n_out, int is_writing, void *was_asked) {
  (void)out, (void)n_out, (void)is_writing;
  *(int *)was_asked = 1;
  return -1;
}

static X509 *read_certificate(BIO *text) {
  int was_asked = 0;
  return PEM_read_bio_X509_AUX(text, NULL, refuse_passphrase, &was_asked);
}

/* Whether the last failure was that no further "-----BEGIN" follows. */
static int is_at_end(void) {
  unsigned long failure = ERR_peek_last_error();
  return ERR_GET_LIB(failure) == ERR_LIB_PEM && ERR_GET_REASON(failure) == PEM_R_NO_START_LINE;
}

qdrant_status qd_pem_check_certificates(const qd_pem *pem, qdrant_error *err) {
  X509 *certificate = NULL;
  size_t n_certificates = 0;
  BIO *text = open_text(pem, err);
  if (text == NULL)
    return QDRANT_NO_MEMORY;
  ERR_clear_error();
  while ((certificate = read_certificate(text)) != NULL) {
    X509_free(certificate);
    n_certificates++;
  }
  int is_whole = is_at_end();
  ERR_clear_error();
  BIO_free(text);
  if (!is_whole) {
    return qd_fail(err, QDRANT_CONFIG_INVALID, "%s \"%s\": certificate %zu of the file is damaged", pem->option,
        pem->path, n_certificates + 1);
  }
  if (n_certificates == 0) {
    return qd_fail(err, QDRANT_CONFIG_INVALID,
        "%s \"%s\" holds no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\" and on)", pem->option, pem->path);
  }
  return QDRANT_OK;
}

static qdrant_status read_key(const qd_pem *pem, EVP_PKEY **key, qdrant_error *err) {
  int was_asked = 0;
  BIO *text = open_text(pem, err);
  if (text == NULL)
    return QDRANT_NO_MEMORY;
  *key = PEM_read_bio_PrivateKey(text, NULL, refuse_passphrase, &was_asked);
  BIO_free(text);
  if (*key != NULL)
    return QDRANT_OK;
  const char *what = was_asked ? "has a passphrase, which cannot be given: write it without one (openssl pkey)"
                               : "holds no private key in PEM form (\"-----BEGIN PRIVATE KEY-----\" and on)";
  return qd_fail(err, QDRANT_CONFIG_INVALID, "%s \"%s\" %s", pem->option, pem->path, what);
}

qdrant_status qd_pem_check_key(const qd_pem *key_pem, const qd_pem *certificates, qdrant_error *err) {
  EVP_PKEY *key = NULL;
  X509 *first = NULL;
  BIO *text = NULL;
  qdrant_status status = read_key(key_pem, &key, err);
  if (status != QDRANT_OK)
    goto end;
  text = open_text(certificates, err);
  first = text != NULL ? read_certificate(text) : NULL;
  if (first == NULL)
    status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was checked", certificates->option);
  else if (X509_check_private_key(first, key) != 1)
    status = qd_fail(err, QDRANT_CONFIG_INVALID, "%s \"%s\" is not the key of the first certificate of %s \"%s\"",
        key_pem->option, key_pem->path, certificates->option, certificates->path);
end:
  ERR_clear_error();
  BIO_free(text);
  X509_free(first);
  EVP_PKEY_free(key);
  return status;
}
