#ifndef QD_OBSERVE_H
#define QD_OBSERVE_H

#include "client/operation.h"
#include "qdrant/hooks.h"

/* Who hears of a call: its histogram, the user's hooks, the log. While nobody listens, a call that ends well costs two
 * additions and a branch each time. */

/* What the hooks of a call have to be told; NULL in an operation when there are none. Lies in its arena. */
typedef struct qd_observed {
  uint64_t call_number;
  int64_t began_ns;
  qdrant_trace trace;
} qd_observed;

/* The call was taken. NO_MEMORY: no hook has heard of it. */
qdrant_status qd_observe_start(qd_operation *operation, qdrant_error *err);

/* The attempt under way, if one is, has ended as operation->error says. sleep_ns: until the next one; -1: none. */
void qd_observe_attempt(qd_operation *operation, int64_t sleep_ns);

/* The call has ended as operation->error says; just before its end is reported. */
void qd_observe_end(qd_operation *operation);

#endif
