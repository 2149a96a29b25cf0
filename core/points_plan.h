#ifndef QD_POINTS_PLAN_H
#define QD_POINTS_PLAN_H

#include "core/payload_encode.h"
#include "core/point_id.h"
#include "core/points_encode.h"
#include "core/vectors_encode.h"

/* What the files of points_encode.h share. */

struct qd_points_plan {
  const qdrant_point_batch *batch;
  qd_rows rows;
  qd_points_frame frame;
  qd_vector_plan *vectors; /* n_vectors of the batch */
  int is_unnamed;          /* the only column is the unnamed vector: no map of names around it */
  const uint8_t
      *dense_head; /* the only column is DENSE and in every point: all of PointStruct.vectors but the floats */
  size_t n_dense_head;
  size_t vectors_bytes; /* content of PointStruct.vectors where it is the same for all points, else 0 */
  qd_payload_plan *payload;
  uint32_t *point_bytes; /* content of each PointStruct */
};

#define QD_POINT_VECTORS 4 /* field of PointStruct */

static inline int qd_id_is_uuid(const qdrant_point_batch *batch, size_t row) {
  if (batch->is_uuid != NULL)
    return qd_bit(batch->is_uuid, row);
  return batch->ids == NULL;
}

/* The batch but for its columns: sizes, ids, names of vectors. */
qdrant_status qd_points_check(const qd_points_request *request, const qd_rows *rows, qdrant_error *err);

/* Equal ids, unless options->allow_duplicates. */
qdrant_status qd_points_check_duplicates(const qdrant_point_batch *batch, const qd_rows *rows, qdrant_error *err);

/* Size and bytes of an id as PointStruct.id. Inline, as what follows: with short vectors such steps, taken for each
 * point, cost as much as its floats. */
static inline size_t qd_id_bytes(const qdrant_point_batch *batch, size_t row) {
  return qd_id_is_uuid(batch, row) ? qd_point_uuid_bytes() : qd_point_num_bytes(batch->ids[row]);
}

static inline size_t qd_point_id_measure(const qd_points_plan *plan, size_t row) {
  return qd_field_bytes(QD_POINT_ID, qd_id_bytes(plan->batch, row));
}

static inline uint8_t *qd_point_id_write(const qd_points_plan *plan, size_t row, uint8_t *out) {
  const qdrant_point_batch *batch = plan->batch;
  out = qd_put_head(out, QD_POINT_ID, qd_id_bytes(batch, row));
  return qd_id_is_uuid(batch, row) ? qd_point_uuid_put(out, &batch->uuids[row])
                                   : qd_point_num_put(out, batch->ids[row]);
}

/* Content of PointStruct.vectors. */
size_t qd_point_vectors_measure_row(const qd_points_plan *plan, size_t row);

static inline size_t qd_point_vectors_measure(const qd_points_plan *plan, size_t row) {
  return plan->vectors_bytes != 0 ? plan->vectors_bytes : qd_point_vectors_measure_row(plan, row);
}

/* PointStruct.vectors; NULL when a float is not finite. */
uint8_t *qd_point_vectors_write(const qd_points_plan *plan, size_t row, uint8_t *out);

/* Sets vectors_bytes and dense_head. */
qdrant_status qd_point_vectors_plan(qd_points_plan *plan, qd_arena *arena, qdrant_error *err);

#endif
