#include "core/blocking.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/message.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

enum { MAX_KEPT_BODY_BYTES = 8 << 20 };

/* A started call that waits for a worker. */
typedef struct job {
  qd_call *call;
  qd_body *body; /* a reference of its own: the request must outlive start */
  int is_cancelled;
  struct job *next;
} job;

typedef struct blocking {
  const qd_blocking_ops *ops;
  void *engine;
  size_t n_threads;
  size_t max_queued;
  qd_body_pool *bodies;
  qd_transport_ops transport_ops; /* carries the engine's name */
  atomic_size_t n_busy;           /* calls within the engine */
  pthread_mutex_t mutex;          /* guards what follows; never held while the engine or done runs */
  pthread_cond_t has_job;
  pthread_cond_t has_ended; /* a job was cancelled, or passes its deadline before wake_ns */
  pthread_cond_t is_quiet;  /* n_inside reached 0 */
  job *first;
  job *last;
  size_t n_queued;
  size_t n_idle;   /* workers that wait for a job */
  size_t n_inside; /* threads of ours, and callers of run */
  int64_t wake_ns; /* when the reporter looks again by itself */
  int is_closing;
  int is_abandoned; /* close gave up waiting: the last thread frees */
  int has_reporter;
  pthread_t reporter;
  size_t n_started;
  pthread_t workers[]; /* n_threads */
} blocking;

static void free_blocking(blocking *self) {
  self->ops->free(self->engine);
  qd_body_pool_unref(self->bodies);
  pthread_cond_destroy(&self->has_job);
  pthread_cond_destroy(&self->has_ended);
  pthread_cond_destroy(&self->is_quiet);
  pthread_mutex_destroy(&self->mutex);
  qd_free(self);
}

/* Counts a thread out. */
static void leave(blocking *self) {
  pthread_mutex_lock(&self->mutex);
  int is_last = --self->n_inside == 0;
  int must_free = is_last && self->is_abandoned;
  if (is_last)
    pthread_cond_broadcast(&self->is_quiet);
  pthread_mutex_unlock(&self->mutex);
  if (must_free)
    free_blocking(self);
}

/* The mutex is held. Afterwards a cancel of the job's call finds nothing. */
static void unlink_job(blocking *self, job *before, job *taken) {
  if (before == NULL)
    self->first = taken->next;
  else
    before->next = taken->next;
  if (self->last == taken)
    self->last = before;
  taken->next = NULL;
  taken->call->transport_state = NULL;
  self->n_queued--;
}

static void free_job(job *taken) {
  if (taken == NULL)
    return;
  qd_body_unref(taken->body);
  qd_free(taken);
}

/* A request that cannot be read is the caller's doing (nested too deep, say), not a bad reply. */
static qdrant_status decode_request(qd_call *call, const qd_body *body, const ProtobufCMessage **request) {
  ProtobufCMessage *message = NULL;
  qdrant_status status =
      qd_message_decode(call->rpc->request, body->bytes, body->n_bytes, call->arena, &message, &call->error);
  if (status == QDRANT_BAD_REPLY)
    status = call->error.status = QDRANT_INVALID_ARGUMENT;
  *request = message;
  return status;
}

static qdrant_status call_engine(blocking *self, qd_call *call, const ProtobufCMessage *request) {
  if (qd_deadline_has_passed(call->deadline_ns))
    return qd_fail(&call->error, QDRANT_DEADLINE_EXCEEDED, "the deadline passed before %s began", call->rpc->name);
  atomic_fetch_add(&self->n_busy, 1);
  qdrant_status status = self->ops->carry_out(
      self->engine, call->rpc, request, call->deadline_ns, call->arena, &call->message, &call->error);
  atomic_fetch_sub(&self->n_busy, 1);
  if (status != QDRANT_OK)
    call->error.delivery = QDRANT_ANSWERED;
  return status;
}

/* Reports jobs that end before they began, without the mutex. */
static void report_ended(job *ended) {
  while (ended != NULL) {
    job *next = ended->next;
    qd_call *call = ended->call;
    if (qd_deadline_has_passed(call->deadline_ns))
      qd_fail(&call->error, QDRANT_DEADLINE_EXCEEDED, "the deadline passed before %s began", call->rpc->name);
    else
      qd_fail(&call->error, QDRANT_CANCELLED, "%s was cancelled before it began", call->rpc->name);
    free_job(ended);
    call->done(call);
    ended = next;
  }
}

static void run_job(blocking *self, job *taken) {
  qd_call *call = taken->call;
  const ProtobufCMessage *request = NULL;
  if (taken->is_cancelled) {
    report_ended(taken);
    return;
  }
  if (decode_request(call, taken->body, &request) == QDRANT_OK)
    call_engine(self, call, request);
  free_job(taken);
  call->done(call);
}

