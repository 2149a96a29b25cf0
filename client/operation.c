#include "client/operation.h"

#include "client/admission.h"
#include "client/call_key.h"
#include "client/cancel.h"
#include "client/reads.h"
#include "client/reconcile.h"
#include "core/error.h"
#include "core/message.h"
#include "core/thread.h"

#include <string.h>

static qdrant_status fail_no_memory(const qd_rpc *rpc, qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was begun", rpc->name);
}

qdrant_status qd_operation_new(
    qdrant_client *client, const qd_rpc *rpc, const qd_settings *settings, qd_operation **made, qdrant_error *err) {
  qd_arena *arena = qd_arena_pool_take(client->arenas);
  qd_operation *operation = arena != NULL ? qd_arena_zalloc(arena, sizeof *operation) : NULL;
  *made = NULL;
  if (operation == NULL) {
    qd_arena_pool_give(client->arenas, arena);
    return fail_no_memory(rpc, err);
  }
  operation->arena = arena;
  atomic_init(&operation->refs, 1);
  operation->client = qd_client_hold(client);
  operation->rpc = rpc;
  operation->newer = settings->newer;
  operation->wanted_endpoint = settings->wanted_endpoint;
  operation->is_question = settings->is_question;
  operation->deadline_ns = settings->deadline_ns;
  operation->attempt_timeout_ns = settings->attempt_timeout_ns;
  operation->retry_class = rpc->retry_class;
  operation->repeat = settings->repeat;
  operation->is_patient = settings->is_patient;
  operation->max_attempts = settings->is_patient ? UINT32_MAX : settings->max_attempts;
  pthread_mutex_init(&operation->lock, NULL);
  qd_cond_init(&operation->changed);
  operation->reply = qd_reply_new(client->arenas, rpc);
  if (operation->reply == NULL ||
      !qd_reads_copy_headers(&client->options, rpc, settings, arena, &operation->headers, &operation->n_headers)) {
    qd_operation_unref(operation);
    return fail_no_memory(rpc, err);
  }
  if (settings->cancel != NULL)
    qd_cancel_join(settings->cancel, operation);
  *made = operation;
  return QDRANT_OK;
}

qd_operation *qd_operation_ref(qd_operation *operation) {
  atomic_fetch_add(&operation->refs, 1);
  return operation;
}

static void free_operation(qd_operation *operation) {
  qdrant_client *client = operation->client;
  qdrant_cancel_free(operation->cancel);
  qd_reconcile_drop(operation);
  qd_call_key_drop(operation);
  qd_body_unref(operation->request.body);
  qd_reply_bytes_release(&operation->call.bytes);
  qdrant_reply_free(operation->reply);
  qd_cq_unreserve(operation->item);
  pthread_cond_destroy(&operation->changed);
  pthread_mutex_destroy(&operation->lock);
  qd_arena_pool_give(client->arenas, operation->arena); /* the operation itself lies in it */
  qd_client_drop(client);
}

void qd_operation_unref(qd_operation *operation) {
  if (operation != NULL && atomic_fetch_sub(&operation->refs, 1) == 1)
    free_operation(operation);
}

void qd_operation_abandon(qd_operation *operation) {
  if (operation == NULL)
    return;
  qd_cancel_leave(operation);
  qd_admission_release(operation);
  qd_admission_unlist(operation);
  qd_operation_unref(operation);
}

int qd_operation_runs_here(const qd_operation *operation) {
  return operation->client->transport.ops->run != NULL && operation->cancel == NULL;
}

void qd_operation_take_message(qd_operation *operation, const ProtobufCMessage *message) {
  operation->request = (qd_request){.kind = QD_REQUEST_MESSAGE, .message = message};
}

void qd_operation_take_body(qd_operation *operation, qd_body *body) {
  operation->request = (qd_request){.kind = QD_REQUEST_BYTES, .body = body};
  operation->n_request_bytes = body->n_bytes;
}

int qd_operation_take_http(qd_operation *operation, const qd_http_request *http) {
  qd_http_request *copy = qd_arena_alloc(operation->arena, sizeof *copy);
  if (copy == NULL)
    return 0;
  *copy = *http;
  copy->target = qd_arena_strndup(operation->arena, http->target, strlen(http->target));
  if (http->body != NULL)
    copy->body = qd_arena_strndup(operation->arena, http->body, http->n_body);
  operation->request = (qd_request){.kind = QD_REQUEST_HTTP, .http = copy};
  operation->n_request_bytes = http->n_body;
  return copy->target != NULL && (http->body == NULL || copy->body != NULL);
}

/* The transport may be closing at this very moment: then it ends all its calls anyway. */
static void cancel_attempt(qd_operation *operation) {
  qdrant_client *client = operation->client;
  if (client->transport.ops->cancel == NULL || !qd_gate_enter(&client->gate))
    return;
  client->transport.ops->cancel(client->transport.self, &operation->call);
  qd_gate_leave(&client->gate);
}

void qd_operation_cancel(qd_operation *operation, const char *reason) {
  pthread_mutex_lock(&operation->lock);
  if (!atomic_exchange(&operation->is_cancelled, 1))
    operation->cancel_reason = reason;
  qd_operation_state state = operation->state;
  if (state == QD_SLEEPING)
    qd_alarms_hasten(&operation->client->alarms, &operation->alarm);
  pthread_cond_broadcast(&operation->changed);
  pthread_mutex_unlock(&operation->lock);
  if (state == QD_ADMITTING)
    qd_admission_wake(operation->client);
  if (state == QD_STARTED)
    cancel_attempt(operation);
}
