#ifndef QDRANT_METRICS_H
#define QDRANT_METRICS_H

#include "qdrant/client.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Counters and latencies of a client, by RPC, endpoint and outcome. Always kept: counting takes no lock. */

/* Bounds of a histogram: bucket i holds what took at most 0.1 ms * 2^i, the last one everything slower. */
enum { QDRANT_N_BUCKETS = 20 };

/* Attempts of one RPC at one endpoint that ended alike. */
typedef struct qdrant_metric {
  size_t size;          /* sizeof(qdrant_metric) */
  const char *rpc;      /* "Points/Upsert" */
  const char *endpoint; /* "http://127.0.0.1:6334"; "" when the attempt reached none */
  qdrant_status outcome;
  uint64_t n;
  uint64_t sum_ns;                    /* of their durations */
  uint64_t buckets[QDRANT_N_BUCKETS]; /* not cumulative */
} qdrant_metric;

/* Called once a metric that is not zero; borrowed. 0 ends the walk. */
typedef int (*qdrant_metric_visitor)(void *user, const qdrant_metric *metric);

/* Walks over all metrics, in the order of RPCs, endpoints and outcomes. Any thread. */
QDRANT_API qdrant_status qdrant_client_metrics(
    qdrant_client *client, qdrant_metric_visitor visit, void *user, qdrant_error *err);

/* The upper bound of bucket i in nanoseconds; UINT64_MAX for the last one. */
QDRANT_API uint64_t qdrant_bucket_bound_ns(size_t i);

/* All figures of a client, those of qdrant_client_stats too, in Prometheus' text format (version 0.0.4). labels: put
 * into every sample, as "job=\"nightly\""; NULL: none. The text is the caller's, freed with qdrant_metrics_free. */
QDRANT_API qdrant_status qdrant_client_metrics_text(
    qdrant_client *client, const char *labels, char **text, size_t *n_bytes, qdrant_error *err);
QDRANT_API void qdrant_metrics_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
