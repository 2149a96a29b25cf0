#include "tests/support/made_call.h"

#include "core/deadline.h"
#include "core/thread.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HANG_MS = 30000, CLOSE_MS = 2000, STEP_US = 5000 };

qd_grpc_options local_options(uint16_t port, int32_t n_connections) {
  return (qd_grpc_options){.host = "127.0.0.1",
      .port = port,
      .n_connections = n_connections,
      .connect_timeout_ms = HANG_MS, /* a busy machine may need seconds to read the system's roots */
      .keepalive_ms = 10000,
      .keepalive_timeout_ms = 5000,
      .max_reply_bytes = 64u << 20};
}

qd_transport open_local(const qd_grpc_options *options) {
  qd_transport transport = {0};
  if (qd_grpc_open(options, &transport, NULL) != QDRANT_OK)
    abort();
  return transport;
}

void close_local(qd_transport *transport) {
  transport->ops->close(transport->self, qd_deadline_in_ms(CLOSE_MS), 0);
}

static void note_done(qd_call *call) {
  made_call *made = (made_call *)(void *)call;
  pthread_mutex_lock(&made->lock);
  made->n_done++;
  pthread_cond_broadcast(&made->changed);
  pthread_mutex_unlock(&made->lock);
}

made_call *new_call(qdrant_rpc rpc, size_t n_bytes, int64_t timeout_ms) {
  made_call *made = calloc(1, sizeof *made);
  qd_cond_init(&made->changed);
  pthread_mutex_init(&made->lock, NULL);
  qd_body_pool *pool = qd_body_pool_new(0);
  made->call.rpc = qd_rpc_row(rpc);
  made->call.request.kind = QD_REQUEST_BYTES;
  made->call.request.body = qd_body_new(pool, n_bytes);
  memset(made->call.request.body->bytes, 0, n_bytes);
  qd_body_pool_unref(pool);
  made->call.deadline_ns = qd_deadline_in_ms(timeout_ms);
  made->call.is_repeatable = made->call.rpc->retry_class <= QD_RETRY_IDEMPOTENT;
  made->call.done = note_done;
  return made;
}

qdrant_status start_call(qd_transport *transport, made_call *made) {
  return transport->ops->start(transport->self, &made->call);
}

int wait_done(made_call *made, int64_t max_ms) {
  int64_t deadline_ns = qd_deadline_in_ms(max_ms);
  int has_time = 1;
  pthread_mutex_lock(&made->lock);
  while (made->n_done == 0 && has_time)
    has_time = qd_cond_wait(&made->changed, &made->lock, deadline_ns);
  int is_done = made->n_done > 0;
  pthread_mutex_unlock(&made->lock);
  return is_done;
}

int count_done(made_call *made) {
  pthread_mutex_lock(&made->lock);
  int n_done = made->n_done;
  pthread_mutex_unlock(&made->lock);
  return n_done;
}

void free_call(made_call *made) {
  if (made->call.bytes.ops != NULL)
    made->call.bytes.ops->release(made->call.bytes.owner);
  qd_body_unref(made->call.request.body);
  pthread_cond_destroy(&made->changed);
  pthread_mutex_destroy(&made->lock);
  free(made);
}

qdrant_status call_once(
    qd_transport *transport, qdrant_rpc rpc, size_t n_bytes, int64_t timeout_ms, qdrant_error *error) {
  made_call *made = new_call(rpc, n_bytes, timeout_ms);
  if (start_call(transport, made) == QDRANT_OK && !wait_done(made, HANG_MS))
    abort();
  qdrant_status status = made->call.error.status;
  if (error != NULL)
    *error = made->call.error;
  free_call(made);
  return status;
}

int wait_n_ready(qd_transport *transport, uint32_t n_ready) {
  int64_t deadline_ns = qd_deadline_in_ms(20000);
  for (;;) {
    qdrant_stats stats = {0};
    transport->ops->stats(transport->self, &stats);
    if (stats.n_ready == n_ready)
      return 1;
    if (qd_deadline_has_passed(deadline_ns))
      return 0;
    usleep(STEP_US);
  }
}
