#ifndef QD_CLOSE_H
#define QD_CLOSE_H

#include "pool/attempt.h"

/* As qd_transport_ops.close in the process that opened the pool. Core gets at least a quarter of a second to let go of
 * cancelled calls. */
void qd_pool_close(qd_pool *pool, int64_t deadline_ns);

/* Frees the pool's own memory, and nothing else: for a pool that never began, and for a forked child. */
void qd_pool_free(qd_pool *pool);

/* Calls look, which may end it, for each attempt in flight. On the poller's thread. */
void qd_pool_each_in_flight(qd_pool *pool, void (*look)(qd_attempt *attempt));

#endif
