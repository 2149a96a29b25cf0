#include "pool/attempt.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/wire.h"
#include "pool/picker.h"
#include "pool/report.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <grpc/support/time.h>

/* A tag of at most 5 bytes and a number of at most 5: small enough for gRPC to keep it inside the slice. */
enum { MAX_TAIL_BYTES = 10 };

/* Bodies are let go of by any thread of core's. Core orders that after the hand-over; this says so to the thread
 * sanitizer, which cannot see into core. It must lie outside the body, whose first access would be the race reported.
 */
static atomic_uint n_bodies_handed_over;

static void release_body(void *body) {
  atomic_load_explicit(&n_bodies_handed_over, memory_order_acquire);
  qd_body_unref(body);
}

/* The `timeout` field goes in a slice of its own after the body: protobuf allows fields in any order, and the body
 * stays as it is for every attempt. */
static grpc_slice make_tail(const qd_call *call) {
  uint8_t bytes[MAX_TAIL_BYTES];
  uint8_t *end = qd_put_varint_field(bytes, call->rpc->timeout_field, call->server_timeout_s);
  return grpc_slice_from_copied_buffer((const char *)bytes, (size_t)(end - bytes));
}

static grpc_byte_buffer *make_message(const qd_call *call) {
  grpc_slice slices[2];
  size_t n_slices = 0;
  qd_body *body = call->request.body;
  if (body->n_bytes > 0) {
    atomic_fetch_add_explicit(&n_bodies_handed_over, 1, memory_order_release);
    slices[n_slices++] = grpc_slice_new_with_user_data(body->bytes, body->n_bytes, release_body, qd_body_ref(body));
  }
  if (call->server_timeout_s > 0 && call->rpc->timeout_field > 0)
    slices[n_slices++] = make_tail(call);
  grpc_byte_buffer *message = grpc_raw_byte_buffer_create(slices, n_slices);
  for (size_t i = 0; i < n_slices; i++)
    grpc_slice_unref(slices[i]);
  return message;
}

static void create_core_call(qd_attempt *attempt, const qd_call *call) {
  qd_line *line = attempt->line;
  attempt->deadline_ns = call->deadline_ns;
  attempt->core =
      grpc_channel_create_registered_call(line->core, NULL, GRPC_PROPAGATE_DEFAULTS, attempt->pool->poller.queue,
          line->methods[call->rpc->id], gpr_time_from_nanos(call->deadline_ns, GPR_CLOCK_MONOTONIC), NULL);
  qd_attempt_drop_line(attempt);
}

