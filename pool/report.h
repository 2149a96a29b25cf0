#ifndef QD_REPORT_H
#define QD_REPORT_H

#include "pool/attempt.h"

/* The end of an attempt as the poller sees it. All on the poller's thread. */

/* Tags of the two batches. The first also runs where the call is started, before the second can. */
void qd_attempt_on_sent(void *attempt, int is_ok);
void qd_attempt_on_received(void *attempt, int is_ok);

/* Reports CANCELLED now, whatever core still does with the call. Does nothing when it is reported already. */
void qd_attempt_report_cancelled(qd_attempt *attempt);

/* Has core end the call, which then reports by itself. One that core has ended, and whose report is held back, is
 * reported as it ended. */
void qd_attempt_cancel_core(qd_attempt *attempt);

/* More is known about why connections fail: reports the attempts that wait for it. */
void qd_attempts_told(qd_pool *pool);

/* Takes the call back from the attempt, so that nobody else reports it; NULL when it is gone. Under the pool's lock,
 * any thread. */
qd_call *qd_attempt_detach(qd_attempt *attempt);

#endif
