#include "endpoints/endpoints_transport.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "endpoints/choice.h"
#include "endpoints/trip.h"
#include "endpoints/watch.h"

enum {
  READY_STEP_MS = 50,
  MIN_CLOSE_MS = 250,
  DEFAULT_UNIT_MS = 1000,
  MAX_KEPT_ARENAS = 64,
  MAX_KEPT_ARENA_BYTES = 1 << 20
};

/* Kept in reach, so that a leak checker tells them from a mistake. */
static pthread_mutex_t leaked_lock = PTHREAD_MUTEX_INITIALIZER;
static qd_cluster *first_leaked;
static atomic_ullong n_leaked;

uint64_t qd_endpoints_leaks(void) {
  return atomic_load(&n_leaked);
}

static qdrant_status start_call(void *self, qd_call *call) {
  return qd_trip_start(self, call);
}

static void cancel_call(void *self, qd_call *call) {
  qd_trip_cancel(self, call);
}

/* Files are what single nodes keep. */
static void transfer_file(void *self, qd_transfer *transfer) {
  qd_cluster *cluster = self;
  const qd_transport *first = &cluster->endpoints[0].transport;
  first->ops->transfer(first->self, transfer);
}

static qdrant_status wait_for(const qd_transport *transport, int64_t deadline_ns, qdrant_error *err) {
  qd_error_clear(err);
  if (transport->ops->wait_ready == NULL)
    return QDRANT_OK;
  int64_t step_ns = qd_deadline_in_ms(READY_STEP_MS);
  return transport->ops->wait_ready(transport->self, step_ns < deadline_ns ? step_ns : deadline_ns, err);
}

/* Any will do. The reason of the first is told, if all fail. */
static qdrant_status wait_ready(void *self, int64_t deadline_ns, qdrant_error *err) {
  qd_cluster *cluster = self;
  qdrant_error reason;
  int is_hopeless = 0;
  qd_error_clear(&reason);
  do {
    is_hopeless = 1;
    for (size_t i = 0; i < cluster->n_endpoints; i++) {
      qdrant_error latest;
      if (wait_for(&cluster->endpoints[i].transport, deadline_ns, &latest) == QDRANT_OK)
        return QDRANT_OK;
      is_hopeless = is_hopeless && (latest.is_permanent || latest.status == QDRANT_CLOSED);
      if (i == 0)
        qd_error_copy(&reason, &latest);
    }
  } while (!is_hopeless && !qd_deadline_has_passed(deadline_ns));
  return qd_error_pass(err, &reason);
}

static void add_stats(void *self, qdrant_stats *stats) {
  qd_cluster *cluster = self;
  int has_name = 0;
  for (size_t i = 0; i < cluster->n_endpoints; i++) {
    const qd_transport *transport = &cluster->endpoints[i].transport;
    qdrant_stats each = {.transport = transport->ops->name};
    if (transport->ops->stats != NULL)
      transport->ops->stats(transport->self, &each);
    stats->n_connections += each.n_connections;
    stats->n_ready += each.n_ready;
    stats->n_used += each.n_used;
    stats->n_fallback += each.n_fallback;
    if (i == 0 || (!has_name && each.n_ready > 0))
      stats->transport = each.transport;
    has_name = has_name || each.n_ready > 0;
  }
}

static void fill_endpoint_stats(void *self, size_t number, qdrant_endpoint_stats *stats) {
  qd_cluster *cluster = self;
  const qd_endpoint *endpoint = &cluster->endpoints[number];
  int64_t now_ns = qd_now_ns();
  pthread_mutex_lock(&cluster->lock);
  qd_cluster_look(cluster, now_ns);
  stats->url = endpoint->url;
  stats->state = qd_endpoint_state_of(endpoint);
  stats->n_calls_in_flight = endpoint->n_in_flight;
  stats->n_calls = endpoint->n_calls;
  stats->n_failed = endpoint->n_failed;
  stats->n_ejections = endpoint->health.n_ejections;
  stats->n_hedges = endpoint->n_hedges;
  if (qd_health_is_out(&endpoint->health) && endpoint->health.ejected_until_ns > now_ns)
    stats->ejected_ms = (endpoint->health.ejected_until_ns - now_ns + QD_NS_PER_MS - 1) / QD_NS_PER_MS;
  pthread_mutex_unlock(&cluster->lock);
}

static void leak(qd_cluster *cluster) {
  atomic_fetch_add(&n_leaked, 1);
  pthread_mutex_lock(&leaked_lock);
  cluster->next_leaked = first_leaked;
  first_leaked = cluster;
  pthread_mutex_unlock(&leaked_lock);
}

static void free_memory(qd_cluster *cluster) {
  for (size_t i = 0; cluster->endpoints != NULL && i < cluster->n_endpoints; i++)
    qd_arena_free(cluster->endpoints[i].check.arena);
  qd_free(cluster->endpoints);
  qd_free(cluster);
}

static void free_cluster(qd_cluster *cluster) {
  qd_alarms_destroy(&cluster->alarms);
  pthread_mutex_destroy(&cluster->lock);
  qd_arena_pool_unref(cluster->arenas);
  free_memory(cluster);
}

