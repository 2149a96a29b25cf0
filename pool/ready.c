#include "pool/ready.h"

#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"
#include "pool/attempt.h"

/* A channel that cannot connect answers at once; more time than this only the slow start of one can take. */
enum { MAX_PROBE_MS = 1000 };

/* A channel's state comes without a reason. A call on a channel that failed to connect ends at once and carries it. */
typedef struct probe {
  qd_call call; /* first: done gets its address */
  qd_pool *pool;
  int is_done; /* the pool's lock */
} probe;

static void end_probe(qd_call *call) {
  probe *ended = (probe *)(void *)call;
  pthread_mutex_lock(&ended->pool->lock);
  ended->is_done = 1;
  pthread_cond_broadcast(&ended->pool->changed);
  pthread_mutex_unlock(&ended->pool->lock);
}

static int64_t probe_deadline_ns(int64_t deadline_ns) {
  int64_t longest_ns = qd_deadline_in_ms(MAX_PROBE_MS);
  return deadline_ns < longest_ns ? deadline_ns : longest_ns;
}

/* Fills *reason when the channel tells why it is not connected. HealthCheck: should the channel be ready by now, the
 * call does no harm. */
static void ask_reason(qd_pool *pool, qd_channel *channel, int64_t deadline_ns, qdrant_error *reason) {
  qd_body empty = {.refs = 1};
  probe asked = {.pool = pool,
      .call = {.rpc = qd_rpc_row(QDRANT_RPC_HEALTH_CHECK),
          .request = {.kind = QD_REQUEST_BYTES, .body = &empty},
          .deadline_ns = probe_deadline_ns(deadline_ns),
          .done = end_probe}};
  if (qd_attempt_start(pool, channel, &asked.call) != QDRANT_OK)
    return;
  pthread_mutex_lock(&pool->lock);
  while (!asked.is_done)
    pthread_cond_wait(&pool->changed, &pool->lock); /* bounded by the call's own deadline */
  pthread_mutex_unlock(&pool->lock);
  if (asked.call.bytes.ops != NULL)
    asked.call.bytes.ops->release(asked.call.bytes.owner);
  if (asked.call.error.status == QDRANT_UNAVAILABLE)
    *reason = asked.call.error;
}

static qd_channel *find_channel(qd_pool *pool, grpc_connectivity_state state) {
  for (size_t i = 0; i < pool->n_channels; i++)
    if (pool->channels[i].state == state)
      return &pool->channels[i];
  return NULL;
}

static qdrant_status give_up(const qd_pool *pool, const qdrant_error *reason, qdrant_error *err) {
  if (reason->status != QDRANT_OK)
    return qd_error_pass(err, reason);
  qd_fail(err, QDRANT_UNAVAILABLE, "%s: no connection in time", pool->endpoint);
  if (err != NULL)
    err->is_retryable = 1;
  return QDRANT_UNAVAILABLE;
}

qdrant_status qd_pool_wait_ready(qd_pool *pool, int64_t deadline_ns, qdrant_error *err) {
  qdrant_error reason;
  qd_error_clear(&reason);
  uint64_t n_asked = 0;
  int has_time = 1;
  pthread_mutex_lock(&pool->lock);
  while (!pool->is_closing && has_time && !reason.is_permanent && find_channel(pool, GRPC_CHANNEL_READY) == NULL) {
    qd_channel *failing = find_channel(pool, GRPC_CHANNEL_TRANSIENT_FAILURE);
    if (failing != NULL && n_asked != pool->n_failings) {
      n_asked = pool->n_failings;
      pthread_mutex_unlock(&pool->lock);
      ask_reason(pool, failing, deadline_ns, &reason);
      pthread_mutex_lock(&pool->lock);
      continue;
    }
    has_time = qd_cond_wait(&pool->changed, &pool->lock, deadline_ns);
  }
  int is_closing = pool->is_closing;
  int is_ready = find_channel(pool, GRPC_CHANNEL_READY) != NULL;
  pthread_mutex_unlock(&pool->lock);
  if (is_closing)
    return qd_fail(err, QDRANT_CLOSED, "the client is closed");
  return is_ready ? QDRANT_OK : give_up(pool, &reason, err);
}

qdrant_endpoint_state qd_pool_state(qd_pool *pool) {
  qdrant_endpoint_state state = QDRANT_ENDPOINT_CONNECTING;
  pthread_mutex_lock(&pool->lock);
  if (find_channel(pool, GRPC_CHANNEL_READY) != NULL)
    state = QDRANT_ENDPOINT_READY;
  else if (find_channel(pool, GRPC_CHANNEL_TRANSIENT_FAILURE) != NULL)
    state = QDRANT_ENDPOINT_UNREACHABLE;
  pthread_mutex_unlock(&pool->lock);
  return state;
}

void qd_pool_stats(qd_pool *pool, qdrant_stats *stats) {
  pthread_mutex_lock(&pool->lock);
  for (size_t i = 0; i < pool->n_channels; i++) {
    stats->n_connections++;
    stats->n_ready += pool->channels[i].state == GRPC_CHANNEL_READY;
    stats->n_used += pool->channels[i].n_started > 0;
  }
  pthread_mutex_unlock(&pool->lock);
}
