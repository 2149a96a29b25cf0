#ifndef QD_PEM_H
#define QD_PEM_H

#include "qdrant/error.h"

/* A text and where it comes from, for errors. */
typedef struct qd_pem {
  const char *option; /* as "tls_ca_path" */
  const char *path;
  const char *text; /* ended by NUL */
} qd_pem;

/* Transports say of a bad file at most that something is wrong, and that as late as the first connection. So they are
 * looked at before: CONFIG_INVALID names option, path and what is wrong. Nothing of a key is ever in a message. */

/* All certificates of the file are whole, and there is at least one. */
qdrant_status qd_pem_check_certificates(const qd_pem *pem, qdrant_error *err);

/* The key is one, has no passphrase, and belongs to the first certificate. */
qdrant_status qd_pem_check_key(const qd_pem *key, const qd_pem *certificates, qdrant_error *err);

#endif