static void *work(void *argument) {
  blocking *self = argument;
  pthread_mutex_lock(&self->mutex);
  for (;;) {
    self->n_idle++;
    while (self->first == NULL && !self->is_closing)
      pthread_cond_wait(&self->has_job, &self->mutex);
    self->n_idle--;
    if (self->is_closing)
      break;
    job *taken = self->first;
    unlink_job(self, NULL, taken);
    pthread_mutex_unlock(&self->mutex);
    run_job(self, taken);
    pthread_mutex_lock(&self->mutex);
  }
  pthread_mutex_unlock(&self->mutex);
  leave(self);
  return NULL;
}

/* Takes out the queued jobs that have ended without a worker, and notes when to look again. The mutex is held. */
static job *take_ended(blocking *self) {
  job *ended = NULL;
  job *before = NULL;
  self->wake_ns = INT64_MAX;
  for (job *each = self->first, *next; each != NULL; each = next) {
    next = each->next;
    int64_t deadline_ns = each->call->deadline_ns;
    if (each->is_cancelled || self->is_closing || qd_deadline_has_passed(deadline_ns)) {
      unlink_job(self, before, each);
      each->next = ended;
      ended = each;
      continue;
    }
    before = each;
    if (deadline_ns < self->wake_ns)
      self->wake_ns = deadline_ns;
  }
  return ended;
}

static void wait_until(blocking *self, pthread_cond_t *condition, int64_t when_ns) {
  struct timespec when = {.tv_sec = when_ns / QD_NS_PER_S, .tv_nsec = when_ns % QD_NS_PER_S};
  if (when_ns == INT64_MAX)
    pthread_cond_wait(condition, &self->mutex);
  else
    pthread_cond_timedwait(condition, &self->mutex, &when);
}

/* Ends queued calls that are cancelled or late even while every worker is busy. A thread of its own, so that done never
 * runs inside cancel, whose caller may hold locks. */
static void *report(void *argument) {
  blocking *self = argument;
  pthread_mutex_lock(&self->mutex);
  for (;;) {
    job *ended = take_ended(self);
    if (ended != NULL) {
      pthread_mutex_unlock(&self->mutex);
      report_ended(ended);
      pthread_mutex_lock(&self->mutex);
    } else if (self->is_closing) {
      break;
    } else {
      wait_until(self, &self->has_ended, self->wake_ns);
    }
  }
  pthread_mutex_unlock(&self->mutex);
  leave(self);
  return NULL;
}

/* With every signal blocked: signals are for the program's own threads. The mutex is held. */
static int start_thread(blocking *self, pthread_t *thread, void *(*body)(void *)) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int is_started = pthread_create(thread, NULL, body, self) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  self->n_inside += is_started ? 1 : 0;
  return is_started;
}

/* Whether somebody will look at one job more. The mutex is held. */
static int ensure_threads(blocking *self) {
  if (!self->has_reporter)
    self->has_reporter = start_thread(self, &self->reporter, report);
  if (self->n_queued >= self->n_idle && self->n_started < self->n_threads &&
      start_thread(self, &self->workers[self->n_started], work))
    self->n_started++;
  return self->has_reporter && self->n_started > 0;
}

static void enqueue(blocking *self, job *added) {
  if (self->last == NULL)
    self->first = added;
  else
    self->last->next = added;
  self->last = added;
  self->n_queued++;
  added->call->transport_state = added;
  pthread_cond_signal(&self->has_job);
  if (added->call->deadline_ns < self->wake_ns)
    pthread_cond_signal(&self->has_ended);
}

static qdrant_status new_job(blocking *self, qd_call *call, job **made) {
  qdrant_status status = QDRANT_OK;
  job *added = qd_zalloc(sizeof *added);
  if (added == NULL)
    return qd_fail(&call->error, QDRANT_NO_MEMORY, "no memory to start %s", call->rpc->name);
  added->call = call;
  if (call->request.kind == QD_REQUEST_BYTES)
    added->body = qd_body_ref(call->request.body);
  else
    status = qd_message_encode(call->request.message, self->bodies, SIZE_MAX, &added->body, &call->error);
  if (status != QDRANT_OK) {
    free_job(added);
    added = NULL;
  }
  *made = added;
  return status;
}

/* The mutex is held. */
static qdrant_status refuse_or_enqueue(blocking *self, job *added) {
  qdrant_error *err = &added->call->error;
  if (self->is_closing)
    return qd_fail(err, QDRANT_CLOSED, "the client is closed");
  if (self->n_queued >= self->max_queued)
    return qd_fail(err, QDRANT_AGAIN, "%zu calls already wait: try again when one has ended", self->n_queued);
  if (!ensure_threads(self))
    return qd_fail(err, QDRANT_NO_MEMORY, "no thread can be started for %s", added->call->rpc->name);
  enqueue(self, added);
  return QDRANT_OK;
}

