#ifndef QD_APPLIED_H
#define QD_APPLIED_H

#include "core/rpc.h"
#include "qdrant/error.h"

/* A file to which the ids of every upsert that was carried out are appended: what a server that is killed had done.
 * Thread-safe. */
typedef struct qd_applied qd_applied;

/* path: made if it is not there. INTERNAL names a file that cannot be opened; NO_MEMORY. */
qdrant_status qd_applied_open(const char *path, qd_applied **applied, qdrant_error *err);
void qd_applied_close(qd_applied *applied); /* NULL is fine */

/* Appends the numbers among the ids that the request stored, with one write. INTERNAL, NO_MEMORY. */
qdrant_status qd_applied_add(
    qd_applied *applied, const qd_rpc *rpc, const ProtobufCMessage *request, qdrant_error *err);

#endif
