#ifndef QD_REPORT_H
#define QD_REPORT_H

#include "pool/attempt.h"

/* The end of an attempt as the poller sees it. All on the poller's thread. */

/* Tags of the two batches. The first also runs where the call is started, before the second can. */
void qd_attempt_on_sent(void *attempt, int is_ok);
void qd_attempt_on_received(void *attempt, int is_ok);

/* Reports CANCELLED now, whatever core still does with the call. Does nothing when it is reported already. */
void qd_attempt_report_cancelled(qd_attempt *attempt);

/* Has core end the call, which then reports by itself. Does nothing when core has ended it. */
void qd_attempt_cancel_core(qd_attempt *attempt);

/* Takes the call back from the attempt, so that nobody else reports it; NULL when it is gone. Under the pool's lock,
 * any thread. */
qd_call *qd_attempt_detach(qd_attempt *attempt);

#endif
