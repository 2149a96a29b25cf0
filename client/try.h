#ifndef QD_TRY_H
#define QD_TRY_H

#include "client/operation.h"

/* Hands the operation to the transport once. OK: its `done` will run (or has run). Else operation->error says why not.
 */
qdrant_status qd_try_start(qd_operation *operation, void (*done)(qd_call *call));

/* Carries one attempt out in the calling thread. Its result is in operation->call as after `done`. Not OK with
 * operation->call untouched when it could not begin: operation->error says why. */
qdrant_status qd_try_run(qd_operation *operation);

/* Takes the result of an attempt that the transport ended: figures, delivery, operation->error. */
qdrant_status qd_try_take(qd_operation *operation);

/* Whether the operation, which has just failed, tries again, and after how long. */
int qd_try_is_again(qd_operation *operation, int64_t *sleep_ns);

/* The end of an operation that failed: the error as it is reported. */
void qd_try_finish_error(qd_operation *operation);

#endif
