#include "fallback_rest/failover.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/log.h"
#include "fallback_rest/preference.h"

#include <pthread.h>
#include <stdatomic.h>

enum { READY_STEP_MS = 200, MIN_CLOSE_MS = 250 };

/* Where a call is. MOVING: between the two; ENDED: the second reported before its start returned. */
enum place { ON_FIRST, MOVING, ENDED, ON_SECOND };

typedef struct failover {
  qd_transport first;
  qd_transport second;
  pthread_mutex_t lock; /* the rest, and place and is_cancelled of every call */
  qd_preference preference;
  size_t n_inside; /* calls not yet reported */
  uint64_t n_fallback;
  struct failover *next_leaked;
} failover;

/* Kept in reach, so that a leak checker tells them from a mistake. */
static pthread_mutex_t leaked_lock = PTHREAD_MUTEX_INITIALIZER;
static failover *first_leaked;
static atomic_ullong n_leaked;

uint64_t qd_failover_leaks(void) {
  return atomic_load(&n_leaked);
}

/* The last touch: what comes after it may close us. */
static void pass_on(failover *self, qd_call *call) {
  pthread_mutex_lock(&self->lock);
  self->n_inside--;
  pthread_mutex_unlock(&self->lock);
  call->done = call->front.done;
  call->done(call);
}

/* Both failed: the first's reason is the one to act upon, unless the second was reached. */
static void join_errors(qd_call *call) {
  const qdrant_error *earlier = call->front.earlier;
  qdrant_error later;
  if (earlier == NULL || call->error.status == QDRANT_OK)
    return;
  if (earlier->delivery != QDRANT_NOT_SENT && call->error.delivery == QDRANT_NOT_SENT)
    call->error.delivery = QDRANT_MAYBE;
  if (!call->is_unreachable)
    return;
  qd_error_copy(&later, &call->error);
  qd_error_clear(&call->error);
  qd_fail(&call->error, earlier->status, "%s; over REST: %s", earlier->message, later.message);
  call->error.delivery = later.delivery;
  call->error.remote_code = earlier->remote_code;
  call->error.reason = earlier->reason;
  call->error.is_permanent = earlier->is_permanent && later.is_permanent;
  call->error.is_retryable = !call->error.is_permanent;
}

static void end_on_second(qd_call *call) {
  failover *self = call->front.owner;
  pthread_mutex_lock(&self->lock);
  int is_early = call->front.place == MOVING;
  if (is_early)
    call->front.place = ENDED;
  pthread_mutex_unlock(&self->lock);
  if (is_early)
    return;
  join_errors(call);
  pass_on(self, call);
}

/* The second did not take it: the first's end stands. */
static void restore_error(qd_call *call) {
  qd_error_copy(&call->error, call->front.earlier);
}

/* On the first's thread: a request is encoded there, while the first has nothing else to do. */
static void move(failover *self, qd_call *call) {
  const qd_transport *second = &self->second;
  call->done = end_on_second;
  qdrant_status status = second->ops->start(second->self, call);
  if (status != QDRANT_OK) {
    restore_error(call);
    pass_on(self, call);
    return;
  }
  pthread_mutex_lock(&self->lock);
  int has_ended = call->front.place == ENDED;
  call->front.place = ON_SECOND;
  if (!has_ended && call->front.is_cancelled)
    second->ops->cancel(second->self, call);
  pthread_mutex_unlock(&self->lock);
  if (has_ended) {
    join_errors(call);
    pass_on(self, call);
  }
}

static int may_move(const qd_call *call) {
  return call->is_unreachable && !call->front.is_cancelled && call->front.earlier != NULL &&
         (call->is_repeatable || call->error.delivery == QDRANT_NOT_SENT) && !qd_deadline_has_passed(call->deadline_ns);
}

static void keep_error(qd_call *call) {
  qdrant_error *kept = qd_arena_alloc(call->arena, sizeof *kept);
  if (kept != NULL)
    qd_error_copy(kept, &call->error);
  call->front.earlier = kept;
}

/* After the lock was given back. */
static void tell_change(int was_away, int is_away, const char *reason) {
  if (is_away && !was_away)
    qd_log(QDRANT_LOG_INFO, "failover", "calls go over REST: %s", reason);
  else if (was_away && !is_away)
    qd_log(QDRANT_LOG_INFO, "failover", "calls go over gRPC again");
}

static void end_on_first(qd_call *call) {
  failover *self = call->front.owner;
  int is_proof = call->error.status == QDRANT_OK || call->error.delivery == QDRANT_ANSWERED;
  if (call->is_unreachable)
    keep_error(call);
  pthread_mutex_lock(&self->lock);
  int was_away = self->preference.is_away;
  if (call->is_unreachable)
    qd_preference_go_away(&self->preference);
  else if (is_proof)
    qd_preference_come_back(&self->preference);
  int is_away = self->preference.is_away;
  int is_moving = may_move(call);
  if (is_moving) {
    call->front.place = MOVING;
    self->n_fallback++;
  }
  pthread_mutex_unlock(&self->lock);
  tell_change(was_away, is_away, call->error.message);
  if (is_moving)
    move(self, call);
  else
    pass_on(self, call);
}

static int is_seconds_alone(const failover *self, const qd_call *call) {
  return (self->first.ops->accepts & (uint32_t)call->request.kind) == 0;
}

static const qd_transport *choose(failover *self, qd_call *call) {
  pthread_mutex_lock(&self->lock);
  int was_away = self->preference.is_away;
  int is_alone = is_seconds_alone(self, call);
  int is_first = !is_alone && qd_preference_is_first_due(&self->preference);
  call->front.place = is_first ? ON_FIRST : ON_SECOND;
  self->n_fallback += !is_first && !is_alone;
  self->n_inside++;
  int is_away = self->preference.is_away;
  pthread_mutex_unlock(&self->lock);
  tell_change(was_away, is_away, "");
  return is_first ? &self->first : &self->second;
}

