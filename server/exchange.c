#include "server/exchange.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "server/access.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* A call without a deadline, or one that a fault has carried out whatever its client does, still ends. */
static const int64_t LONGEST_CALL_MS = 60000;

/* What is sent back. */
typedef struct outcome {
  qdrant_status status;
  const char *message;
  uint32_t retry_after_s;
  grpc_byte_buffer *reply; /* taken; NULL unless OK */
} outcome;

qd_exchange *qd_exchange_new(qd_calls *calls) {
  qd_exchange *exchange = qd_zalloc(sizeof *exchange);
  if (exchange == NULL)
    return NULL;
  exchange->calls = calls;
  atomic_init(&exchange->refs, 1);
  atomic_init(&exchange->is_closed, 0);
  grpc_call_details_init(&exchange->details);
  grpc_metadata_array_init(&exchange->metadata);
  for (int step = QD_STEP_ARRIVED; step <= QD_STEP_CLOSED; step++)
    exchange->tags[step] = (qd_exchange_tag){exchange, (qd_step)step};
  return exchange;
}

void qd_exchange_unref(qd_exchange *exchange) {
  if (atomic_fetch_sub(&exchange->refs, 1) != 1)
    return;
  qd_calls *calls = exchange->calls;
  if (exchange->request != NULL)
    grpc_byte_buffer_destroy(exchange->request);
  qd_free(exchange->headers.items);
  grpc_metadata_array_destroy(&exchange->metadata);
  grpc_call_details_destroy(&exchange->details);
  if (exchange->call != NULL)
    grpc_call_unref(exchange->call);
  qd_connection_unref(exchange->connection);
  qd_fault_unref(exchange->fault);
  qd_free(exchange);
  qd_calls_exchange_ended(calls);
}

static int start_batch(qd_exchange *exchange, const grpc_op *ops, size_t n_ops, qd_step step) {
  qd_calls_hand_over(exchange->calls);
  return grpc_call_start_batch(exchange->call, ops, n_ops, &exchange->tags[step], NULL) == GRPC_CALL_OK;
}

static grpc_metadata text_metadata(const char *name, const char *value) {
  return (grpc_metadata){.key = grpc_slice_from_static_string(name), .value = grpc_slice_from_copied_string(value)};
}

static grpc_metadata date_metadata(void) {
  char text[40];
  struct tm parts;
  time_t now = time(NULL);
  gmtime_r(&now, &parts);
  strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text_metadata("date", text);
}

/* An outcome as gRPC wants it. */
typedef struct parcel {
  grpc_metadata date;
  grpc_metadata trailers[2];
  size_t n_trailers;
  grpc_slice message;
  grpc_op ops[3];
  size_t n_ops;
} parcel;

static void fill_metadata(parcel *filled, const outcome *sent) {
  char seconds[16];
  snprintf(seconds, sizeof seconds, "%" PRIu32, sent->retry_after_s);
  filled->date = date_metadata();
  if (sent->reply == NULL)
    filled->trailers[filled->n_trailers++] =
        (grpc_metadata){.key = filled->date.key, .value = grpc_slice_ref(filled->date.value)};
  if (sent->retry_after_s > 0)
    filled->trailers[filled->n_trailers++] = text_metadata("retry-after", seconds);
  filled->message = grpc_slice_from_copied_string(sent->message);
}

/* Metadata goes before the reply, or after it when there is none: then all is in one frame, as real servers send
 * errors. */
static void fill_ops(parcel *filled, const outcome *sent) {
  grpc_op *begin = &filled->ops[0];
  grpc_op *end = &filled->ops[1];
  begin->op = GRPC_OP_SEND_INITIAL_METADATA;
  end->op = GRPC_OP_SEND_STATUS_FROM_SERVER;
  end->data.send_status_from_server.trailing_metadata = filled->trailers;
  end->data.send_status_from_server.trailing_metadata_count = filled->n_trailers;
  end->data.send_status_from_server.status = (grpc_status_code)sent->status;
  end->data.send_status_from_server.status_details = &filled->message;
  filled->n_ops = 2;
  if (sent->reply == NULL)
    return;
  begin->data.send_initial_metadata.metadata = &filled->date;
  begin->data.send_initial_metadata.count = 1;
  filled->ops[2].op = GRPC_OP_SEND_MESSAGE;
  filled->ops[2].data.send_message.send_message = sent->reply;
  filled->n_ops = 3;
}

