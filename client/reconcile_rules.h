#ifndef QD_RECONCILE_RULES_H
#define QD_RECONCILE_RULES_H

#include "core/rpc.h"

/* What a look at the server says about a change that may have been made. */
typedef enum qd_finding {
  QD_FOUND_UNDECIDED, /* neither nor: somebody else's, say */
  QD_FOUND_NOT_DONE,
  QD_FOUND_DONE
} qd_finding;

/* How it is found out whether an RPC was carried out: the RPC that reads, about the same collection, and the judge of
 * its reply (NULL: the server says NOT_FOUND). */
typedef struct qd_reconcile_rule {
  qdrant_rpc rpc;
  qdrant_rpc reader;
  qd_finding (*judge)(const ProtobufCMessage *request, const ProtobufCMessage *reply);
} qd_reconcile_rule;

/* NULL: nothing that can be read tells. Making a snapshot is such a call: each makes another file, under a name that
 * the server chooses, and which of those listed is this call's cannot be known. */
const qd_reconcile_rule *qd_reconcile_rule_find(qdrant_rpc rpc);

#endif
