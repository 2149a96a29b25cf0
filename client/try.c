#include "client/try.h"

#include "client/call_key.h"
#include "client/observe.h"
#include "client/reconcile.h"
#include "client/retry.h"
#include "core/deadline.h"
#include "core/error.h"

#include <string.h>

/* Errors of our own, told while nothing is with the transport. One of an earlier attempt says more than "the deadline
 * passed", so it stays. */
static qdrant_status refuse(qd_operation *operation, qdrant_status status, const char *reason) {
  const qd_rpc *rpc = qd_reconcile_is_reading(operation) ? operation->reconcile->rpc : operation->rpc;
  if (status != QDRANT_DEADLINE_EXCEEDED || operation->n_attempts == 0) {
    qd_error_clear(&operation->error);
    qd_fail(&operation->error, status, "%s: %s", rpc->name, reason);
  }
  return operation->error.status;
}

static qdrant_status check_begin(qd_operation *operation, int64_t left_ns) {
  if (atomic_load(&operation->is_cancelled))
    return refuse(operation, QDRANT_CANCELLED, operation->cancel_reason);
  if (left_ns == 0)
    return refuse(operation, QDRANT_DEADLINE_EXCEEDED, "the deadline passed before the call began");
  if (operation->reply == NULL)
    operation->reply = qd_reply_new(operation->client->arenas, operation->rpc);
  return operation->reply != NULL ? QDRANT_OK : refuse(operation, QDRANT_NO_MEMORY, "out of memory");
}

/* Seconds the server may take: it should give up, and say so, before we do. */
static uint32_t find_server_timeout(const qd_operation *operation, int64_t left_ns) {
  return operation->fills_timeout ? (uint32_t)(left_ns / QD_NS_PER_S) : 0;
}

static int64_t find_attempt_deadline(const qd_operation *operation, int64_t now_ns) {
  int64_t left_ns = operation->deadline_ns - now_ns;
  int64_t attempt_ns = operation->attempt_timeout_ns;
  return attempt_ns == 0 || attempt_ns > left_ns ? operation->deadline_ns : now_ns + attempt_ns;
}

/* What failed at one endpoint rather goes to another. */
static void fill_call(qd_operation *operation, int64_t now_ns, void (*done)(qd_call *call)) {
  qd_call *call = &operation->call;
  call->rpc = operation->rpc;
  call->request = operation->request;
  call->deadline_ns = find_attempt_deadline(operation, now_ns);
  call->is_repeatable = qd_retry_is_repeatable(operation->retry_class, operation->repeat);
  call->avoided_endpoint = operation->n_attempts > 0 ? call->endpoint + 1 : 0;
  call->wanted_endpoint = operation->wanted_endpoint;
  call->server_timeout_s = find_server_timeout(operation, call->deadline_ns - now_ns);
  call->headers = operation->headers;
  call->n_headers = operation->n_headers;
  call->arena = operation->reply->arena;
  call->done = done;
  call->bytes = (qd_reply_bytes){0};
  call->message = NULL;
  call->transport_state = NULL;
  qd_error_clear(&call->error);
}

/* Readies operation->call; under the lock, since a canceller looks at it once the state says so. */
static qdrant_status prepare(qd_operation *operation, qd_operation_state state, void (*done)(qd_call *call)) {
  int64_t now_ns = qd_now_ns();
  int64_t left_ns = operation->deadline_ns > now_ns ? operation->deadline_ns - now_ns : 0;
  pthread_mutex_lock(&operation->lock);
  qdrant_status status = check_begin(operation, left_ns);
  if (status == QDRANT_OK) {
    fill_call(operation, now_ns, done);
    operation->state = state;
    operation->is_done = 0;
    operation->attempt_began_ns = now_ns;
    operation->endpoint = UINT32_MAX;
    operation->n_attempts++;
  }
  pthread_mutex_unlock(&operation->lock);
  return status;
}

static void count_attempt(qd_operation *operation) {
  qdrant_client *client = operation->client;
  atomic_fetch_add(&client->n_calls, 1);
  atomic_fetch_add(&client->request_bytes, operation->n_request_bytes);
  if (operation->n_attempts > 1)
    atomic_fetch_add(&client->n_retries, 1);
}

