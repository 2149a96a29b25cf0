#include "core/vectors_encode.h"

#include "core/error.h"
#include "core/floats.h"
#include "core/wire.h"

#define DENSE_DATA 1
#define SPARSE_VALUES 1
#define SPARSE_INDICES 2
#define MULTI_VECTORS 1

static size_t weights_count(const qdrant_vector_column *column, size_t row) {
  return (size_t)(column->offsets[row + 1] - column->offsets[row]);
}

static uint32_t packed_indices_bytes(const qdrant_vector_column *column, size_t row) {
  size_t n_bytes = 0;
  for (int64_t k = column->offsets[row]; k < column->offsets[row + 1]; k++)
    n_bytes += qd_varint_bytes(column->indices[k]);
  return (uint32_t)n_bytes; /* at most 5 * QD_MAX_VECTOR_FLOATS */
}

void qd_vector_plan_make(
    const qdrant_vector_column *column, const qd_rows *rows, uint32_t *index_bytes, qd_vector_plan *plan) {
  *plan = (qd_vector_plan){.column = column, .first = rows->first, .index_bytes = index_bytes};
  if (column->kind == QDRANT_SPARSE) {
    for (size_t i = 0; i < rows->n; i++)
      index_bytes[i] = packed_indices_bytes(column, rows->first + i);
    return;
  }
  plan->stride = column->stride != 0 ? column->stride : column->dim;
  plan->row_bytes = qd_field_bytes(DENSE_DATA, qd_vector_floats_bytes(plan));
}

/* A packed field without elements is left out. */
static size_t packed_bytes(uint32_t number, size_t n_bytes) {
  return n_bytes == 0 ? 0 : qd_field_bytes(number, n_bytes);
}

size_t qd_vector_measure(const qd_vector_plan *plan, size_t row) {
  const qdrant_vector_column *column = plan->column;
  switch (column->kind) {
  case QDRANT_SPARSE:
    return packed_bytes(SPARSE_VALUES, weights_count(column, row) * sizeof(float)) +
           packed_bytes(SPARSE_INDICES, plan->index_bytes[row - plan->first]);
  case QDRANT_MULTI: return weights_count(column, row) * qd_field_bytes(MULTI_VECTORS, plan->row_bytes);
  case QDRANT_DENSE: break;
  }
  return plan->row_bytes;
}

static uint8_t *write_floats(uint8_t *out, uint32_t number, const float *values, size_t n) {
  out = qd_put_head(out, number, n * sizeof(float));
  return qd_floats_copy(out, values, n) ? out + n * sizeof(float) : NULL;
}

static uint8_t *write_sparse(const qd_vector_plan *plan, size_t row, uint8_t *out) {
  const qdrant_vector_column *column = plan->column;
  size_t n = weights_count(column, row);
  if (n == 0)
    return out;
  out = write_floats(out, SPARSE_VALUES, column->values + column->offsets[row], n);
  if (out == NULL)
    return NULL;
  out = qd_put_head(out, SPARSE_INDICES, plan->index_bytes[row - plan->first]);
  for (int64_t k = column->offsets[row]; k < column->offsets[row + 1]; k++)
    out = qd_put_varint(out, column->indices[k]);
  return out;
}

static uint8_t *write_multi(const qd_vector_plan *plan, size_t row, uint8_t *out) {
  const qdrant_vector_column *column = plan->column;
  for (int64_t k = column->offsets[row]; k < column->offsets[row + 1] && out != NULL; k++) {
    out = qd_put_head(out, MULTI_VECTORS, plan->row_bytes);
    out = write_floats(out, DENSE_DATA, column->values + (size_t)k * column->dim, column->dim);
  }
  return out;
}

uint8_t *qd_vector_write_floats_head(const qd_vector_plan *plan, uint8_t *out) {
  return qd_put_head(out, DENSE_DATA, qd_vector_floats_bytes(plan));
}

uint8_t *qd_vector_write_floats(const qd_vector_plan *plan, size_t row, uint8_t *out) {
  const qdrant_vector_column *column = plan->column;
  int is_finite = qd_floats_copy(out, column->values + row * plan->stride, column->dim);
  return is_finite ? out + qd_vector_floats_bytes(plan) : NULL;
}

uint8_t *qd_vector_write(const qd_vector_plan *plan, size_t row, uint8_t *out) {
  const qdrant_vector_column *column = plan->column;
  switch (column->kind) {
  case QDRANT_SPARSE: return write_sparse(plan, row, out);
  case QDRANT_MULTI: return write_multi(plan, row, out);
  case QDRANT_DENSE: break;
  }
  return qd_vector_write_floats(plan, row, qd_vector_write_floats_head(plan, out));
}

/* The floats of a row lie one after the other in every kind. */
static const float *row_floats(const qd_vector_plan *plan, size_t row, size_t *n) {
  const qdrant_vector_column *column = plan->column;
  if (column->kind == QDRANT_DENSE) {
    *n = column->dim;
    return column->values + row * plan->stride;
  }
  size_t width = column->kind == QDRANT_MULTI ? column->dim : 1;
  *n = weights_count(column, row) * width;
  return *n == 0 ? column->values : column->values + (size_t)column->offsets[row] * width;
}

qdrant_status qd_vector_check_floats(const qd_vector_plan *plan, const qd_rows *rows, size_t row, qdrant_error *err) {
  if (!qd_vector_is_present(plan, row))
    return QDRANT_OK;
  size_t n;
  const float *values = row_floats(plan, row, &n);
  size_t bad = qd_floats_find_bad(values, n);
  if (bad == n)
    return QDRANT_OK;
  char label[QD_VECTOR_LABEL_BYTES];
  qd_vector_label(plan->column, label);
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s %zu: %s: float %zu is %g; floats must be finite", rows->item,
      qd_row_number(rows, row), label, bad, (double)values[bad]);
}
