#include "tests/support/letters.h"

#include "core/deadline.h"
#include "core/error.h"
#include "core/message.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void change(letters_engine *self, int *what, int by) {
  pthread_mutex_lock(&self->lock);
  *what += by;
  if (self->n_inside > self->most_inside)
    self->most_inside = self->n_inside;
  pthread_cond_broadcast(&self->changed);
  pthread_mutex_unlock(&self->lock);
}

void letters_await(letters_engine *self, const int *what, int wanted) {
  pthread_mutex_lock(&self->lock);
  while (*what < wanted)
    pthread_cond_wait(&self->changed, &self->lock);
  pthread_mutex_unlock(&self->lock);
}

static void note_signals(letters_engine *self) {
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  if (!sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGINT))
    atomic_store(&self->saw_unblocked_signals, 1);
}

static qdrant_status count_letters(void *user, const qd_rpc *rpc, const ProtobufCMessage *request, int64_t deadline_ns,
    qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err) {
  letters_engine *self = user;
  const Qdrant__CountPoints *count = (const Qdrant__CountPoints *)request;
  assert_ptr_equal(request->descriptor, rpc->request);
  assert_true(deadline_ns > 0);
  change(self, &self->n_calls, 1);
  change(self, &self->n_inside, 1);
  note_signals(self);
  if (strncmp(count->collection_name, "wait", 4) == 0)
    letters_await(self, &self->is_open, 1);
  change(self, &self->n_inside, -1);
  if (strcmp(count->collection_name, "missing") == 0)
    return qd_fail(err, QDRANT_NOT_FOUND, "Collection `%s` doesn't exist!", count->collection_name);
  Qdrant__CountResponse *response = qd_arena_alloc(arena, sizeof *response);
  Qdrant__CountResult *result = qd_arena_alloc(arena, sizeof *result);
  if (response == NULL || result == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  qdrant__count_response__init(response);
  qdrant__count_result__init(result);
  QDRANT_SET(result, count, strlen(count->collection_name));
  response->result = result;
  *reply = &response->base;
  return QDRANT_OK;
}

static void free_engine(void *user) {
  letters_engine *self = user;
  change(self, &self->is_freed, 1);
}

const qd_blocking_ops letters_ops = {.name = "letters", .carry_out = count_letters, .free = free_engine};

void letters_init(letters_engine *made) {
  memset(made, 0, sizeof *made);
  pthread_mutex_init(&made->lock, NULL);
  pthread_cond_init(&made->changed, NULL);
}

void letters_let_go(letters_engine *self) {
  change(self, &self->is_open, 1);
}

static void note_done(qd_call *call) {
  letters_call *self = (letters_call *)(void *)call;
  change(self->owner, &self->n_done, 1);
}

void letters_make(letters_call *made, letters_engine *owner, const char *name) {
  *made = (letters_call){.owner = owner};
  snprintf(made->name, sizeof made->name, "%s", name);
  qdrant__count_points__init(&made->request);
  made->request.collection_name = made->name;
  made->call.rpc = qd_rpc_row(QDRANT_RPC_POINTS_COUNT);
  made->call.request.kind = QD_REQUEST_MESSAGE;
  made->call.request.message = &made->request.base;
  made->call.deadline_ns = qd_deadline_in_ms(QD_MAX_TIMEOUT_MS);
  made->call.arena = qd_arena_new(0);
  made->call.done = note_done;
}

void letters_drop(letters_call *self) {
  qd_arena_free(self->call.arena);
}

qdrant_status letters_wait_done(letters_call *self) {
  letters_await(self->owner, &self->n_done, 1);
  return self->call.error.status;
}

uint64_t letters_counted(const letters_call *self) {
  const Qdrant__CountResponse *response = (const Qdrant__CountResponse *)self->call.message;
  return response->result->count;
}

qd_transport letters_open(letters_engine *self, size_t n_threads, size_t max_queued) {
  qd_transport transport;
  qdrant_error err = {0};
  letters_init(self);
  assert_int_equal(qd_blocking_open(&letters_ops, self, n_threads, max_queued, &transport, &err), QDRANT_OK);
  return transport;
}

qdrant_status letters_start(qd_transport transport, letters_call *self) {
  return transport.ops->start(transport.self, &self->call);
}

void letters_close(qd_transport transport) {
  transport.ops->close(transport.self, qd_deadline_in_ms(QD_MAX_TIMEOUT_MS), 0);
}

qd_body_pool *letters_use_bytes(letters_call *self) {
  qd_body_pool *pool = qd_body_pool_new(0);
  qdrant_error err = {0};
  assert_int_equal(qd_message_encode(&self->request.base, pool, SIZE_MAX, &self->call.request.body, &err), QDRANT_OK);
  self->call.request.kind = QD_REQUEST_BYTES;
  self->call.request.message = NULL;
  return pool;
}