/* After start: from now on a canceller may go to the transport itself; one that came earlier left it to us. */
static void pass_started(qd_operation *operation, uint32_t number) {
  pthread_mutex_lock(&operation->lock);
  int is_current = operation->n_attempts == number && operation->state == QD_STARTING;
  if (is_current)
    operation->state = QD_STARTED;
  int must_cancel = is_current && atomic_load(&operation->is_cancelled);
  const char *reason = operation->cancel_reason;
  pthread_mutex_unlock(&operation->lock);
  if (must_cancel)
    qd_operation_cancel(operation, reason);
}

static void set_idle(qd_operation *operation) {
  pthread_mutex_lock(&operation->lock);
  operation->state = QD_IDLE;
  pthread_mutex_unlock(&operation->lock);
}

/* What start refused is a failed attempt like others; nothing was sent. */
static qdrant_status take_refusal(qd_operation *operation, qdrant_status status) {
  set_idle(operation);
  if (operation->call.error.status == QDRANT_OK)
    qd_fail(&operation->call.error, status, "%s: the transport did not take the call", operation->rpc->name);
  qd_try_take(operation);
  return operation->error.status;
}

static qdrant_status take_key(qd_operation *operation) {
  qdrant_error error;
  qd_error_clear(&error);
  qdrant_status status = qd_call_key_take(operation, &error);
  return status == QDRANT_OK ? QDRANT_OK : refuse(operation, status, error.message);
}

/* Enters the gate and readies the call; afterwards the gate has to be left. */
static qdrant_status enter(qd_operation *operation, qd_operation_state state, void (*done)(qd_call *call)) {
  qdrant_client *client = operation->client;
  if (take_key(operation) != QDRANT_OK)
    return operation->error.status;
  if (!qd_gate_enter(&client->gate))
    return refuse(operation, QDRANT_CLOSED, "the client is closed");
  qdrant_status status = prepare(operation, state, done);
  if (status == QDRANT_OK)
    count_attempt(operation);
  else
    qd_gate_leave(&client->gate);
  return status;
}

qdrant_status qd_try_start(qd_operation *operation, void (*done)(qd_call *call)) {
  qdrant_client *client = operation->client;
  qdrant_status status = enter(operation, QD_STARTING, done);
  if (status != QDRANT_OK)
    return status;
  uint32_t number = operation->n_attempts;
  qd_operation_ref(operation); /* the transport's, given back by `done` */
  qd_operation_ref(operation); /* ours: `done` may run and end everything before start returns */
  status = client->transport.ops->start(client->transport.self, &operation->call);
  qd_gate_leave(&client->gate);
  if (status == QDRANT_OK) {
    pass_started(operation, number);
  } else {
    status = take_refusal(operation, status);
    qd_operation_unref(operation);
  }
  qd_operation_unref(operation);
  return status;
}

qdrant_status qd_try_run(qd_operation *operation) {
  qdrant_client *client = operation->client;
  qdrant_status status = enter(operation, QD_STARTED, NULL);
  if (status != QDRANT_OK)
    return status;
  client->transport.ops->run(client->transport.self, &operation->call);
  qd_gate_leave(&client->gate);
  set_idle(operation);
  return qd_try_take(operation);
}

static qd_budget *find_budget(const qd_operation *operation) {
  return &operation->client->budgets[operation->call.endpoint % QD_N_BUDGETS];
}

/* How often the call itself was tried. */
static uint32_t count_calls(const qd_operation *operation) {
  return operation->n_attempts - operation->n_reads;
}

