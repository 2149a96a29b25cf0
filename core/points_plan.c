#include "core/points_plan.h"

#include "core/error.h"
#include "core/wire.h"

static qdrant_status fail_memory(const qd_rows *rows, qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "no memory to prepare %zu points", rows->n);
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
    status = qd_points_frame_make(request->collection, request->options, arena, &plan->frame, err);
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

size_t qd_points_plan_bytes(const qd_points_plan *plan, size_t i) {
  return qd_field_bytes(QD_UPSERT_POINTS, plan->point_bytes[i]);
}

void qd_points_plan_cut(
    const qd_points_plan *plan, size_t first, size_t max_points, size_t max_bytes, size_t *n, size_t *n_bytes) {
  size_t n_left = plan->rows.n - first;
  size_t n_wanted = max_points != 0 && max_points < n_left ? max_points : n_left;
  size_t total = plan->frame.n_head + plan->frame.n_tail;
  size_t at = 0;
  while (at < n_wanted) {
    size_t n_point = qd_points_plan_bytes(plan, first + at);
    if (total > max_bytes || n_point > max_bytes - total)
      break;
    total += n_point;
    at++;
  }
  *n = at;
  *n_bytes = total;
}
