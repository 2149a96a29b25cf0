#ifndef QD_READY_H
#define QD_READY_H

#include "core/transport.h"
#include "pool/pool.h"

/* As qd_transport_ops.wait_ready. Ends early when no waiting can help, e.g. with a refused certificate. */
qdrant_status qd_pool_wait_ready(qd_pool *pool, int64_t deadline_ns, qdrant_error *err);

/* Whether there is a connection, or why not. */
qdrant_endpoint_state qd_pool_state(qd_pool *pool);

/* As qd_transport_ops.stats. */
void qd_pool_stats(qd_pool *pool, qdrant_stats *stats);

#endif