qdrant_status qd_try_take(qd_operation *operation) {
  qd_call *call = &operation->call;
  qdrant_client *client = operation->client;
  atomic_fetch_add(&client->reply_bytes, call->bytes.n_bytes);
  qd_error_copy(&operation->error, &call->error);
  operation->error.n_attempts = count_calls(operation);
  operation->endpoint = call->endpoint;
  operation->n_reply_bytes = call->bytes.n_bytes;
  if (call->error.status == QDRANT_OK) {
    operation->reply->bytes = call->bytes;
    operation->reply->message = call->message;
    operation->reply->n_attempts = count_calls(operation);
    call->bytes = (qd_reply_bytes){0};
    if (operation->n_attempts == 1)
      qd_budget_give(find_budget(operation));
    qd_observe_attempt(operation, -1);
    return qd_reconcile_is_reading(operation) ? qd_reconcile_take(operation) : QDRANT_OK;
  }
  atomic_fetch_add(&client->n_failed, 1);
  qd_reply_bytes_release(&call->bytes);
  qdrant_reply_free(operation->reply); /* the next attempt begins with an empty arena */
  operation->reply = NULL;
  operation->delivery = qd_delivery_merge(operation->delivery, call->error.delivery);
  operation->error.is_retryable = (uint8_t)qd_retry_may_help(&call->error);
  return qd_reconcile_is_reading(operation) ? qd_reconcile_take(operation) : call->error.status;
}

/* A reading has attempts of its own. */
static uint32_t count_charged(const qd_operation *operation) {
  return qd_reconcile_is_reading(operation) ? operation->reconcile->n_reads
                                            : count_calls(operation) - operation->n_wished;
}

static qd_retry_decision decide(const qd_operation *operation) {
  qd_retry_case given = {
      .retry_class = operation->retry_class,
      .repeat = operation->repeat,
      .error = &operation->error,
      .delivery = operation->delivery,
      .n_attempts = count_charged(operation),
      .max_attempts = operation->max_attempts,
      .delay_ms = operation->client->options.retry_delay_ms,
      .left_ns = qd_deadline_left_ns(operation->deadline_ns),
      .random = qd_random_next(&operation->client->random),
  };
  return qd_retry_decide(&given);
}

/* What the endpoint that failed may be burdened with. */
static int has_budget(qd_operation *operation, int n_tokens) {
  if (operation->is_patient || n_tokens == 0 || qd_budget_take(find_budget(operation), n_tokens))
    return 1;
  atomic_fetch_add(&operation->client->n_over_budget, 1);
  return 0;
}

/* A call that would go on but for its cancellation ends as cancelled, not with the failure of its last attempt. */
static int is_ended_early(qd_operation *operation) {
  pthread_mutex_lock(&operation->lock);
  int is_cancelled = atomic_load(&operation->is_cancelled);
  if (is_cancelled)
    refuse(operation, QDRANT_CANCELLED, operation->cancel_reason);
  pthread_mutex_unlock(&operation->lock);
  return is_cancelled;
}

/* The end, with the call's own error, unless a reading that was cancelled says more. */
static int stop(qd_operation *operation) {
  if (qd_reconcile_is_reading(operation)) {
    qd_reconcile_end(operation);
    is_ended_early(operation);
  }
  return 0;
}

/* A call that was refused for its key was not carried out, so whatever it is it may be made once more. */
static int is_again_with_other_key(qd_operation *operation) {
  qd_observe_attempt(operation, 0);
  operation->n_wished += !qd_reconcile_is_reading(operation) && operation->n_attempts > operation->n_wished;
  return !is_ended_early(operation);
}

int qd_try_is_again(qd_operation *operation, int64_t *sleep_ns) {
  *sleep_ns = 0;
  if (qd_call_key_renew(operation))
    return is_again_with_other_key(operation);
  if (qd_reconcile_may_repeat(operation))
    return count_charged(operation) < operation->max_attempts && !is_ended_early(operation);
  qd_retry_decision decision = decide(operation);
  int is_again = decision.is_again && has_budget(operation, decision.n_tokens);
  *sleep_ns = decision.sleep_ns;
  qd_observe_attempt(operation, is_again ? decision.sleep_ns : -1);
  if (!is_again || is_ended_early(operation))
    return stop(operation);
  operation->n_wished += decision.is_wished && !qd_reconcile_is_reading(operation);
  return !decision.must_read_back || qd_reconcile_begin(operation);
}

void qd_try_finish_error(qd_operation *operation) {
  operation->error.delivery = qd_delivery_merge(operation->delivery, operation->error.delivery);
  operation->error.n_attempts = count_calls(operation);
}