static void clear_parcel(parcel *filled) {
  for (size_t i = 0; i < filled->n_trailers; i++)
    grpc_slice_unref(filled->trailers[i].value);
  grpc_slice_unref(filled->date.value);
  grpc_slice_unref(filled->message);
}

static void send_outcome(qd_exchange *exchange, const outcome *sent) {
  parcel filled = {0};
  fill_metadata(&filled, sent);
  fill_ops(&filled, sent);
  int is_started = start_batch(exchange, filled.ops, filled.n_ops, QD_STEP_SENT);
  clear_parcel(&filled);
  if (sent->reply != NULL)
    grpc_byte_buffer_destroy(sent->reply);
  if (!is_started)
    qd_exchange_unref(exchange);
}

static void refuse(qd_exchange *exchange, qdrant_status status, const char *message) {
  send_outcome(exchange, &(outcome){.status = status, .message = message});
}

/* Carries the call out. The result is sent, unless a fault wants another. */
static outcome carry_out(qd_exchange *exchange, int64_t deadline_ns, qdrant_error *err) {
  qd_calls *calls = exchange->calls;
  qd_answer answer;
  qdrant_status status = qd_answer_make(calls->answers, exchange->rpc, exchange->request, deadline_ns, &answer, err);
  if (answer.n_points > 0)
    qd_record_points(calls->record, answer.n_points);
  uint32_t retry_after_s = err->retry_after_ms / 1000 + (err->retry_after_ms % 1000 != 0);
  return (outcome){status, status == QDRANT_OK ? "" : err->message, retry_after_s, answer.reply};
}

static void discard(const outcome *made) {
  if (made->reply != NULL)
    grpc_byte_buffer_destroy(made->reply);
}

static void drop_connection(qd_exchange *exchange) {
  if (exchange->connection != NULL)
    qd_connection_drop(exchange->connection);
  qd_exchange_unref(exchange);
}

/* Does what the fault says, whether or not the client still waits. */
static void act(qd_exchange *exchange) {
  const qd_fault *fault = exchange->fault;
  qdrant_error err = {0};
  outcome made = {.status = fault->status, .message = fault->message};
  if (fault->kind != QDRANT_FAULT_STATUS && fault->kind != QDRANT_FAULT_DROP)
    made = carry_out(exchange, qd_deadline_in_ms(LONGEST_CALL_MS), &err);
  if (fault->kind == QDRANT_FAULT_APPLY_THEN_FAIL) {
    discard(&made);
    made = (outcome){.status = fault->status, .message = fault->message};
  }
  if (fault->kind == QDRANT_FAULT_DROP || fault->kind == QDRANT_FAULT_APPLY_THEN_DROP) {
    discard(&made);
    drop_connection(exchange);
    return;
  }
  if (fault->retry_after_s > 0)
    made.retry_after_s = fault->retry_after_s;
  send_outcome(exchange, &made);
}

void qd_exchange_run(qd_task *task) {
  qd_exchange *exchange = (qd_exchange *)task;
  if (atomic_load(&exchange->calls->is_stopping)) {
    qd_exchange_unref(exchange);
  } else if (exchange->fault != NULL) {
    act(exchange);
  } else if (atomic_load(&exchange->is_closed)) {
    qd_exchange_unref(exchange);
  } else {
    qdrant_error err = {0};
    outcome made = carry_out(exchange, exchange->deadline_ns, &err);
    send_outcome(exchange, &made);
  }
}

