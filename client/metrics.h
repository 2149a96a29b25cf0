#ifndef QD_METRICS_H
#define QD_METRICS_H

#include "qdrant/metrics.h"
#include "qdrant/rpc.h"

#include <stdatomic.h>

/* How long attempts took, by RPC, endpoint and outcome. Counting takes no lock and, on a path that was trodden before,
 * costs two additions: the parts of the table are made by whoever needs them first. */
typedef struct qd_metrics {
  void *_Atomic *rows; /* by RPC, then endpoint; the endpoint after the last: none was reached. NULL: none yet */
  size_t n_endpoints;
  atomic_uint_fast64_t n_lost; /* samples that found no memory */
} qd_metrics;

/* 0 when out of memory. */
int qd_metrics_init(qd_metrics *metrics, size_t n_endpoints);
void qd_metrics_destroy(qd_metrics *metrics);

/* rpc: QDRANT_N_RPCS for a call of REST alone. endpoint: n_endpoints or more when none was reached. */
void qd_metrics_count(
    qd_metrics *metrics, qdrant_rpc rpc, uint32_t endpoint, qdrant_status outcome, int64_t duration_ns);

/* What one visit is about; endpoint as it was counted, at most n_endpoints. 0 ends the walk. */
typedef int (*qd_metrics_visitor)(void *user, uint32_t endpoint, qdrant_metric *metric);

/* All that is not zero, in order; endpoint of the metric is left to the visitor. */
void qd_metrics_walk(const qd_metrics *metrics, qd_metrics_visitor visit, void *user);

#endif
