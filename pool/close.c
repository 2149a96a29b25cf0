#include "pool/close.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/log.h"
#include "core/thread.h"
#include "pool/attempt.h"
#include "pool/cancel.h"
#include "pool/report.h"
#include "pool/watch.h"

/* Cancelled calls end within milliseconds unless their peer has stopped reading. */
enum { MIN_DRAIN_MS = 250 };

/* A peer that is there answers in less; one that is not keeps nobody from closing. */
enum { MAX_CONNECT_WAIT_MS = 500 };

/* Pools that core still holds parts of. Kept in reach, so that a leak checker tells them from a mistake. */
static pthread_mutex_t abandoned_lock = PTHREAD_MUTEX_INITIALIZER;
static qd_pool *first_abandoned;

/* All that are in flight, with a reference each, linked through next_waiting: those in flight do not wait for a paced
 * reset. */
static qd_attempt *take_in_flight(qd_pool *pool) {
  qd_attempt *first = NULL;
  pthread_mutex_lock(&pool->lock);
  for (qd_attempt *attempt = pool->first_in_flight; attempt != NULL; attempt = attempt->next) {
    qd_attempt_ref(attempt);
    attempt->next_waiting = first;
    first = attempt;
  }
  pthread_mutex_unlock(&pool->lock);
  return first;
}

void qd_pool_each_in_flight(qd_pool *pool, void (*look)(qd_attempt *attempt)) {
  qd_attempt *attempt = take_in_flight(pool);
  while (attempt != NULL) {
    qd_attempt *next = attempt->next_waiting;
    look(attempt);
    qd_attempt_unref(attempt);
    attempt = next;
  }
}

static void report_the_rest(void *owner) {
  qd_pool_each_in_flight(owner, qd_attempt_report_cancelled);
}

/* Not paced: the connections end here. */
static void cancel_all(void *owner) {
  qd_pool *pool = owner;
  qd_pool_each_in_flight(pool, qd_attempt_cancel_core);
  for (size_t i = 0; i < pool->n_channels; i++)
    qd_channel_cancel_waiting(&pool->channels[i]);
  pool->close_timer = (qd_timer){.run = report_the_rest, .owner = pool};
  qd_poller_set_timer(&pool->poller, &pool->close_timer, pool->close_deadline_ns);
}

static void destroy_channels(void *owner) {
  qd_pool *pool = owner;
  qd_poller_clear_timer(&pool->poller, &pool->close_timer);
  for (size_t i = 0; i < pool->n_channels; i++)
    qd_channel_end_watch(&pool->channels[i]);
}

/* Whether all are reported, which only a callback that blocks can prevent. */
static int end_calls(qd_pool *pool) {
  pool->close_work = (qd_work){.run = cancel_all, .owner = pool};
  pthread_mutex_lock(&pool->lock);
  pool->is_closing = 1;
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->lock);
  qd_poller_post(&pool->poller, &pool->close_work);
  pthread_mutex_lock(&pool->lock);
  int has_time = 1;
  while (pool->n_undone > 0 && has_time) {
    /* The timer reports what is left at the deadline; the second is for the callbacks. */
    has_time = qd_cond_wait(&pool->changed, &pool->lock, pool->close_deadline_ns + QD_NS_PER_S);
  }
  int is_done = pool->n_undone == 0;
  pthread_mutex_unlock(&pool->lock);
  return is_done;
}

/* An idle one has been told to connect, or will be in a moment. */
static int is_connecting(const qd_pool *pool) {
  for (size_t i = 0; i < pool->n_channels; i++)
    if (pool->channels[i].state == GRPC_CHANNEL_CONNECTING || pool->channels[i].state == GRPC_CHANNEL_IDLE)
      return 1;
  return 0;
}

/* Core loses a socket for ever when its channel goes while the peer's first frame is awaited (seen in 1.51):
 * connections that are about to be made are made first. */
static void await_connections(qd_pool *pool) {
  int64_t until_ns = qd_deadline_in_ms(MAX_CONNECT_WAIT_MS);
  int has_time = 1;
  if (until_ns > pool->close_deadline_ns)
    until_ns = pool->close_deadline_ns;
  pthread_mutex_lock(&pool->lock);
  while (is_connecting(pool) && has_time)
    has_time = qd_cond_wait(&pool->changed, &pool->lock, until_ns);
  pthread_mutex_unlock(&pool->lock);
}

/* How many attempts core still holds when the time is over. */
static size_t drain(qd_pool *pool) {
  await_connections(pool);
  pool->destroy_work = (qd_work){.run = destroy_channels, .owner = pool};
  qd_poller_post(&pool->poller, &pool->destroy_work);
  pthread_mutex_lock(&pool->lock);
  int has_time = 1;
  while ((pool->n_live > 0 || pool->n_watches > 0) && has_time)
    has_time = qd_cond_wait(&pool->changed, &pool->lock, pool->close_deadline_ns);
  int is_drained = pool->n_live == 0 && pool->n_watches == 0;
  size_t n_left = is_drained ? 0 : pool->n_live + (pool->n_live == 0);
  pthread_mutex_unlock(&pool->lock);
  return n_left;
}

static void abandon(qd_pool *pool, size_t n_left) {
  qd_poller_abandon(&pool->poller);
  qd_runtime_add_leaked(n_left);
  pthread_mutex_lock(&abandoned_lock);
  pool->next_abandoned = first_abandoned;
  first_abandoned = pool;
  pthread_mutex_unlock(&abandoned_lock);
  qd_log(QDRANT_LOG_ERROR, "close", "gRPC still holds %zu calls to %s: they are left behind", n_left, pool->endpoint);
}

void qd_pool_free(qd_pool *pool) {
  qd_attempts_free_kept(pool);
  qd_metadata_close(&pool->metadata);
  qd_diagnosis_free(pool->diagnosis);
  qd_line_plan_close(&pool->plan);
  for (size_t i = 0; pool->channels != NULL && i < pool->n_channels; i++)
    qd_free(pool->channels[i].line); /* still there in a forked child only, where core must not be touched */
  qd_free(pool->channels);
  qd_free(pool->endpoint);
  qd_runtime_unref(pool->runtime);
  qd_free(pool);
}

void qd_pool_close(qd_pool *pool, int64_t deadline_ns) {
  int64_t earliest_ns = qd_deadline_in_ms(MIN_DRAIN_MS);
  pool->close_deadline_ns = deadline_ns > earliest_ns ? deadline_ns : earliest_ns;
  qd_diagnosis_stop(pool->diagnosis);
  size_t n_left = end_calls(pool) ? drain(pool) : 1;
  if (n_left > 0) {
    abandon(pool, n_left);
    return;
  }
  qd_poller_close(&pool->poller);
  pthread_cond_destroy(&pool->changed);
  pthread_mutex_destroy(&pool->lock);
  qd_pool_free(pool);
}
