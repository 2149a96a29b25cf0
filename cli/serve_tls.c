#include "cli/serve_tls.h"
#include "cli/fail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { max_pem_bytes = 1 << 20 };

static qdrant_status read_pem(const char *option, const char *path, char **pem, qdrant_error *err) {
  if (!path)
    return QDRANT_OK;
  FILE *file = fopen(path, "re");
  *pem = file ? calloc(1, max_pem_bytes) : NULL;
  size_t n_bytes = *pem ? fread(*pem, 1, max_pem_bytes, file) : 0;
  qdrant_status status = QDRANT_OK;
  if (!file || ferror(file))
    status = qd_cli_fail(err, QDRANT_IO_ERROR, "--%s %s: %s", option, path, strerror(errno));
  else if (!*pem)
    status = qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
  else if (n_bytes == max_pem_bytes)
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--%s %s: the file is too large", option, path);
  if (file)
    fclose(file);
  return status;
}

qdrant_status qd_cli_read_certificates(qd_cli *cli, qd_cli_certificates *certificates, qdrant_mock_options *options) {
  const qd_args *args = &cli->args;
  if (!args->tls_cert != !args->tls_key)
    return qd_cli_misuse(cli, "--tls-cert and --tls-key go together");
  if (args->tls_ca && !args->tls_cert)
    return qd_cli_misuse(cli, "--tls-ca, of which clients' certificates must be, needs --tls-cert and --tls-key");
  qdrant_status status = read_pem("tls-cert", args->tls_cert, &certificates->cert_pem, &cli->err);
  if (status == QDRANT_OK)
    status = read_pem("tls-key", args->tls_key, &certificates->key_pem, &cli->err);
  if (status == QDRANT_OK)
    status = read_pem("tls-ca", args->tls_ca, &certificates->client_ca_pem, &cli->err);
  options->tls_cert_pem = certificates->cert_pem;
  options->tls_key_pem = certificates->key_pem;
  options->tls_client_ca_pem = certificates->client_ca_pem;
  return status;
}

void qd_cli_free_certificates(qd_cli_certificates *certificates) {
  if (certificates->key_pem)
    explicit_bzero(certificates->key_pem, max_pem_bytes);
  free(certificates->cert_pem);
  free(certificates->key_pem);
  free(certificates->client_ca_pem);
}
