#ifndef QD_POOL_CANCEL_H
#define QD_POOL_CANCEL_H

#include "pool/attempt.h"

/* Cancellations, paced for each connection: Qdrant ends a connection on which more than 20 calls are reset in one
 * burst. What is over the pace is reported at once and reset by a timer later. */

/* As qd_transport_ops.cancel. */
void qd_attempt_cancel(qd_pool *pool, qd_call *call);

/* Resets all that wait, since the connection ends anyway. On the poller's thread. */
void qd_channel_cancel_waiting(qd_channel *channel);

#endif
