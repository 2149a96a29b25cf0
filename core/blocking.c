#include "core/blocking.h"

#include "core/alloc.h"
#include "core/call_queue.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/message.h"

#include <stdatomic.h>

enum { MAX_KEPT_BODY_BYTES = 8 << 20 };

typedef struct blocking {
  const qd_blocking_ops *ops;
  void *engine;
  qd_body_pool *bodies;
  qd_call_queue *queue;
  qd_transport_ops transport_ops; /* carries the engine's name */
  atomic_size_t n_busy;           /* calls within the engine */
} blocking;

static qdrant_status decode_request(qd_call *call, const qd_body *body, const ProtobufCMessage **request) {
  ProtobufCMessage *message = NULL;
  qdrant_status status = qd_message_decode_request(call->rpc->request, body, call->arena, &message, &call->error);
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

static void run_queued(void *user, qd_call *call, const qd_body *body) {
  const ProtobufCMessage *request = NULL;
  if (decode_request(call, body, &request) == QDRANT_OK)
    call_engine(user, call, request);
}

static qdrant_status start_call(void *transport, qd_call *call) {
  blocking *self = transport;
  qd_body *body = NULL;
  qdrant_status status = QDRANT_OK;
  qd_error_clear(&call->error);
  if (call->request.kind == QD_REQUEST_BYTES)
    body = qd_body_ref(call->request.body);
  else
    status = qd_message_encode(call->request.message, self->bodies, SIZE_MAX, &body, &call->error);
  if (status == QDRANT_OK)
    status = qd_call_queue_put(self->queue, call, body);
  if (status != QDRANT_OK)
    qd_body_unref(body);
  return status;
}

static qdrant_status run_call(void *transport, qd_call *call) {
  blocking *self = transport;
  const ProtobufCMessage *request = call->request.message;
  qd_error_clear(&call->error);
  qdrant_status status = qd_call_queue_enter(self->queue, &call->error);
  if (status != QDRANT_OK)
    return status;
  if (call->request.kind == QD_REQUEST_BYTES)
    status = decode_request(call, call->request.body, &request);
  if (status == QDRANT_OK)
    status = call_engine(self, call, request);
  qd_call_queue_leave(self->queue);
  return status;
}

static qdrant_status save_file(
    void *transport, const char *collection, const char *path, int64_t deadline_ns, qdrant_error *err) {
  blocking *self = transport;
  qdrant_status status = qd_call_queue_enter(self->queue, err);
  if (status != QDRANT_OK)
    return status;
  atomic_fetch_add(&self->n_busy, 1);
  status = self->ops->save(self->engine, collection, path, deadline_ns, err);
  atomic_fetch_sub(&self->n_busy, 1);
  qd_call_queue_leave(self->queue);
  return status;
}

static qdrant_status load_file(void *transport, const char *path, const char *collection, qdrant_error *err) {
  blocking *self = transport;
  qdrant_status status = qd_call_queue_enter(self->queue, err);
  if (status != QDRANT_OK)
    return status;
  atomic_fetch_add(&self->n_busy, 1);
  status = self->ops->load(self->engine, path, collection, err);
  atomic_fetch_sub(&self->n_busy, 1);
  qd_call_queue_leave(self->queue);
  return status;
}

/* A call that a worker has begun is left to finish: engines cannot be stopped from outside. */
static void cancel_call(void *transport, qd_call *call) {
  blocking *self = transport;
  qd_call_queue_cancel(self->queue, call);
}

static void free_blocking(void *user) {
  blocking *self = user;
  self->ops->free(self->engine);
  qd_body_pool_unref(self->bodies);
  qd_free(self);
}

/* An engine that another thread was changing at the moment of the fork cannot be touched, nor can the pool of bodies,
 * whose lock a thread that is not there may hold. */
static void close_in_child(blocking *self) {
  if (atomic_load(&self->n_busy) > 0)
    return;
  self->ops->free(self->engine);
  qd_call_queue_forget(self->queue);
  qd_free(self);
}

static void close_blocking(void *transport, int64_t deadline_ns, int is_child) {
  blocking *self = transport;
  if (is_child)
    close_in_child(self);
  else
    qd_call_queue_close(self->queue, deadline_ns);
}

qdrant_status qd_blocking_open(const qd_blocking_ops *ops, void *self, size_t n_threads, size_t max_queued,
    qd_transport *transport, qdrant_error *err) {
  blocking *made = qd_zalloc(sizeof *made);
  qd_body_pool *bodies = qd_body_pool_new(MAX_KEPT_BODY_BYTES);
  qd_call_queue *queue = qd_call_queue_new(&(qd_call_queue_plan){
      .user = made, .run = run_queued, .end = free_blocking, .n_threads = n_threads, .max_queued = max_queued});
  if (made == NULL || bodies == NULL || queue == NULL) {
    qd_free(made);
    qd_body_pool_unref(bodies);
    qd_call_queue_forget(queue);
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the %s transport was opened", ops->name);
  }
  made->ops = ops;
  made->engine = self;
  made->bodies = bodies;
  made->queue = queue;
  made->transport_ops = (qd_transport_ops){.name = ops->name,
      .accepts = QD_REQUEST_MESSAGE | QD_REQUEST_BYTES,
      .start = start_call,
      .run = run_call,
      .cancel = cancel_call,
      .save = ops->save != NULL ? save_file : NULL,
      .load = ops->load != NULL ? load_file : NULL,
      .close = close_blocking};
  *transport = (qd_transport){&made->transport_ops, made};
  return QDRANT_OK;
}
