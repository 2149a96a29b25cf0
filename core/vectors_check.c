#include "core/error.h"
#include "core/position_set.h"
#include "core/utf8.h"
#include "core/vectors_encode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int qd_vector_is_named(const qdrant_vector_column *column) {
  return column->name != NULL && column->name[0] != '\0';
}

void qd_vector_label(const qdrant_vector_column *column, char label[QD_VECTOR_LABEL_BYTES]) {
  if (qd_vector_is_named(column))
    snprintf(label, QD_VECTOR_LABEL_BYTES, "vector \"%.64s\"", column->name);
  else
    snprintf(label, QD_VECTOR_LABEL_BYTES, "the unnamed vector");
}

/* A column with the text that errors call it by. */
typedef struct checked_column {
  const qdrant_vector_column *column;
  const qd_rows *rows;
  char label[QD_VECTOR_LABEL_BYTES];
} checked_column;

static qdrant_status check_dim(const checked_column *checked, qdrant_error *err) {
  uint32_t dim = checked->column->dim;
  if (dim == 0 || dim > QD_MAX_DIM) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: dim is %" PRIu32 "; it must be from 1 to %" PRIu32,
        checked->label, dim, QD_MAX_DIM);
  }
  return QDRANT_OK;
}

static qdrant_status check_dense(const checked_column *checked, qdrant_error *err) {
  const qdrant_vector_column *column = checked->column;
  if (check_dim(checked, err) != QDRANT_OK)
    return QDRANT_INVALID_ARGUMENT;
  if (column->stride != 0 && column->stride < column->dim) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: stride is %zu floats; it must be 0 or at least dim, %" PRIu32,
        checked->label, column->stride, column->dim);
  }
  size_t stride = column->stride != 0 ? column->stride : column->dim;
  size_t n_rows = checked->rows->first + checked->rows->n;
  if (stride > PTRDIFF_MAX / sizeof(float) / n_rows) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: %zu rows with a stride of %zu floats are beyond all memory",
        checked->label, n_rows, stride);
  }
  if (column->values == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: values is NULL", checked->label);
  return QDRANT_OK;
}

/* Offsets of SPARSE and MULTI; width: floats in one of the things they count. */
static qdrant_status check_offsets(const checked_column *checked, uint32_t width, qdrant_error *err) {
  const int64_t *offsets = checked->column->offsets;
  const qd_rows *rows = checked->rows;
  if (offsets == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: offsets is NULL", checked->label);
  for (size_t i = 0; i < rows->n; i++) {
    int64_t start = offsets[rows->first + i];
    int64_t end = offsets[rows->first + i + 1];
    if (start < 0 || end < start) {
      return qd_fail(err, QDRANT_INVALID_ARGUMENT,
          "%s %zu: %s: offsets go from %" PRId64 " to %" PRId64 "; they must be >= 0 and never fall", rows->item,
          rows->number + i, checked->label, start, end);
    }
    if (end - start > QD_MAX_VECTOR_FLOATS / width) {
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s %zu: %s: offsets span %" PRId64 "; one vector can have %" PRId64,
          rows->item, rows->number + i, checked->label, end - start, QD_MAX_VECTOR_FLOATS / width);
    }
  }
  if (checked->column->values == NULL && offsets[rows->first + rows->n] > offsets[rows->first])
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: values is NULL", checked->label);
  return QDRANT_OK;
}

static qdrant_status check_multi(const checked_column *checked, qdrant_error *err) {
  const qdrant_vector_column *column = checked->column;
  const qd_rows *rows = checked->rows;
  if (check_dim(checked, err) != QDRANT_OK || check_offsets(checked, column->dim, err) != QDRANT_OK)
    return QDRANT_INVALID_ARGUMENT;
  for (size_t row = rows->first; row < rows->first + rows->n; row++) {
    int is_present = column->validity == NULL || qd_bit(column->validity, row);
    if (is_present && column->offsets[row] == column->offsets[row + 1]) {
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s %zu: %s has no rows; a multi-vector needs at least one",
          rows->item, qd_row_number(rows, row), checked->label);
    }
  }
  return QDRANT_OK;
}

static int is_rising(const uint32_t *indices, size_t n) {
  for (size_t i = 1; i < n; i++)
    if (indices[i - 1] >= indices[i])
      return 0;
  return 1;
}

/* Position of the first index that came before, n when there is none. */
static size_t find_repeated(qd_position_set *set, const uint32_t *indices, size_t n) {
  for (size_t i = 0; i < n; i++) {
    size_t slot = qd_position_set_slot(set, qd_hash_u64(indices[i]));
    for (; set->slots[slot] != 0; slot = qd_position_set_next(set, slot))
      if (indices[set->slots[slot] - 1] == indices[i])
        return i;
    set->slots[slot] = (uint32_t)i + 1;
  }
  return n;
}

static qdrant_status check_indices(const checked_column *checked, size_t row, qd_position_set *set, qdrant_error *err) {
  const qdrant_vector_column *column = checked->column;
  size_t n = (size_t)(column->offsets[row + 1] - column->offsets[row]);
  if (n == 0)
    return QDRANT_OK;
  const uint32_t *indices = column->indices + column->offsets[row];
  if (is_rising(indices, n))
    return QDRANT_OK;
  if (!qd_position_set_reset(set, n))
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory to compare %zu sparse indices", n);
  size_t repeated = find_repeated(set, indices, n);
  if (repeated < n) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "%s %zu: %s: index %" PRIu32 " occurs twice; indices must be unique within a vector", checked->rows->item,
        qd_row_number(checked->rows, row), checked->label, indices[repeated]);
  }
  return QDRANT_OK;
}

static qdrant_status check_sparse(const checked_column *checked, qdrant_error *err) {
  const qdrant_vector_column *column = checked->column;
  const qd_rows *rows = checked->rows;
  if (!qd_vector_is_named(column))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "a sparse vector column has no name; sparse vectors are always named");
  if (check_offsets(checked, 1, err) != QDRANT_OK)
    return QDRANT_INVALID_ARGUMENT;
  if (column->indices == NULL && column->offsets[rows->first + rows->n] > column->offsets[rows->first])
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: indices is NULL", checked->label);
  qd_position_set set = {0};
  qdrant_status status = QDRANT_OK;
  for (size_t row = rows->first; row < rows->first + rows->n && status == QDRANT_OK; row++)
    if (column->validity == NULL || qd_bit(column->validity, row))
      status = check_indices(checked, row, &set, err);
  qd_position_set_free(&set);
  return status;
}

qdrant_status qd_vector_check(const qdrant_vector_column *column, const qd_rows *rows, qdrant_error *err) {
  if (column->name != NULL && !qd_is_utf8(column->name, strlen(column->name)))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the name of a vector column is not UTF-8");
  checked_column checked = {.column = column, .rows = rows};
  qd_vector_label(column, checked.label);
  switch (column->kind) {
  case QDRANT_DENSE: return check_dense(&checked, err);
  case QDRANT_SPARSE: return check_sparse(&checked, err);
  case QDRANT_MULTI: return check_multi(&checked, err);
  }
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: unknown column type %d", checked.label, (int)column->kind);
}
