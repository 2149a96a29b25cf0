/* Blocking calls: the caller's own thread moves the operation from attempt to attempt. */
#include "client/observe.h"
#include "client/try.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"

/* A transport ends each attempt by its deadline; one that does not is given so long before its caller goes on alone. */
#define GRACE_NS QD_NS_PER_S

/* `done` of an attempt that a caller waits for, or has stopped waiting for. */
static void wake_caller(qd_call *call) {
  qd_operation *operation = (qd_operation *)call;
  pthread_mutex_lock(&operation->lock);
  operation->state = QD_IDLE;
  operation->is_done = 1;
  pthread_mutex_unlock(&operation->lock);
  pthread_cond_signal(&operation->changed); /* after the unlock, or the caller wakes only to wait for the lock */
  qd_operation_unref(operation);            /* what a caller left behind goes with it */
}

static int wait_for_done(qd_operation *operation) {
  int64_t until_ns = operation->deadline_ns < INT64_MAX - GRACE_NS ? operation->deadline_ns + GRACE_NS : INT64_MAX;
  int has_time = 1;
  pthread_mutex_lock(&operation->lock);
  while (!operation->is_done && has_time)
    has_time = qd_cond_wait(&operation->changed, &operation->lock, until_ns);
  int is_done = operation->is_done;
  pthread_mutex_unlock(&operation->lock);
  return is_done;
}

static qdrant_status give_up(qd_operation *operation) {
  qd_error_clear(&operation->error);
  operation->delivery = QDRANT_MAYBE;
  return qd_fail(&operation->error, QDRANT_DEADLINE_EXCEEDED,
      "%s: the deadline passed and the transport did not end the call", operation->rpc->name);
}

static qdrant_status make_attempt(qd_operation *operation) {
  if (qd_operation_runs_here(operation))
    return qd_try_run(operation);
  qdrant_status status = qd_try_start(operation, wake_caller);
  if (status != QDRANT_OK)
    return status;
  return wait_for_done(operation) ? qd_try_take(operation) : give_up(operation);
}

static void sleep_for(qd_operation *operation, int64_t sleep_ns) {
  int64_t until_ns = qd_now_ns() + sleep_ns;
  int has_time = 1;
  pthread_mutex_lock(&operation->lock);
  while (!atomic_load(&operation->is_cancelled) && has_time)
    has_time = qd_cond_wait(&operation->changed, &operation->lock, until_ns);
  pthread_mutex_unlock(&operation->lock);
}

qdrant_status qd_operation_run(qd_operation *operation, qdrant_reply **reply, qdrant_error *err) {
  int64_t sleep_ns = 0;
  qdrant_status status = QDRANT_OK;
  while ((status = make_attempt(operation)) != QDRANT_OK && qd_try_is_again(operation, &sleep_ns))
    sleep_for(operation, sleep_ns);
  if (status == QDRANT_OK) {
    *reply = operation->reply;
    operation->reply = NULL;
  } else {
    qd_try_finish_error(operation);
    status = qd_error_pass(err, &operation->error);
  }
  qd_observe_end(operation);
  return status;
}
