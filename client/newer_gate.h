#ifndef QD_NEWER_GATE_H
#define QD_NEWER_GATE_H

#include "client/operation.h"

/* Whether a request may go to a server that perhaps does not know all its fields (options.newer_fields). */

/* Whether it has to be looked at at all: the servers are not known to be new. */
int qd_newer_is_wanted(const qdrant_client *client);

/* Before the first attempt, in the calling thread: asks the server's version if the operation's newer fields need it,
 * then refuses (UNSUPPORTED) or leaves out by rule. */
qdrant_status qd_newer_settle(qd_operation *operation, qdrant_error *err);

/* The same for an operation that was admitted and is started. What need not be asked is settled before it returns;
 * else the operation begins when the answer is there. Takes the caller's reference when it returns OK. */
qdrant_status qd_newer_start(qd_operation *operation, qdrant_error *err);

#endif