static qdrant_status start_call(void *transport, qd_call *call) {
  failover *self = transport;
  call->front.owner = self;
  call->front.done = call->done;
  call->front.is_cancelled = 0;
  call->front.earlier = NULL;
  const qd_transport *chosen = choose(self, call);
  call->done = chosen == &self->first ? end_on_first : end_on_second;
  qdrant_status status = chosen->ops->start(chosen->self, call);
  if (status == QDRANT_OK)
    return QDRANT_OK;
  call->done = call->front.done;
  pthread_mutex_lock(&self->lock);
  self->n_inside--;
  pthread_mutex_unlock(&self->lock);
  return status;
}

/* The lock keeps the call where it is meanwhile: the two keep different things in transport_state. */
static void cancel_call(void *transport, qd_call *call) {
  failover *self = transport;
  pthread_mutex_lock(&self->lock);
  call->front.is_cancelled = 1;
  if (call->front.place == ON_FIRST)
    self->first.ops->cancel(self->first.self, call);
  else if (call->front.place == ON_SECOND)
    self->second.ops->cancel(self->second.self, call);
  pthread_mutex_unlock(&self->lock);
}

static void transfer_file(void *transport, qd_transfer *transfer) {
  failover *self = transport;
  self->second.ops->transfer(self->second.self, transfer);
}

static int64_t next_step_ns(int64_t deadline_ns) {
  int64_t step_ns = qd_deadline_in_ms(READY_STEP_MS);
  return step_ns < deadline_ns ? step_ns : deadline_ns;
}

/* Either will do. */
static qdrant_status wait_ready(void *transport, int64_t deadline_ns, qdrant_error *err) {
  failover *self = transport;
  qdrant_error of_first;
  qdrant_error of_second;
  int is_hopeless = 0;
  do {
    qd_error_clear(&of_first);
    qd_error_clear(&of_second);
    if (self->first.ops->wait_ready(self->first.self, next_step_ns(deadline_ns), &of_first) == QDRANT_OK ||
        self->second.ops->wait_ready(self->second.self, next_step_ns(deadline_ns), &of_second) == QDRANT_OK)
      return QDRANT_OK;
    is_hopeless = (of_first.is_permanent && of_second.is_permanent) || of_first.status == QDRANT_CLOSED ||
                  of_first.status == QDRANT_FORKED;
  } while (!is_hopeless && !qd_deadline_has_passed(deadline_ns));
  return qd_error_pass(err, &of_first);
}

/* That carries calls now. Under the lock. */
static const qd_transport *find_current(failover *self) {
  return qd_preference_is_away(&self->preference) ? &self->second : &self->first;
}

static void add_stats(void *transport, qdrant_stats *stats) {
  failover *self = transport;
  pthread_mutex_lock(&self->lock);
  const qd_transport *current = find_current(self);
  stats->n_fallback = self->n_fallback;
  pthread_mutex_unlock(&self->lock);
  stats->transport = current->ops->name;
  current->ops->stats(current->self, stats);
}

static void fill_state(void *transport, size_t number, qdrant_endpoint_stats *stats) {
  failover *self = transport;
  pthread_mutex_lock(&self->lock);
  const qd_transport *current = find_current(self);
  pthread_mutex_unlock(&self->lock);
  if (current->ops->endpoint_stats != NULL)
    current->ops->endpoint_stats(current->self, number, stats);
}

static void leak(failover *self) {
  atomic_fetch_add(&n_leaked, 1);
  pthread_mutex_lock(&leaked_lock);
  self->next_leaked = first_leaked;
  first_leaked = self;
  pthread_mutex_unlock(&leaked_lock);
  qd_log(QDRANT_LOG_ERROR, "close", "a call is held up by its callback: its client's transports are left behind");
}

/* The first goes first, since what it ends may still ask for the second. A call that a callback holds up inside either
 * needs us when it returns. */
static void close_failover(void *transport, int64_t deadline_ns, int is_child) {
  failover *self = transport;
  self->first.ops->close(self->first.self, deadline_ns, is_child);
  int64_t earliest_ns = qd_deadline_in_ms(MIN_CLOSE_MS);
  self->second.ops->close(self->second.self, deadline_ns > earliest_ns ? deadline_ns : earliest_ns, is_child);
  if (is_child) {
    qd_free(self);
    return;
  }
  pthread_mutex_lock(&self->lock);
  int is_needed = self->n_inside > 0;
  pthread_mutex_unlock(&self->lock);
  if (is_needed) {
    leak(self);
    return;
  }
  pthread_mutex_destroy(&self->lock);
  qd_free(self);
}

static const qd_transport_ops failover_ops = {
    .name = "failover",
    .accepts = QD_REQUEST_BYTES | QD_REQUEST_HTTP,
    .start = start_call,
    .cancel = cancel_call,
    .transfer = transfer_file,
    .wait_ready = wait_ready,
    .stats = add_stats,
    .endpoint_stats = fill_state,
    .close = close_failover,
};

qdrant_status qd_failover_open(qd_transport first, qd_transport second, qd_transport *transport, qdrant_error *err) {
  failover *self = qd_zalloc(sizeof *self);
  if (self == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the transports were opened");
  self->first = first;
  self->second = second;
  self->preference.first = &self->first;
  pthread_mutex_init(&self->lock, NULL);
  *transport = (qd_transport){.ops = &failover_ops, .self = self};
  return QDRANT_OK;
}
