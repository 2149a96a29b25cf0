#ifndef QD_CLI_SERVE_TLS_H
#define QD_CLI_SERVE_TLS_H

#include "cli/cli.h"
#include "qdrant/mock.h"

/* The certificates of a server, read from the files of the command line. */
typedef struct qd_cli_certificates {
  char *cert_pem, *key_pem, *client_ca_pem;
} qd_cli_certificates;

/* Reads what --tls-cert, --tls-key and --tls-ca name, and gives it to the options. To be freed also after a failure. */
qdrant_status qd_cli_read_certificates(qd_cli *cli, qd_cli_certificates *certificates, qdrant_mock_options *options);
void qd_cli_free_certificates(qd_cli_certificates *certificates);

#endif