/* Milliseconds until the client's deadline; -1: it has none. */
static int64_t left_ms(const qd_exchange *exchange) {
  gpr_timespec deadline = gpr_convert_clock_type(exchange->details.deadline, GPR_CLOCK_MONOTONIC);
  if (gpr_time_cmp(deadline, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0)
    return -1;
  int64_t left = gpr_time_to_millis(gpr_time_sub(deadline, gpr_now(GPR_CLOCK_MONOTONIC)));
  return left > 0 ? left : 0;
}

/* The message HealthCheckResponse with status SERVING. */
static void answer_health(qd_exchange *exchange) {
  static const char SERVING[] = {0x08, 0x01};
  grpc_slice slice = grpc_slice_from_static_buffer(SERVING, sizeof SERVING);
  send_outcome(exchange, &(outcome){.message = "", .reply = grpc_raw_byte_buffer_create(&slice, 1)});
}

static void identify(qd_exchange *exchange) {
  grpc_slice path = exchange->details.method;
  exchange->is_health = grpc_slice_str_cmp(path, "/grpc.health.v1.Health/Check") == 0;
  exchange->rpc = qd_rpc_find_path((const char *)GRPC_SLICE_START_PTR(path), GRPC_SLICE_LENGTH(path));
  char *peer = grpc_call_get_peer(exchange->call);
  exchange->connection = qd_listener_use(exchange->calls->listener, peer);
  gpr_free(peer);
  qd_headers_from_grpc(&exchange->metadata, &exchange->headers); /* out of memory: a call without headers */
  int64_t timeout_ms = left_ms(exchange);
  exchange->deadline_ns =
      qd_deadline_in_ms(timeout_ms >= 0 && timeout_ms < LONGEST_CALL_MS ? timeout_ms : LONGEST_CALL_MS);
  qd_record_call(exchange->calls->record, exchange->rpc, &exchange->headers, timeout_ms);
}

static void take_arrived(qd_exchange *exchange, int is_ok) {
  qd_calls *calls = exchange->calls;
  qd_calls_exchange_arrived(calls);
  qd_calls_request(calls);
  if (!is_ok || atomic_load(&calls->is_stopping)) {
    qd_exchange_unref(exchange);
    return;
  }
  identify(exchange);
  grpc_op closed = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
  closed.data.recv_close_on_server.cancelled = &exchange->was_cancelled;
  atomic_fetch_add(&exchange->refs, 1);
  if (!start_batch(exchange, &closed, 1, QD_STEP_CLOSED))
    qd_exchange_unref(exchange);
  grpc_op received = {.op = GRPC_OP_RECV_MESSAGE};
  received.data.recv_message.recv_message = &exchange->request;
  if (!start_batch(exchange, &received, 1, QD_STEP_RECEIVED))
    qd_exchange_unref(exchange);
}

static void queue_up(qd_exchange *exchange) {
  qd_calls *calls = exchange->calls;
  int64_t due_ns = qd_now_ns();
  exchange->fault = qd_faults_take(calls->faults, exchange->rpc->id);
  if (exchange->fault != NULL) {
    qd_record_fault(calls->record);
    due_ns += exchange->fault->delay_ns;
  }
  if (exchange->fault != NULL && exchange->fault->kind == QDRANT_FAULT_STALL)
    qd_exchange_unref(exchange); /* what is left of it waits for CLOSED */
  else if (qd_workers_put(calls->workers, &exchange->task, due_ns) != QDRANT_OK)
    refuse(exchange, QDRANT_RESOURCE_EXHAUSTED, "too many calls wait for the server's threads");
}

static void take_received(qd_exchange *exchange) {
  if (atomic_load(&exchange->calls->is_stopping)) {
    qd_exchange_unref(exchange);
    return;
  }
  if (exchange->is_health) {
    answer_health(exchange);
    return;
  }
  const char *refusal = qd_access_check(exchange->calls->api_key, exchange->rpc, &exchange->headers);
  if (refusal != NULL)
    refuse(exchange, QDRANT_UNAUTHENTICATED, refusal);
  else if (exchange->rpc == NULL)
    refuse(exchange, QDRANT_UNIMPLEMENTED, "");
  else if (exchange->request == NULL)
    refuse(exchange, QDRANT_INTERNAL, "Missing request message.");
  else
    queue_up(exchange);
}

void qd_exchange_step(qd_exchange *exchange, qd_step step, int is_ok) {
  switch (step) {
  case QD_STEP_ARRIVED: take_arrived(exchange, is_ok); break;
  case QD_STEP_RECEIVED: take_received(exchange); break;
  case QD_STEP_CLOSED:
    atomic_store(&exchange->is_closed, 1);
    qd_exchange_unref(exchange);
    break;
  case QD_STEP_SENT: qd_exchange_unref(exchange); break;
  }
}
