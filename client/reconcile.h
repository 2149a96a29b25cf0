#ifndef QD_RECONCILE_H
#define QD_RECONCILE_H

#include "client/operation.h"
#include "client/reconcile_rules.h"

/* Reading back: after a change that may have been made (a collection created, an alias moved ...) the operation's next
 * attempt asks the server how things are, in place of its own request. Then it has succeeded, is repeated, or ends with
 * the error it had. An operation reads back in whatever thread moves it on, as any attempt. */
typedef struct qd_reconcile {
  const qd_reconcile_rule *rule;
  const ProtobufCMessage *asked; /* the operation's own request, decoded */
  const qd_rpc *rpc;             /* and what else it has to be given back; body: owned while is_reading */
  qd_request request;
  qd_retry_class retry_class;
  int fills_timeout;
  qdrant_error error;
  qdrant_delivery delivery;
  uint32_t n_reads; /* attempts of this reading */
  int is_reading;
  int may_repeat; /* the reading has ended: the change was not made */
} qd_reconcile;

/* Makes a failed operation read back with its next attempt. 0: there is nothing to read, or no memory. */
int qd_reconcile_begin(qd_operation *operation);

int qd_reconcile_is_reading(const qd_operation *operation);

/* The attempt that read has ended, with success or not. OK: the change was made, and the operation has the reply that
 * it would have got. Else operation->error says why not, and whether it is the reading's error or, once it has ended,
 * the operation's own again. */
qdrant_status qd_reconcile_take(qd_operation *operation);

/* Gives up reading: the operation is as it was before, with its own error. */
void qd_reconcile_end(qd_operation *operation);

/* Whether a reading has just ended with "not made", so that the operation may be repeated; asked once. */
int qd_reconcile_may_repeat(qd_operation *operation);

/* Lets go of what a reading holds when its operation is freed. */
void qd_reconcile_drop(qd_operation *operation);

#endif
