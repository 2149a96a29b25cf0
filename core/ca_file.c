#include "core/ca_file.h"

#include "core/alloc.h"
#include "core/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The system's bundle of all public roots is about 220 kB. */
enum { MAX_CA_BYTES = 8 * 1024 * 1024, READ_STEP_BYTES = 64 * 1024 };

static const char pem_begin[] = "-----BEGIN CERTIFICATE-----";
static const char pem_end[] = "-----END CERTIFICATE-----";
static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

/* A certificate is a DER sequence, whose base64 begins with "MI"; anything else between the lines is not one. */
static int is_certificate_body(const char *text, size_t n_bytes) {
  size_t n_digits = 0;
  for (size_t i = 0; i < n_bytes; i++) {
    if (strchr("\r\n \t", text[i]) != NULL && text[i] != '\0')
      continue;
    if (text[i] == '\0' || strchr(base64_digits, text[i]) == NULL)
      return 0;
    if (n_digits < 2 && text[i] != "MI"[n_digits])
      return 0;
    n_digits++;
  }
  return n_digits >= 4 && n_digits % 4 == 0;
}

static qdrant_status check_pem(const char *path, const char *pem, qdrant_error *err) {
  size_t n_certificates = 0;
  const char *at = pem;
  while ((at = strstr(at, pem_begin)) != NULL) {
    at += sizeof pem_begin - 1;
    const char *end = strstr(at, pem_end);
    n_certificates++;
    if (end == NULL || !is_certificate_body(at, (size_t)(end - at))) {
      return qd_fail(err, QDRANT_CONFIG_INVALID, "tls_ca_path \"%s\": certificate %zu of the file is damaged", path,
          n_certificates);
    }
    at = end;
  }
  if (n_certificates == 0) {
    return qd_fail(err, QDRANT_CONFIG_INVALID,
        "tls_ca_path \"%s\" holds no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\" and on)", path);
  }
  return QDRANT_OK;
}

static qdrant_status read_all(FILE *file, const char *path, char **pem, qdrant_error *err) {
  size_t n_bytes = 0;
  for (;;) {
    char *grown = qd_realloc(*pem, n_bytes + READ_STEP_BYTES + 1);
    if (grown == NULL)
      return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while reading tls_ca_path \"%s\"", path);
    *pem = grown;
    size_t n_read = fread(grown + n_bytes, 1, READ_STEP_BYTES, file);
    n_bytes += n_read;
    grown[n_bytes] = '\0';
    if (n_read < READ_STEP_BYTES)
      break;
    if (n_bytes > MAX_CA_BYTES)
      return qd_fail(err, QDRANT_CONFIG_INVALID, "tls_ca_path \"%s\" is larger than %d bytes", path, MAX_CA_BYTES);
  }
  if (ferror(file))
    return qd_fail(err, QDRANT_CONFIG_INVALID, "tls_ca_path \"%s\" cannot be read: %s", path, strerror(errno));
  return QDRANT_OK;
}

qdrant_status qd_ca_file_read(const char *path, char **pem, qdrant_error *err) {
  *pem = NULL;
  FILE *file = fopen(path, "rbe");
  if (file == NULL)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "tls_ca_path \"%s\" cannot be opened: %s", path, strerror(errno));
  qdrant_status status = read_all(file, path, pem, err);
  fclose(file);
  if (status == QDRANT_OK)
    status = check_pem(path, *pem, err);
  if (status != QDRANT_OK) {
    qd_free(*pem);
    *pem = NULL;
  }
  return status;
}
