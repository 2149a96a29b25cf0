#ifndef QD_TLS_OPTIONS_H
#define QD_TLS_OPTIONS_H

#include "qdrant/client.h"

/* What both transports are told about TLS. Texts are borrowed; NULL: not given. */
typedef struct qd_tls_options {
  const char *ca_path;   /* NULL: the system's roots */
  const char *cert_path; /* with key_path, or neither */
  const char *key_path;
  const char *server_name; /* NULL: the host */
  qdrant_tls_verify verify;
  int64_t reload_ms; /* -1: the files are read at open only */
} qd_tls_options;

#endif
