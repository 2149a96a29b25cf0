#include "pool/attempt.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "pool/picker.h"
#include "pool/report.h"

#include <grpc/byte_buffer.h>
#include <grpc/support/time.h>

/* What is kept between calls: enough for the usual number in flight, and no array that one odd reply made large. */
enum { MAX_KEPT_ATTEMPTS = 256, MAX_KEPT_METADATA = 32 };

void qd_attempt_ref(qd_attempt *attempt) {
  atomic_fetch_add_explicit(&attempt->refs, 1, memory_order_relaxed);
}

static void free_attempt(qd_attempt *attempt) {
  if (!qd_grpc_is_forked_child()) {
    grpc_metadata_array_destroy(&attempt->initial);
    grpc_metadata_array_destroy(&attempt->trailing);
  }
  qd_free(attempt->metadata.items);
  qd_free(attempt->holder);
  qd_free(attempt);
}

void qd_attempts_free_kept(qd_pool *pool) {
  while (pool->first_free != NULL) {
    qd_attempt *attempt = pool->first_free;
    pool->first_free = attempt->next;
    free_attempt(attempt);
  }
}

static qd_attempt *new_attempt(qd_pool *pool) {
  qd_attempt *attempt = qd_zalloc(sizeof *attempt);
  if (attempt != NULL) {
    attempt->pool = pool;
    attempt->send_tag = (qd_tag){.run = qd_attempt_on_sent, .owner = attempt};
    attempt->receive_tag = (qd_tag){.run = qd_attempt_on_received, .owner = attempt};
    grpc_metadata_array_init(&attempt->initial);
    grpc_metadata_array_init(&attempt->trailing);
  }
  return attempt;
}

static void empty_array(grpc_metadata_array *array) {
  array->count = 0; /* the elements were the core call's */
  if (array->capacity > MAX_KEPT_METADATA) {
    grpc_metadata_array_destroy(array);
    grpc_metadata_array_init(array);
  }
}

void qd_attempt_drop_line(qd_attempt *attempt) {
  qd_line_unref(attempt->line);
  attempt->line = NULL;
}

/* Lets go of everything the last call left, without the lock: core may run destructors of slices here. */
static void clear_attempt(qd_attempt *attempt) {
  if (attempt->core != NULL) {
    grpc_call_unref(attempt->core);
    attempt->core = NULL;
  }
  qd_attempt_drop_line(attempt);
  if (attempt->reply != NULL) {
    grpc_byte_buffer_destroy(attempt->reply);
    attempt->reply = NULL;
  }
  grpc_slice_unref(attempt->text);
  attempt->text = grpc_empty_slice();
  empty_array(&attempt->initial);
  empty_array(&attempt->trailing);
}

static void give_back(qd_attempt *attempt) {
  qd_pool *pool = attempt->pool;
  clear_attempt(attempt);
  pthread_mutex_lock(&pool->lock);
  int is_kept = pool->n_free < MAX_KEPT_ATTEMPTS;
  if (is_kept) {
    attempt->next = pool->first_free;
    pool->first_free = attempt;
    pool->n_free++;
  }
  pool->n_live--;
  if (pool->is_closing)
    pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->lock);
  if (!is_kept)
    free_attempt(attempt);
}

void qd_attempt_unref(qd_attempt *attempt) {
  if (atomic_fetch_sub_explicit(&attempt->refs, 1, memory_order_acq_rel) == 1)
    give_back(attempt);
}

/* Under the pool's lock. */
static qd_attempt *pop_free(qd_pool *pool) {
  qd_attempt *attempt = pool->first_free;
  if (attempt != NULL) {
    pool->first_free = attempt->next;
    pool->n_free--;
  }
  return attempt;
}

/* Under the pool's lock. */
static void count_in(qd_attempt *attempt, qd_channel *channel, qd_call *call, int64_t now_ns) {
  qd_pool *pool = attempt->pool;
  if (channel == NULL)
    channel = qd_pick_channel(pool->channels, pool->n_channels, call->avoided_connection, now_ns);
  attempt->channel = channel;
  attempt->n_request_bytes = call->request.body->n_bytes;
  attempt->line = qd_line_ref(channel->line);
  atomic_store(&call->connection, (unsigned)(channel - pool->channels) + 1);
  qd_channel_add_call(channel, attempt->n_request_bytes);
  pool->n_undone++;
  pool->n_live++;
}

static void reset(qd_attempt *attempt) {
  attempt->call = NULL;
  attempt->is_cancel_posted = 0;
  attempt->has_sent = 0;
  attempt->has_send_failed = 0;
  attempt->has_received = 0;
  attempt->is_reported = 0;
  attempt->is_cancelled = 0;
  attempt->is_puzzle = 0;
  attempt->finding.reason = QDRANT_REASON_NONE;
  attempt->finding.is_fine = 0;
  atomic_store_explicit(&attempt->refs, 1, memory_order_relaxed);
}

qdrant_status qd_attempt_take(
    qd_pool *pool, qd_channel *channel, qd_call *call, int64_t now_ns, qd_attempt **taken, qdrant_error *err) {
  pthread_mutex_lock(&pool->lock);
  qd_attempt *attempt = pool->is_closing ? NULL : pop_free(pool);
  if (attempt == NULL && !pool->is_closing) {
    pthread_mutex_unlock(&pool->lock);
    attempt = new_attempt(pool);
    if (attempt == NULL)
      return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the state of a call");
    pthread_mutex_lock(&pool->lock);
  }
  int is_closing = pool->is_closing;
  if (!is_closing)
    count_in(attempt, channel, call, now_ns);
  pthread_mutex_unlock(&pool->lock);
  if (is_closing) {
    if (attempt != NULL)
      free_attempt(attempt);
    return qd_fail(err, QDRANT_CLOSED, "the client is closed");
  }
  reset(attempt);
  *taken = attempt;
  return QDRANT_OK;
}

void qd_attempt_drop(qd_attempt *attempt) {
  qd_pool *pool = attempt->pool;
  pthread_mutex_lock(&pool->lock);
  qd_channel_end_call(attempt->channel);
  qd_channel_end_send(attempt->channel, attempt->n_request_bytes);
  pool->n_undone--;
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->lock);
  qd_attempt_unref(attempt);
}
