#ifndef QD_MATERIAL_H
#define QD_MATERIAL_H

#include "tls/tls_options.h"

#include <stdatomic.h>

/* The texts of the certificate files as they were at one moment, checked. Does not change; counted; wiped at the end.
 */
typedef struct qd_material {
  atomic_uint refs;
  uint64_t generation; /* grows with each change of a file */
  char *ca_pem;        /* NULL: the system's roots */
  char *cert_pem;      /* NULL: no client certificate */
  char *key_pem;
} qd_material;

void qd_material_unref(qd_material *material); /* NULL is fine */

/* The files, looked at again from time to time. Thread-safe. */
typedef struct qd_material_files qd_material_files;

/* Reads and checks the files. CONFIG_INVALID names option, path and fault; NO_MEMORY. */
qdrant_status qd_material_open(const qd_tls_options *options, qd_material_files **files, qdrant_error *err);

/* What holds for a connection that is made now; the caller gives the reference back. Looks at the files if it is time
 * to. Files that have changed into something useless are told to the log, and what was read before goes on to hold. */
qd_material *qd_material_take(qd_material_files *files);

void qd_material_close(qd_material_files *files); /* NULL is fine */

#endif