static void close_transports(qd_cluster *cluster, int64_t deadline_ns, int is_child) {
  for (size_t i = 0; i < cluster->n_endpoints; i++) {
    const qd_transport *transport = &cluster->endpoints[i].transport;
    int64_t earliest_ns = i > 0 ? qd_deadline_in_ms(MIN_CLOSE_MS) : 0;
    transport->ops->close(transport->self, deadline_ns > earliest_ns ? deadline_ns : earliest_ns, is_child);
  }
}

/* A callback that holds a thread up needs us when it returns. */
static int is_needed(qd_cluster *cluster) {
  int is_in_use = 0;
  pthread_mutex_lock(&cluster->lock);
  for (size_t i = 0; i < cluster->n_endpoints; i++)
    is_in_use = is_in_use || cluster->endpoints[i].n_in_flight > 0 || cluster->endpoints[i].check.is_under_way;
  pthread_mutex_unlock(&cluster->lock);
  return is_in_use;
}

/* In a child neither the locks nor the pool of arenas is touched: a thread that is not there may hold them. */
static void close_cluster(void *self, int64_t deadline_ns, int is_child) {
  qd_cluster *cluster = self;
  if (is_child) {
    close_transports(cluster, deadline_ns, 1);
    qd_alarms_abandon(&cluster->alarms);
    free_memory(cluster);
    return;
  }
  pthread_mutex_lock(&cluster->lock);
  cluster->is_closing = 1;
  pthread_mutex_unlock(&cluster->lock);
  qd_alarms_stop(&cluster->alarms);
  close_transports(cluster, deadline_ns, 0);
  if (is_needed(cluster))
    leak(cluster);
  else
    free_cluster(cluster);
}

static const qd_transport_ops endpoints_ops = {
    .name = "endpoints",
    .accepts = QD_REQUEST_BYTES | QD_REQUEST_HTTP,
    .start = start_call,
    .cancel = cancel_call,
    .transfer = transfer_file,
    .wait_ready = wait_ready,
    .stats = add_stats,
    .endpoint_stats = fill_endpoint_stats,
    .close = close_cluster,
};

static int open_endpoint(qd_cluster *cluster, size_t i, const char *url, const qd_transport *transport) {
  qd_endpoint *endpoint = &cluster->endpoints[i];
  endpoint->check.arena = qd_arena_new(1024);
  endpoint->cluster = cluster;
  endpoint->number = (uint32_t)i;
  endpoint->url = url;
  endpoint->transport = *transport;
  return endpoint->check.arena != NULL;
}

/* What not every endpoint takes none is asked for. */
static void fill_ops(qd_cluster *cluster, const qd_transport *transports) {
  cluster->ops = endpoints_ops;
  for (size_t i = 0; i < cluster->n_endpoints; i++)
    cluster->ops.accepts &= transports[i].ops->accepts;
  if ((cluster->ops.accepts & QD_REQUEST_HTTP) == 0)
    cluster->ops.transfer = NULL;
}

static int fill_cluster(qd_cluster *cluster, const qd_endpoints_options *options, const qd_transport *transports) {
  cluster->has_hedges = options->has_hedges;
  cluster->hedge.delay_ns = options->hedge_delay_ms * QD_NS_PER_MS;
  cluster->hedge.fraction = options->hedge_fraction;
  cluster->unit_ns = (options->unit_ms > 0 ? options->unit_ms : DEFAULT_UNIT_MS) * QD_NS_PER_MS;
  cluster->changed = options->changed;
  cluster->owner = options->owner;
  cluster->random = options->seed;
  cluster->tick.ring = qd_cluster_tick;
  cluster->n_endpoints = options->n_endpoints;
  fill_ops(cluster, transports);
  cluster->arenas = qd_arena_pool_new(MAX_KEPT_ARENAS, MAX_KEPT_ARENA_BYTES);
  cluster->endpoints = qd_zalloc(options->n_endpoints * sizeof *cluster->endpoints);
  if (cluster->arenas == NULL || cluster->endpoints == NULL)
    return 0;
  for (size_t i = 0; i < options->n_endpoints; i++)
    if (!open_endpoint(cluster, i, options->urls[i], &transports[i]))
      return 0;
  return 1;
}

static int begin_watch(qd_cluster *cluster) {
  pthread_mutex_lock(&cluster->lock);
  qd_cluster_set_tick(cluster, 0);
  int has_begun = cluster->has_tick;
  pthread_mutex_unlock(&cluster->lock);
  return has_begun;
}

qdrant_status qd_endpoints_open(
    const qd_endpoints_options *options, const qd_transport *transports, qd_transport *transport, qdrant_error *err) {
  qd_cluster *cluster = qd_zalloc(sizeof *cluster);
  if (cluster == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the endpoints were opened");
  pthread_mutex_init(&cluster->lock, NULL);
  qd_alarms_init(&cluster->alarms, NULL);
  if (!fill_cluster(cluster, options, transports) || !begin_watch(cluster)) {
    free_cluster(cluster);
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the endpoints were opened");
  }
  *transport = (qd_transport){.ops = &cluster->ops, .self = cluster};
  return QDRANT_OK;
}
