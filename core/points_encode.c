#include "core/points_encode.h"

#include "core/error.h"
#include "core/points_plan.h"
#include "core/wire.h"

/* NULL when a float is not finite. */
static uint8_t *write_point(const qd_points_plan *plan, size_t i, uint8_t *out) {
  size_t row = plan->rows.first + i;
  out = qd_put_head(out, QD_UPSERT_POINTS, plan->point_bytes[i]);
  out = qd_point_id_write(plan, row, out);
  for (size_t column = 0; column < plan->batch->n_payload; column++)
    out = qd_payload_write(&plan->payload[column], row, out);
  return qd_point_vectors_write(plan, row, out);
}

qdrant_point_id qd_points_plan_id(const qd_points_plan *plan, size_t i) {
  const qdrant_point_batch *batch = plan->batch;
  size_t row = plan->rows.first + i;
  qdrant_point_id id = {0};
  if (qd_id_is_uuid(batch, row)) {
    id.is_uuid = 1;
    id.uuid = batch->uuids[row];
  } else {
    id.num = batch->ids[row];
  }
  return id;
}

qdrant_status qd_points_check_floats(const qd_points_plan *plan, qdrant_error *err) {
  for (size_t column = 0; column < plan->batch->n_vectors; column++) {
    for (size_t i = 0; i < plan->rows.n; i++) {
      qdrant_status status = qd_vector_check_floats(&plan->vectors[column], &plan->rows, plan->rows.first + i, err);
      if (status != QDRANT_OK)
        return status;
    }
  }
  return QDRANT_OK;
}

/* Writing only says that there is a bad float; this says where. */
static qdrant_status fail_float(const qd_points_plan *plan, size_t i, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  for (size_t column = 0; column < plan->batch->n_vectors && status == QDRANT_OK; column++)
    status = qd_vector_check_floats(&plan->vectors[column], &plan->rows, plan->rows.first + i, err);
  if (status == QDRANT_OK) /* the caller's other thread has changed it meanwhile */
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "point %zu: a float was not finite", i);
  return status;
}

qdrant_status qd_points_write(
    const qd_points_plan *plan, size_t first, size_t n, uint8_t *out, size_t *n_written, qdrant_error *err) {
  for (size_t i = 0; i < n; i++) {
    out = write_point(plan, first + i, out);
    if (out == NULL) {
      *n_written = i;
      return fail_float(plan, first + i, err);
    }
  }
  *n_written = n;
  return QDRANT_OK;
}

qdrant_status qd_points_encode(const qd_points_plan *plan, size_t first, size_t n, size_t n_bytes, qd_body_pool *pool,
    qd_body **body, qdrant_error *err) {
  *body = NULL;
  qd_body *made = qd_body_new(pool, n_bytes);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for a request of %zu bytes", n_bytes);
  const qd_points_frame *frame = &plan->frame;
  size_t n_written = 0;
  uint8_t *points = qd_put_copy(made->bytes, frame->head, frame->n_head);
  qd_put_copy(made->bytes + n_bytes - frame->n_tail, frame->tail, frame->n_tail);
  qdrant_status status = qd_points_write(plan, first, n, points, &n_written, err);
  if (status != QDRANT_OK) {
    qd_body_unref(made);
    return status;
  }
  *body = made;
  return QDRANT_OK;
}