static qdrant_status prepare(qd_attempt *attempt, const qd_call *call, qdrant_error *err) {
  if (attempt->holder == NULL)
    attempt->holder = qd_alloc(sizeof *attempt->holder);
  if (attempt->holder == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the state of a call");
  qdrant_status status =
      qd_call_metadata_fill(&attempt->metadata, &attempt->pool->metadata, call->headers, call->n_headers, err);
  if (status == QDRANT_OK)
    create_core_call(attempt, call);
  return status;
}

/* From here on the call can be cancelled, and closing the pool reports it. 0 when closing has begun before. */
static int publish(qd_attempt *attempt, qd_call *call) {
  qd_pool *pool = attempt->pool;
  pthread_mutex_lock(&pool->lock);
  int is_closing = pool->is_closing;
  if (!is_closing) {
    attempt->call = call;
    call->transport_state = attempt;
    attempt->previous = NULL;
    attempt->next = pool->first_in_flight;
    if (attempt->next != NULL)
      attempt->next->previous = attempt;
    pool->first_in_flight = attempt;
  }
  pthread_mutex_unlock(&pool->lock);
  return !is_closing;
}

static grpc_call_error send_request(qd_attempt *attempt, grpc_byte_buffer *message) {
  grpc_op ops[3] = {
      {.op = GRPC_OP_SEND_INITIAL_METADATA,
          .data.send_initial_metadata = {.count = attempt->metadata.n_items, .metadata = attempt->metadata.items}},
      {.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = message},
      {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
  };
  qd_attempt_ref(attempt);
  grpc_call *core = attempt->core; /* nothing of the attempt is read after the hand-over */
  void *tag = qd_tag_hand_over(&attempt->send_tag);
  return grpc_call_start_batch(core, ops, 3, tag, NULL);
}

static grpc_call_error receive_reply(qd_attempt *attempt) {
  grpc_op ops[3] = {
      {.op = GRPC_OP_RECV_INITIAL_METADATA, .data.recv_initial_metadata.recv_initial_metadata = &attempt->initial},
      {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &attempt->reply},
      {.op = GRPC_OP_RECV_STATUS_ON_CLIENT,
          .data.recv_status_on_client = {.trailing_metadata = &attempt->trailing,
              .status = &attempt->code,
              .status_details = &attempt->text}},
  };
  grpc_call *core = attempt->core; /* nothing of the attempt is read after the hand-over */
  void *tag = qd_tag_hand_over(&attempt->receive_tag);
  return grpc_call_start_batch(core, ops, 3, tag, NULL);
}

/* Core refused a batch, which only a fault of this library's can bring about. Unless a cancel has reported the call
 * meanwhile it is not taken. */
static qdrant_status refuse(qd_attempt *attempt, grpc_call_error reason, qdrant_error *err) {
  qd_pool *pool = attempt->pool;
  grpc_call_cancel(attempt->core, NULL);
  pthread_mutex_lock(&pool->lock);
  qd_call *call = qd_attempt_detach(attempt);
  pthread_mutex_unlock(&pool->lock);
  qd_attempt_unref(attempt);
  return call == NULL ? QDRANT_OK
                      : qd_fail(err, QDRANT_INTERNAL, "gRPC refused the call: %s", grpc_call_error_to_string(reason));
}

/* The receive batch comes last: once it is begun the call may be reported and its memory gone. */
static qdrant_status launch(qd_attempt *attempt, grpc_byte_buffer *message, qdrant_error *err) {
  qd_poller *poller = &attempt->pool->poller;
  qd_poller_catch(poller);
  grpc_call_error failure = send_request(attempt, message);
  int is_sent = qd_poller_has_caught(poller, &attempt->send_tag);
  grpc_byte_buffer_destroy(message);
  qd_call_metadata_drop(&attempt->metadata);
  if (failure != GRPC_CALL_OK) {
    qd_pool *pool = attempt->pool;
    pthread_mutex_lock(&pool->lock);
    qd_channel_end_send(attempt->channel, attempt->n_request_bytes);
    pthread_mutex_unlock(&pool->lock);
    qd_attempt_unref(attempt); /* the send tag's */
    return refuse(attempt, failure, err);
  }
  if (is_sent)
    qd_attempt_on_sent(attempt, 1);
  failure = receive_reply(attempt);
  return failure == GRPC_CALL_OK ? QDRANT_OK : refuse(attempt, failure, err);
}

qdrant_status qd_attempt_start(qd_pool *pool, qd_channel *channel, qd_call *call) {
  qdrant_error *err = &call->error;
  qd_attempt *attempt = NULL;
  qd_error_clear(err);
  call->bytes = (qd_reply_bytes){0};
  call->message = NULL;
  call->transport_state = NULL;
  call->is_unreachable = 0;
  int64_t now_ns = qd_now_ns();
  if (call->deadline_ns <= now_ns)
    return qd_fail(err, QDRANT_DEADLINE_EXCEEDED, "the deadline passed before the call was sent");
  qdrant_status status = qd_attempt_take(pool, channel, call, now_ns, &attempt, err);
  if (status != QDRANT_OK)
    return status;
  status = prepare(attempt, call, err);
  if (status == QDRANT_OK && !publish(attempt, call)) {
    qd_call_metadata_drop(&attempt->metadata);
    status = qd_fail(err, QDRANT_CLOSED, "the client is closed");
  }
  if (status != QDRANT_OK) {
    qd_attempt_drop(attempt);
    return status;
  }
  return launch(attempt, make_message(call), err);
}
