#include "client/upload_piece.h"

#include "client/upload_ids.h"
#include "core/error.h"
#include "core/message_check.h"
#include "core/position_set.h"
#include "core/wire.h"
#include "qdrant/pb/points.pb-c.h"

static qdrant_status fail_memory(size_t n_points, qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "no memory to prepare %zu points", n_points);
}

/* Plans the first n points of the request's batch; the arena has nothing else in it. */
static qdrant_status plan_first(
    const qd_points_request *request, size_t n, qd_arena *arena, qd_upload_piece *piece, qdrant_error *err) {
  qd_points_request part = *request;
  qd_arena_reset(arena);
  piece->batch = *request->batch;
  piece->batch.n_points = n;
  part.batch = &piece->batch;
  return qd_points_plan_make(&part, arena, &piece->plan, err);
}

/* How many points, from the first on, can be planned: what is wrong with a point is wrong with every piece that has it,
 * so that halving finds it. */
static size_t find_sound(const qd_points_request *request, qd_arena *arena, qd_upload_piece *piece) {
  size_t n_sound = 0, n_bad = request->batch->n_points;
  while (n_bad - n_sound > 1) {
    size_t n = n_sound + (n_bad - n_sound) / 2;
    if (plan_first(request, n, arena, piece, NULL) == QDRANT_OK)
      n_sound = n;
    else
      n_bad = n;
  }
  return n_sound;
}

/* Numbers are keys as they are. */
static const uint64_t *find_keys(const qd_upload_piece *piece, qd_arena *arena) {
  const qdrant_point_batch *batch = &piece->batch;
  if (batch->is_uuid == NULL && batch->ids != NULL)
    return batch->ids + batch->first;
  uint64_t *keys = qd_arena_alloc(arena, batch->n_points * sizeof *keys);
  for (size_t i = 0; keys != NULL && i < batch->n_points; i++) {
    qdrant_point_id id = qd_points_plan_id(piece->plan, i);
    keys[i] = id.is_uuid ? qd_upload_key_uuid(id.uuid.bytes) : id.num;
  }
  return keys;
}

/* Sizes and keys of what is planned. */
static qdrant_status fill(qd_upload_piece *piece, qd_arena *arena, qdrant_error *err) {
  size_t n = piece->batch.n_points;
  piece->point_bytes = qd_arena_alloc(arena, n * sizeof *piece->point_bytes);
  piece->keys = find_keys(piece, arena);
  if (piece->point_bytes == NULL || piece->keys == NULL)
    return fail_memory(n, err);
  for (size_t i = 0; i < n; i++)
    piece->point_bytes[i] = (uint32_t)qd_points_plan_bytes(piece->plan, i);
  piece->n = n;
  return QDRANT_OK;
}

qdrant_status qd_upload_piece_of_columns(
    const qd_points_request *request, qd_arena *arena, qd_upload_piece *piece, qdrant_error *err) {
  qdrant_error bad = {0};
  *piece = (qd_upload_piece){0};
  qdrant_status status = plan_first(request, request->batch->n_points, arena, piece, &bad);
  if (status == QDRANT_OK)
    return fill(piece, arena, err);
  if (status == QDRANT_INVALID_ARGUMENT && request->batch->n_points > 1) {
    size_t n_sound = find_sound(request, arena, piece);
    qd_error_clear(&bad);
    status = plan_first(request, n_sound + 1, arena, piece, &bad); /* the error of that very point */
    if (n_sound > 0 && plan_first(request, n_sound, arena, piece, err) == QDRANT_OK)
      fill(piece, arena, err);
  }
  qd_error_pass(err, &bad);
  return status != QDRANT_OK ? status
                             : qd_fail(err, QDRANT_INVALID_ARGUMENT, "the points changed while they were read");
}

static qdrant_status measure_message(
    const struct Qdrant__PointStruct *point, uint32_t *point_bytes, uint64_t *key, qdrant_error *err) {
  if (point == NULL || point->base.descriptor != &qdrant__point_struct__descriptor)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "it is %s", point == NULL ? "NULL" : "no PointStruct");
  qdrant_status status = qd_message_check(&point->base, err);
  if (status == QDRANT_OK)
    status = qd_upload_key_message(point->id, key, err);
  if (status != QDRANT_OK)
    return status;
  size_t n_bytes = qd_field_bytes(QD_UPSERT_POINTS, protobuf_c_message_get_packed_size(&point->base));
  if (n_bytes > QD_WIRE_MAX_MESSAGE_BYTES)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "it takes %zu bytes; a message can have %zu", n_bytes, QD_WIRE_MAX_MESSAGE_BYTES);
  *point_bytes = (uint32_t)n_bytes;
  return QDRANT_OK;
}

qdrant_status qd_upload_piece_of_messages(struct Qdrant__PointStruct *const *points, size_t n_points, int finds_newer,
    qd_arena *arena, qd_upload_piece *piece, qdrant_error *err) {
  *piece = (qd_upload_piece){.messages = points};
  if (points == NULL || n_points > QD_POSITION_SET_MAX)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "points is %s, n_points %zu; at most %lu points",
        points == NULL ? "NULL" : "set", n_points, (unsigned long)QD_POSITION_SET_MAX);
  uint64_t *keys = qd_arena_alloc(arena, n_points * sizeof *keys);
  piece->keys = keys;
  piece->point_bytes = qd_arena_alloc(arena, n_points * sizeof *piece->point_bytes);
  if (keys == NULL || piece->point_bytes == NULL)
    return fail_memory(n_points, err);
  for (; piece->n < n_points; piece->n++) {
    size_t i = piece->n;
    qdrant_status status = measure_message(points[i], &piece->point_bytes[i], &keys[i], err);
    if (status != QDRANT_OK) {
      qd_error_prefix(err, "point %zu: ", i);
      return status;
    }
    if (finds_newer)
      qd_newer_find(&points[i]->base, &piece->newer);
  }
  return QDRANT_OK;
}

static void write_messages(const qd_upload_piece *piece, size_t first, size_t n, uint8_t *out) {
  for (size_t i = first; i < first + n; i++) {
    const ProtobufCMessage *point = &piece->messages[i]->base;
    size_t n_bytes = protobuf_c_message_get_packed_size(point);
    out = qd_put_head(out, QD_UPSERT_POINTS, n_bytes);
    out += protobuf_c_message_pack(point, out);
  }
}

qdrant_status qd_upload_piece_write(
    const qd_upload_piece *piece, size_t first, size_t n, uint8_t *out, size_t *n_written, qdrant_error *err) {
  if (piece->plan != NULL)
    return qd_points_write(piece->plan, first, n, out, n_written, err);
  write_messages(piece, first, n, out);
  *n_written = n;
  return QDRANT_OK;
}
