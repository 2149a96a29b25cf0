#include "core/points_plan.h"

#include "core/error.h"
#include "core/position_set.h"

#include <string.h>

static qdrant_status check_shape(const qdrant_point_batch *batch, qdrant_error *err) {
  if (batch->size != sizeof *batch) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "batch.size is %zu; begin with QDRANT_POINT_BATCH_INIT, which says %zu", batch->size, sizeof *batch);
  }
  if (batch->n_points == 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "batch.n_points is 0; the server refuses an empty update");
  if (batch->n_points > QD_POSITION_SET_MAX || batch->first > SIZE_MAX / 2) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "batch.first is %zu, batch.n_points %zu; at most %lu points",
        batch->first, batch->n_points, (unsigned long)QD_POSITION_SET_MAX);
  }
  if (batch->vectors == NULL && batch->n_vectors > 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "batch.vectors is NULL, batch.n_vectors is %zu", batch->n_vectors);
  return QDRANT_OK;
}

static qdrant_status check_ids(const qdrant_point_batch *batch, const qd_rows *rows, qdrant_error *err) {
  if (batch->ids == NULL && batch->uuids == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "batch.ids and batch.uuids are both NULL; each point needs an id");
  if (batch->is_uuid == NULL || (batch->ids != NULL && batch->uuids != NULL))
    return QDRANT_OK;
  for (size_t i = 0; i < rows->n; i++) {
    int is_uuid = qd_bit(batch->is_uuid, rows->first + i);
    if (is_uuid ? batch->uuids == NULL : batch->ids == NULL) {
      return qd_fail(err, QDRANT_INVALID_ARGUMENT,
          "point %zu: batch.is_uuid says that its id is a %s, but batch.%s is NULL", i, is_uuid ? "UUID" : "number",
          is_uuid ? "uuids" : "ids");
    }
  }
  return QDRANT_OK;
}

static const char *name_or_empty(const qdrant_vector_column *column) {
  return column->name != NULL ? column->name : "";
}

static qdrant_status check_vector_names(const qdrant_point_batch *batch, qdrant_error *err) {
  for (size_t at = 1; at < batch->n_vectors; at++) {
    for (size_t other = 0; other < at; other++) {
      if (strcmp(name_or_empty(&batch->vectors[at]), name_or_empty(&batch->vectors[other])) == 0) {
        char label[QD_VECTOR_LABEL_BYTES];
        qd_vector_label(&batch->vectors[at], label);
        return qd_fail(err, QDRANT_INVALID_ARGUMENT, "vector columns %zu and %zu are both %s; names must be unique",
            other, at, label);
      }
    }
  }
  return QDRANT_OK;
}

qdrant_status qd_points_check(const qd_points_request *request, const qd_rows *rows, qdrant_error *err) {
  const qdrant_point_batch *batch = request->batch;
  qdrant_status status = check_shape(batch, err);
  if (status == QDRANT_OK)
    status = check_ids(batch, rows, err);
  if (status == QDRANT_OK)
    status = check_vector_names(batch, err);
  return status;
}
