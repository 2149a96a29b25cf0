#include "pool/grpc_transport.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/thread.h"
#include "pool/attempt.h"
#include "pool/cancel.h"
#include "pool/close.h"
#include "pool/puzzle.h"
#include "pool/ready.h"
#include "pool/watch.h"

#include <string.h>

static qdrant_status fail_forked(qdrant_error *err) {
  return qd_fail(err, QDRANT_FORKED,
      "a process that has used gRPC cannot use it in its children: open clients after fork, in processes that had "
      "none");
}

static qdrant_status start_call(void *self, qd_call *call) {
  if (qd_grpc_is_forked_child()) {
    qd_error_clear(&call->error);
    return fail_forked(&call->error);
  }
  return qd_attempt_start(self, NULL, call);
}

static void cancel_call(void *self, qd_call *call) {
  if (!qd_grpc_is_forked_child())
    qd_attempt_cancel(self, call);
}

static qdrant_status wait_ready(void *self, int64_t deadline_ns, qdrant_error *err) {
  return qd_grpc_is_forked_child() ? fail_forked(err) : qd_pool_wait_ready(self, deadline_ns, err);
}

/* In a child the lock may have been held by a thread that is not there. */
static void add_stats(void *self, qdrant_stats *stats) {
  if (!qd_grpc_is_forked_child())
    qd_pool_stats(self, stats);
}

static void fill_state(void *self, size_t number, qdrant_endpoint_stats *stats) {
  (void)number;
  if (!qd_grpc_is_forked_child())
    stats->state = qd_pool_state(self);
}

static void close_pool(void *self, int64_t deadline_ns, int is_child) {
  if (is_child || qd_grpc_is_forked_child())
    qd_pool_free(self);
  else
    qd_pool_close(self, deadline_ns);
}

static const qd_transport_ops grpc_ops = {
    .name = "grpc",
    .accepts = QD_REQUEST_BYTES,
    .start = start_call,
    .cancel = cancel_call,
    .wait_ready = wait_ready,
    .stats = add_stats,
    .endpoint_stats = fill_state,
    .close = close_pool,
};

static qdrant_status fail_no_memory(const qd_pool *pool, qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a pool of %zu connections", pool->n_channels);
}

static qdrant_status fill_pool(qd_pool *pool, const qd_grpc_options *options, qdrant_error *err) {
  pthread_mutex_init(&pool->lock, NULL);
  qd_cond_init(&pool->changed);
  pool->max_reply_bytes = options->max_reply_bytes;
  pool->n_channels = (size_t)options->n_connections;
  pool->channels = qd_alloc_array(pool->n_channels, sizeof *pool->channels);
  if (pool->channels != NULL)
    memset(pool->channels, 0, pool->n_channels * sizeof *pool->channels);
  pool->endpoint = qd_endpoint_text(options->host, options->port);
  pool->runtime = qd_runtime_new();
  if (pool->channels == NULL || pool->endpoint == NULL || pool->runtime == NULL)
    return fail_no_memory(pool, err);
  qdrant_status status = qd_line_plan_open(&pool->plan, options, err);
  if (status == QDRANT_OK && !qd_puzzle_open(pool, options))
    status = fail_no_memory(pool, err);
  return status == QDRANT_OK ? qd_metadata_open(&pool->metadata, options, err) : status;
}

/* 0 when out of memory. */
static int create_lines(qd_pool *pool) {
  qd_material *material = qd_line_plan_material(&pool->plan);
  size_t n_made = 0;
  while (n_made < pool->n_channels && (pool->channels[n_made].line = qd_line_new(&pool->plan, material)) != NULL)
    pool->channels[n_made++].pool = pool;
  qd_material_unref(material);
  return n_made == pool->n_channels;
}

static void drop_lines(qd_pool *pool) {
  for (size_t i = 0; i < pool->n_channels; i++) {
    qd_line_unref(pool->channels[i].line);
    pool->channels[i].line = NULL;
  }
}

static qdrant_status start_channels(qd_pool *pool, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  if (!create_lines(pool))
    status = fail_no_memory(pool, err);
  else if (!qd_poller_open(&pool->poller))
    status = qd_fail(err, QDRANT_NO_MEMORY, "the thread that serves the connections cannot be started");
  if (status != QDRANT_OK) {
    drop_lines(pool);
    return status;
  }
  pool->n_watches = pool->n_channels;
  for (size_t i = 0; i < pool->n_channels; i++)
    qd_channel_watch(&pool->channels[i]);
  return QDRANT_OK;
}

qdrant_status qd_grpc_open(const qd_grpc_options *options, qd_transport *transport, qdrant_error *err) {
  if (qd_grpc_is_forked_child())
    return fail_forked(err);
  qd_pool *pool = qd_zalloc(sizeof *pool);
  if (pool == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a pool");
  qdrant_status status = fill_pool(pool, options, err);
  if (status == QDRANT_OK)
    status = start_channels(pool, err);
  if (status == QDRANT_OK)
    *transport = (qd_transport){.ops = &grpc_ops, .self = pool};
  else
    qd_pool_free(pool);
  return status;
}
