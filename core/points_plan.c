#include "core/points_plan.h"

#include "core/error.h"
#include "core/message_check.h"
#include "core/wire.h"
#include "qdrant/pb/points.pb-c.h"

#include <string.h>

enum { UPSERT_COLLECTION = 1, UPSERT_WAIT = 2 };

static qdrant_status fail_memory(const qd_rows *rows, qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "no memory to prepare %zu points", rows->n);
}

static qdrant_status plan_head(
    const qd_points_request *request, qd_arena *arena, qd_points_plan *plan, qdrant_error *err) {
  size_t n_name = strlen(request->collection);
  plan->n_head = qd_field_bytes(UPSERT_COLLECTION, n_name) + 2;
  uint8_t *head = qd_arena_alloc(arena, plan->n_head);
  if (head == NULL)
    return fail_memory(&plan->rows, err);
  plan->head = head;
  head = qd_put_bytes(head, UPSERT_COLLECTION, request->collection, n_name);
  qd_put_varint_field(head, UPSERT_WAIT, request->options->wait != QDRANT_OFF);
  return QDRANT_OK;
}

static int has_tail(const qdrant_upsert_options *options) {
  return options->ordering != QDRANT_ORDERING_DEFAULT || options->shard_key_selector != NULL ||
         options->update_filter != NULL || options->update_mode != QDRANT_UPDATE_MODE_DEFAULT;
}

/* What comes after the points is rare and small: protobuf-c packs it, as a message that has nothing else. */
static qdrant_status plan_tail(
    const qdrant_upsert_options *options, qd_arena *arena, qd_points_plan *plan, qdrant_error *err) {
  Qdrant__UpsertPoints rest = QDRANT__UPSERT_POINTS__INIT;
  Qdrant__WriteOrdering ordering = QDRANT__WRITE_ORDERING__INIT;
  if (options->ordering != QDRANT_ORDERING_DEFAULT) {
    ordering.has_type = 1;
    ordering.type = (Qdrant__WriteOrderingType)(options->ordering - QDRANT_ORDERING_WEAK);
    rest.ordering = &ordering;
  }
  rest.shard_key_selector = (Qdrant__ShardKeySelector *)options->shard_key_selector;
  rest.update_filter = (Qdrant__Filter *)options->update_filter;
  if (options->update_mode != QDRANT_UPDATE_MODE_DEFAULT) {
    rest.has_update_mode = 1;
    rest.update_mode = (Qdrant__UpdateMode)(options->update_mode - QDRANT_UPDATE_MODE_UPSERT);
  }
  qdrant_status status = qd_message_check(&rest.base, err);
  if (status != QDRANT_OK)
    return status;
  plan->n_tail = protobuf_c_message_get_packed_size(&rest.base);
  uint8_t *tail = qd_arena_alloc(arena, plan->n_tail);
  if (tail == NULL)
    return fail_memory(&plan->rows, err);
  protobuf_c_message_pack(&rest.base, tail);
  plan->tail = tail;
  return QDRANT_OK;
}

static qdrant_status plan_vectors(qd_points_plan *plan, qd_arena *arena, qdrant_error *err) {
  const qdrant_point_batch *batch = plan->batch;
  plan->vectors = qd_arena_alloc(arena, batch->n_vectors * sizeof *plan->vectors);
  if (plan->vectors == NULL)
    return fail_memory(&plan->rows, err);
  for (size_t i = 0; i < batch->n_vectors; i++) {
    const qdrant_vector_column *column = &batch->vectors[i];
    qdrant_status status = qd_vector_check(column, &plan->rows, err);
    if (status != QDRANT_OK)
      return status;
    uint32_t *index_bytes = NULL;
    if (column->kind == QDRANT_SPARSE) {
      index_bytes = qd_arena_alloc(arena, plan->rows.n * sizeof *index_bytes);
      if (index_bytes == NULL)
        return fail_memory(&plan->rows, err);
    }
    qd_vector_plan_make(column, &plan->rows, index_bytes, &plan->vectors[i]);
  }
  return qd_point_vectors_plan(plan, arena, err);
}

static size_t measure_point(const qd_points_plan *plan, size_t row) {
  size_t n_bytes = qd_point_id_measure(plan, row);
  for (size_t i = 0; i < plan->batch->n_payload; i++)
    n_bytes += qd_payload_measure(&plan->payload[i], row);
  return n_bytes + qd_field_bytes(QD_POINT_VECTORS, qd_point_vectors_measure(plan, row));
}

static qdrant_status plan_sizes(qd_points_plan *plan, qd_arena *arena, qdrant_error *err) {
  plan->point_bytes = qd_arena_alloc(arena, plan->rows.n * sizeof *plan->point_bytes);
  if (plan->point_bytes == NULL)
    return fail_memory(&plan->rows, err);
  for (size_t i = 0; i < plan->rows.n; i++) {
    size_t n_bytes = measure_point(plan, plan->rows.first + i);
    if (n_bytes > QD_WIRE_MAX_MESSAGE_BYTES) {
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "point %zu takes %zu bytes; a message can have %zu", i, n_bytes,
          QD_WIRE_MAX_MESSAGE_BYTES);
    }
    plan->point_bytes[i] = (uint32_t)n_bytes;
  }
  return QDRANT_OK;
}

static qdrant_status fill_plan(
    const qd_points_request *request, qd_arena *arena, qd_points_plan *plan, qdrant_error *err) {
  const qdrant_point_batch *batch = request->batch;
  qdrant_status status = QDRANT_OK;
  if (request->options->allow_duplicates != QDRANT_ON)
    status = qd_points_check_duplicates(batch, &plan->rows, err);
  if (status == QDRANT_OK)
    status = plan_head(request, arena, plan, err);
  if (status == QDRANT_OK && has_tail(request->options))
    status = plan_tail(request->options, arena, plan, err);
  if (status == QDRANT_OK)
    status = plan_vectors(plan, arena, err);
  if (status == QDRANT_OK)
    status = qd_payload_check(batch->payload, batch->n_payload, &plan->rows, err);
  if (status == QDRANT_OK)
    status = qd_payload_plan_make(batch->payload, batch->n_payload, &plan->rows, arena, &plan->payload, err);
  return status == QDRANT_OK ? plan_sizes(plan, arena, err) : status;
}

qdrant_status qd_points_plan_make(
    const qd_points_request *request, qd_arena *arena, qd_points_plan **plan, qdrant_error *err) {
  *plan = NULL;
  qd_rows rows = {.item = "point", .first = request->batch->first, .n = request->batch->n_points};
  qdrant_status status = qd_points_check(request, &rows, err);
  if (status != QDRANT_OK)
    return status;
  qd_points_plan *made = qd_arena_zalloc(arena, sizeof *made);
  if (made == NULL)
    return fail_memory(&rows, err);
  made->batch = request->batch;
  made->rows = rows;
  status = fill_plan(request, arena, made, err);
  if (status == QDRANT_OK)
    *plan = made;
  return status;
}

void qd_points_plan_cut(
    const qd_points_plan *plan, size_t first, size_t max_points, size_t max_bytes, size_t *n, size_t *n_bytes) {
  size_t n_left = plan->rows.n - first;
  size_t n_wanted = max_points != 0 && max_points < n_left ? max_points : n_left;
  size_t total = plan->n_head + plan->n_tail;
  size_t at = 0;
  while (at < n_wanted) {
    size_t n_point = qd_field_bytes(QD_UPSERT_POINTS, plan->point_bytes[first + at]);
    if (total > max_bytes || n_point > max_bytes - total)
      break;
    total += n_point;
    at++;
  }
  *n = at;
  *n_bytes = total;
}
