/* Asynchronous calls: whichever thread ends an attempt moves the operation on. */
#include "client/admission.h"
#include "client/cancel.h"
#include "client/observe.h"
#include "client/process.h"
#include "client/try.h"
#include "core/deadline.h"
#include "core/error.h"

static void report(qd_operation *operation, qdrant_reply *reply) {
  qd_cq_item *item = operation->item;
  operation->item = NULL;
  if (item != NULL) {
    qd_cq_post(item, reply, &operation->error);
    return;
  }
  qd_callback_enter();
  operation->then.done(operation->then.user, reply, &operation->error);
  qd_callback_leave();
}

/* The end: places and memory are given back first, so that the callback can start the next call; the operation stays
 * listed until the callback has returned, so that close waits for that too. */
static void finish(qd_operation *operation) {
  qdrant_reply *reply = NULL;
  qd_cancel_leave(operation);
  if (operation->error.status == QDRANT_OK) {
    reply = operation->reply;
    operation->reply = NULL;
  } else {
    qd_try_finish_error(operation);
  }
  qd_body_unref(operation->request.body);
  operation->request.body = NULL;
  qd_admission_release(operation);
  qd_observe_end(operation);
  report(operation, reply);
  qd_admission_unlist(operation);
  qd_operation_unref(operation); /* the flow's */
}

/* Sets the alarm unless a cancellation came meanwhile. 0: it cannot be set. */
static int sleep_until(qd_operation *operation, int64_t due_ns) {
  pthread_mutex_lock(&operation->lock);
  int is_set =
      qd_alarms_set(&operation->client->alarms, &operation->alarm, atomic_load(&operation->is_cancelled) ? 0 : due_ns);
  if (is_set)
    operation->state = QD_SLEEPING;
  pthread_mutex_unlock(&operation->lock);
  return is_set;
}

/* After a failed attempt: 1 when another one will follow. */
static int try_again(qd_operation *operation) {
  int64_t sleep_ns = 0;
  return qd_try_is_again(operation, &sleep_ns) && sleep_until(operation, qd_now_ns() + sleep_ns);
}

static void take_done(qd_call *call) {
  qd_operation *operation = (qd_operation *)call;
  pthread_mutex_lock(&operation->lock);
  operation->state = QD_IDLE;
  pthread_mutex_unlock(&operation->lock);
  if (qd_try_take(operation) == QDRANT_OK || !try_again(operation))
    finish(operation);
  qd_operation_unref(operation); /* the transport's */
}

void qd_operation_ring(qd_alarm *alarm) {
  qd_operation *operation = (qd_operation *)((char *)alarm - offsetof(qd_operation, alarm));
  pthread_mutex_lock(&operation->lock);
  operation->state = QD_IDLE;
  pthread_mutex_unlock(&operation->lock);
  if (qd_try_start(operation, take_done) != QDRANT_OK && !try_again(operation))
    finish(operation);
}

void qd_operation_fail(qd_operation *operation, const qdrant_error *error) {
  qd_error_copy(&operation->error, error);
  finish(operation);
}

qdrant_status qd_operation_start(qd_operation *operation, qdrant_error *err) {
  qdrant_status status = qd_try_start(operation, take_done);
  if (status == QDRANT_OK || try_again(operation))
    return QDRANT_OK;
  qd_try_finish_error(operation);
  qd_observe_end(operation);
  return qd_error_pass(err, &operation->error);
}
