#include "server/answers.h"

#include "core/alloc.h"
#include "core/arena.h"
#include "core/body.h"
#include "core/error.h"
#include "core/message.h"
#include "memory/engine.h"
#include "qdrant/pb/points.pb-c.h"
#include "server/applied.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/slice.h>
#include <stdatomic.h>
#include <string.h>

enum { MAX_REMOTE_STATUS = 16 };
static const size_t MAX_KEPT_ARENA_BYTES = (size_t)16 << 20;
static const size_t MAX_KEPT_REPLY_BYTES = (size_t)32 << 20;
static const size_t MAX_REPLY_BYTES = (size_t)1 << 31;

struct qd_answers {
  qd_engine *engine;
  qd_arena_pool *arenas;
  qd_body_pool *replies;
  qd_applied *applied; /* NULL: nobody wants to know */
};

static qdrant_status fill(qd_answers *answers, const qd_answers_options *options, qdrant_error *err) {
  answers->engine = qd_engine_new();
  answers->arenas = qd_arena_pool_new(options->n_threads, MAX_KEPT_ARENA_BYTES);
  answers->replies = qd_body_pool_new(MAX_KEPT_REPLY_BYTES);
  if (answers->engine == NULL || answers->arenas == NULL || answers->replies == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  if (options->version != NULL)
    qd_engine_set_version(answers->engine, options->version);
  qdrant_status status = QDRANT_OK;
  if (options->load_path != NULL)
    status = qd_engine_recover(answers->engine, options->load_path, NULL, err);
  if (status == QDRANT_OK && options->applied_path != NULL)
    status = qd_applied_open(options->applied_path, &answers->applied, err);
  return status;
}

qdrant_status qd_answers_new(const qd_answers_options *options, qd_answers **made, qdrant_error *err) {
  qd_answers *answers = qd_zalloc(sizeof *answers);
  *made = NULL;
  if (answers == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  qdrant_status status = fill(answers, options, err);
  if (status == QDRANT_OK)
    *made = answers;
  else
    qd_answers_free(answers);
  return status;
}

void qd_answers_free(qd_answers *answers) {
  if (answers == NULL)
    return;
  if (answers->engine != NULL)
    qd_engine_free(answers->engine);
  if (answers->arenas != NULL)
    qd_arena_pool_unref(answers->arenas);
  if (answers->replies != NULL)
    qd_body_pool_unref(answers->replies);
  qd_applied_close(answers->applied);
  qd_free(answers);
}

/* All slices in one piece: the only one as it lies, else a copy in the arena. NULL when out of memory. */
static const uint8_t *join_slices(grpc_byte_buffer *buffer, qd_arena *arena, size_t *n_bytes) {
  grpc_byte_buffer_reader reader;
  grpc_slice *slice = NULL;
  *n_bytes = grpc_byte_buffer_length(buffer);
  if (!grpc_byte_buffer_reader_init(&reader, buffer))
    return NULL;
  uint8_t *joined = NULL;
  size_t n_joined = 0;
  while (grpc_byte_buffer_reader_peek(&reader, &slice)) {
    if (n_joined == 0 && GRPC_SLICE_LENGTH(*slice) == *n_bytes) {
      joined = GRPC_SLICE_START_PTR(*slice);
      break;
    }
    if (joined == NULL && (joined = qd_arena_alloc(arena, *n_bytes)) == NULL)
      break;
    memcpy(joined + n_joined, GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
    n_joined += GRPC_SLICE_LENGTH(*slice);
  }
  if (*n_bytes == 0)
    joined = qd_arena_alloc(arena, 1);
  grpc_byte_buffer_reader_destroy(&reader);
  return joined;
}

static qdrant_status read_request(
    const qd_rpc *rpc, grpc_byte_buffer *buffer, qd_arena *arena, ProtobufCMessage **request, qdrant_error *err) {
  size_t n_bytes = 0;
  const uint8_t *bytes = join_slices(buffer, arena, &n_bytes);
  if (bytes == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  qdrant_error reason = {0};
  qdrant_status status = qd_message_decode(rpc->request, bytes, n_bytes, arena, request, &reason);
  if (status == QDRANT_NO_MEMORY)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  if (status != QDRANT_OK)
    return qd_fail(err, QDRANT_INTERNAL, "failed to decode Protobuf message: %s", reason.message);
  return QDRANT_OK;
}

/* Written before a reply is handed to gRPC, read when it gives the reply back: says to the thread sanitizer, which
 * cannot see into gRPC, what orders the two. */
static atomic_uint n_handed_over;

static void release_body(void *body) {
  atomic_load_explicit(&n_handed_over, memory_order_acquire);
  qd_body_unref(body);
}

/* The slice holds the body itself: no copy, and the memory goes back to the pool when gRPC has sent it. */
static qdrant_status write_reply(
    qd_answers *answers, const ProtobufCMessage *message, grpc_byte_buffer **reply, qdrant_error *err) {
  qd_body *body = NULL;
  qdrant_status status = qd_message_encode(message, answers->replies, MAX_REPLY_BYTES, &body, err);
  if (status != QDRANT_OK)
    return status;
  atomic_fetch_add_explicit(&n_handed_over, 1, memory_order_release);
  grpc_slice slice = grpc_slice_new_with_user_data(body->bytes, body->n_bytes, release_body, body);
  *reply = grpc_raw_byte_buffer_create(&slice, 1);
  grpc_slice_unref(slice);
  return QDRANT_OK;
}

static size_t count_batch_points(const Qdrant__UpdateBatchPoints *batch) {
  size_t n_points = 0;
  for (size_t i = 0; i < batch->n_operations; i++) {
    const Qdrant__PointsUpdateOperation *operation = batch->operations[i];
    if (operation->operation_case == QDRANT__POINTS_UPDATE_OPERATION__OPERATION_UPSERT)
      n_points += operation->upsert->n_points;
  }
  return n_points;
}

static size_t count_points(const qd_rpc *rpc, const ProtobufCMessage *request) {
  if (rpc->id == QDRANT_RPC_POINTS_UPSERT)
    return ((const Qdrant__UpsertPoints *)request)->n_points;
  if (rpc->id == QDRANT_RPC_POINTS_UPDATE_BATCH)
    return count_batch_points((const Qdrant__UpdateBatchPoints *)request);
  return 0;
}

/* Statuses of our own have no number on the wire. */
static qdrant_status to_remote(qdrant_status status) {
  if (status == QDRANT_NO_MEMORY)
    return QDRANT_RESOURCE_EXHAUSTED;
  return (int)status <= MAX_REMOTE_STATUS ? status : QDRANT_INTERNAL;
}

qd_arena *qd_answers_take_arena(qd_answers *answers) {
  return qd_arena_pool_take(answers->arenas);
}

void qd_answers_give_arena(qd_answers *answers, qd_arena *arena) {
  if (arena != NULL)
    qd_arena_pool_give(answers->arenas, arena);
}

qdrant_status qd_answers_run(qd_answers *answers, const qd_rpc *rpc, const ProtobufCMessage *request,
    int64_t deadline_ns, qd_arena *arena, ProtobufCMessage **reply, size_t *n_points, qdrant_error *err) {
  qdrant_status status = qd_engine_call(answers->engine, rpc, request, deadline_ns, arena, reply, err);
  *n_points = status == QDRANT_OK ? count_points(rpc, request) : 0;
  if (status == QDRANT_OK && answers->applied != NULL)
    status = qd_applied_add(answers->applied, rpc, request, err);
  return to_remote(status);
}

qdrant_status qd_answer_make(qd_answers *answers, const qd_rpc *rpc, grpc_byte_buffer *request, int64_t deadline_ns,
    qd_answer *answer, qdrant_error *err) {
  ProtobufCMessage *asked = NULL;
  ProtobufCMessage *message = NULL;
  *answer = (qd_answer){0};
  qd_arena *arena = qd_answers_take_arena(answers);
  if (arena == NULL)
    return to_remote(qd_fail(err, QDRANT_NO_MEMORY, "out of memory"));
  qdrant_status status = read_request(rpc, request, arena, &asked, err);
  if (status == QDRANT_OK)
    status = qd_answers_run(answers, rpc, asked, deadline_ns, arena, &message, &answer->n_points, err);
  if (status == QDRANT_OK)
    status = write_reply(answers, message, &answer->reply, err);
  qd_answers_give_arena(answers, arena);
  return to_remote(status);
}
