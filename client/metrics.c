#include "client/metrics.h"

#include "core/alloc.h"

#include <string.h>

#define N_ROWS ((size_t)QDRANT_N_RPCS + 1) /* the last one: calls that only REST has */
#define FIRST_BOUND_NS UINT64_C(100000)

static const qdrant_status outcomes[] = {
#define QDRANT_STATUS_ROW(name, number, text) QDRANT_##name,
#include "qdrant/status.def"
#undef QDRANT_STATUS_ROW
};

enum { N_OUTCOMES = sizeof outcomes / sizeof outcomes[0] };

/* How many samples there are is the sum of the buckets. */
typedef struct histogram {
  atomic_uint_fast64_t buckets[QDRANT_N_BUCKETS];
  atomic_uint_fast64_t sum_ns;
} histogram;

/* Attempts of one RPC at one endpoint. */
typedef struct series {
  void *_Atomic outcomes[N_OUTCOMES]; /* histogram; NULL: none yet */
} series;

uint64_t qdrant_bucket_bound_ns(size_t i) {
  return i < QDRANT_N_BUCKETS - 1 ? FIRST_BOUND_NS << i : UINT64_MAX;
}

int qd_metrics_init(qd_metrics *metrics, size_t n_endpoints) {
  metrics->n_endpoints = n_endpoints;
  metrics->rows = qd_zalloc(N_ROWS * (n_endpoints + 1) * sizeof *metrics->rows);
  return metrics->rows != NULL;
}

static void free_row(series *row) {
  for (size_t i = 0; row != NULL && i < N_OUTCOMES; i++)
    qd_free(atomic_load(&row->outcomes[i]));
  qd_free(row);
}

void qd_metrics_destroy(qd_metrics *metrics) {
  for (size_t i = 0; metrics->rows != NULL && i < N_ROWS * (metrics->n_endpoints + 1); i++)
    free_row(atomic_load(&metrics->rows[i]));
  qd_free((void *)metrics->rows);
}

static size_t find_bucket(uint64_t duration_ns) {
  size_t i = 0;
  while (duration_ns > qdrant_bucket_bound_ns(i))
    i++;
  return i;
}

static size_t find_outcome(qdrant_status status) {
  for (size_t i = 0; i < N_OUTCOMES; i++)
    if (outcomes[i] == status)
      return i;
  return QDRANT_UNKNOWN; /* gRPC's numbers are their own positions */
}

/* Of several threads that miss a part at once one puts its own in, and the others take that. NULL: out of memory. */
static void *take_part(void *_Atomic *place, size_t n_bytes) {
  void *found = atomic_load_explicit(place, memory_order_acquire);
  if (found != NULL)
    return found;
  void *made = qd_zalloc(n_bytes);
  if (made == NULL || atomic_compare_exchange_strong(place, &found, made))
    return made;
  qd_free(made);
  return found;
}

void qd_metrics_count(
    qd_metrics *metrics, qdrant_rpc rpc, uint32_t endpoint, qdrant_status outcome, int64_t duration_ns) {
  uint64_t taken_ns = duration_ns > 0 ? (uint64_t)duration_ns : 0;
  size_t place = endpoint < metrics->n_endpoints ? endpoint : metrics->n_endpoints;
  series *row = take_part(&metrics->rows[(size_t)rpc * (metrics->n_endpoints + 1) + place], sizeof *row);
  histogram *counted = row != NULL ? take_part(&row->outcomes[find_outcome(outcome)], sizeof *counted) : NULL;
  if (counted == NULL) {
    atomic_fetch_add_explicit(&metrics->n_lost, 1, memory_order_relaxed);
    return;
  }
  atomic_fetch_add_explicit(&counted->buckets[find_bucket(taken_ns)], 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&counted->sum_ns, taken_ns, memory_order_relaxed);
}

static int visit_histogram(
    histogram *counted, qdrant_metric *metric, qd_metrics_visitor visit, void *user, size_t endpoint) {
  metric->n = 0;
  metric->sum_ns = atomic_load_explicit(&counted->sum_ns, memory_order_relaxed);
  for (size_t i = 0; i < QDRANT_N_BUCKETS; i++) {
    metric->buckets[i] = atomic_load_explicit(&counted->buckets[i], memory_order_relaxed);
    metric->n += metric->buckets[i];
  }
  return metric->n == 0 || visit(user, (uint32_t)endpoint, metric);
}

static int visit_row(series *row, size_t rpc, size_t endpoint, qd_metrics_visitor visit, void *user) {
  qdrant_metric metric = {.size = sizeof metric};
  metric.rpc = rpc < QDRANT_N_RPCS ? qdrant_rpc_name((qdrant_rpc)rpc) : "REST";
  for (size_t i = 0; i < N_OUTCOMES; i++) {
    histogram *counted = atomic_load_explicit(&row->outcomes[i], memory_order_acquire);
    metric.outcome = outcomes[i];
    if (counted != NULL && !visit_histogram(counted, &metric, visit, user, endpoint))
      return 0;
  }
  return 1;
}

void qd_metrics_walk(const qd_metrics *metrics, qd_metrics_visitor visit, void *user) {
  size_t width = metrics->n_endpoints + 1;
  for (size_t i = 0; i < N_ROWS * width; i++) {
    series *row = atomic_load_explicit(&metrics->rows[i], memory_order_acquire);
    if (row != NULL && !visit_row(row, i / width, i % width, visit, user))
      return;
  }
}