static qdrant_status start_call(void *transport, qd_call *call) {
  blocking *self = transport;
  job *added = NULL;
  qd_error_clear(&call->error);
  qdrant_status status = new_job(self, call, &added);
  if (status != QDRANT_OK)
    return status;
  pthread_mutex_lock(&self->mutex);
  status = refuse_or_enqueue(self, added);
  pthread_mutex_unlock(&self->mutex);
  if (status != QDRANT_OK)
    free_job(added);
  return status;
}

static qdrant_status enter(blocking *self, qdrant_error *err) {
  pthread_mutex_lock(&self->mutex);
  int is_closing = self->is_closing;
  self->n_inside += is_closing ? 0 : 1;
  pthread_mutex_unlock(&self->mutex);
  return is_closing ? qd_fail(err, QDRANT_CLOSED, "the client is closed") : QDRANT_OK;
}

static qdrant_status run_call(void *transport, qd_call *call) {
  blocking *self = transport;
  const ProtobufCMessage *request = call->request.message;
  qd_error_clear(&call->error);
  qdrant_status status = enter(self, &call->error);
  if (status != QDRANT_OK)
    return status;
  if (call->request.kind == QD_REQUEST_BYTES)
    status = decode_request(call, call->request.body, &request);
  if (status == QDRANT_OK)
    status = call_engine(self, call, request);
  leave(self);
  return status;
}

/* A call whose job has begun is left to finish: engines cannot be stopped from outside. */
static void cancel_call(void *transport, qd_call *call) {
  blocking *self = transport;
  pthread_mutex_lock(&self->mutex);
  job *queued = call->transport_state;
  if (queued != NULL) {
    queued->is_cancelled = 1;
    pthread_cond_signal(&self->has_ended);
  }
  pthread_mutex_unlock(&self->mutex);
}

/* In a forked child no thread of ours exists. What another thread was changing at that moment cannot be touched. */
static void close_in_child(blocking *self) {
  if (pthread_mutex_trylock(&self->mutex) != 0)
    return;
  int is_at_rest = atomic_load(&self->n_busy) == 0;
  pthread_mutex_unlock(&self->mutex);
  if (!is_at_rest)
    return;
  self->ops->free(self->engine);
  qd_free(self);
}

/* Waits for every thread to leave; whether they did. The mutex is held. */
static int wait_for_quiet(blocking *self, int64_t deadline_ns) {
  while (self->n_inside > 0 && !qd_deadline_has_passed(deadline_ns))
    wait_until(self, &self->is_quiet, deadline_ns);
  return self->n_inside == 0;
}

static void end_threads(blocking *self, int (*end)(pthread_t)) {
  for (size_t i = 0; i < self->n_started; i++)
    end(self->workers[i]);
  if (self->has_reporter)
    end(self->reporter);
}

static int join_thread(pthread_t thread) {
  return pthread_join(thread, NULL);
}

static void close_blocking(void *transport, int64_t deadline_ns, int is_child) {
  blocking *self = transport;
  if (is_child) {
    close_in_child(self);
    return;
  }
  pthread_mutex_lock(&self->mutex);
  self->is_closing = 1;
  pthread_cond_broadcast(&self->has_job);
  pthread_cond_broadcast(&self->has_ended);
  int is_quiet = wait_for_quiet(self, deadline_ns);
  if (!is_quiet) {
    end_threads(self, pthread_detach);
    self->is_abandoned = 1;
  }
  pthread_mutex_unlock(&self->mutex);
  if (!is_quiet)
    return;
  end_threads(self, join_thread);
  free_blocking(self);
}

static void init_locks(blocking *self) {
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_mutex_init(&self->mutex, NULL);
  pthread_cond_init(&self->has_job, NULL);
  pthread_cond_init(&self->has_ended, &monotonic);
  pthread_cond_init(&self->is_quiet, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

qdrant_status qd_blocking_open(const qd_blocking_ops *ops, void *self, size_t n_threads, size_t max_queued,
    qd_transport *transport, qdrant_error *err) {
  blocking *made = qd_zalloc(sizeof *made + n_threads * sizeof made->workers[0]);
  qd_body_pool *bodies = qd_body_pool_new(MAX_KEPT_BODY_BYTES);
  if (made == NULL || bodies == NULL) {
    qd_free(made);
    qd_body_pool_unref(bodies);
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory to open the %s transport", ops->name);
  }
  made->ops = ops;
  made->engine = self;
  made->n_threads = n_threads;
  made->max_queued = max_queued;
  made->bodies = bodies;
  made->transport_ops = (qd_transport_ops){.name = ops->name,
      .accepts = QD_REQUEST_MESSAGE | QD_REQUEST_BYTES,
      .start = start_call,
      .run = run_call,
      .cancel = cancel_call,
      .close = close_blocking};
  init_locks(made);
  *transport = (qd_transport){&made->transport_ops, made};
  return QDRANT_OK;
}
