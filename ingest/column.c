#include "ingest/column.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/vectors_encode.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for n more of items of n_bytes in *items. */
static qdrant_status reserve(void **items, size_t n_items, size_t *max, size_t n, size_t n_bytes, qdrant_error *err) {
  if (n_items + n <= *max)
    return QDRANT_OK;
  size_t wanted = 2 * *max > n_items + n ? 2 * *max : n_items + n;
  void *grown = qd_realloc(*items, wanted * n_bytes);
  if (grown == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu floats", wanted);
  *items = grown;
  *max = wanted;
  return QDRANT_OK;
}

qdrant_status qd_file_column_reserve(qd_file_column *column, size_t n, qdrant_error *err) {
  return reserve((void **)&column->values, column->n_values, &column->max_values, n, sizeof(float), err);
}

/* Reads an array of numbers: *n counts all, the first max of them go to values. */
static qdrant_status read_floats(qd_scan *scan, float *values, size_t max, size_t *n, qdrant_error *err) {
  qdrant_status status = qd_scan_expect(scan, '[', err);
  int is_more = status == QDRANT_OK && !qd_scan_take(scan, ']');
  for (*n = 0; status == QDRANT_OK && is_more; ++*n) {
    float value;
    status = qd_scan_float(scan, &value, err);
    if (status != QDRANT_OK) {
      qd_error_prefix(err, "float %zu: ", *n + 1);
      break;
    }
    if (*n < max)
      values[*n] = value;
    status = qd_scan_next(scan, ']', &is_more, err);
  }
  return status;
}

static qdrant_status check_dim(const qd_file_column *column, size_t n, qdrant_error *err) {
  if (n == column->vector.dim)
    return QDRANT_OK;
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%zu floats; %s %" PRIu32, n,
      column->is_expected ? "the collection takes" : "those before have", column->vector.dim);
}

static qdrant_status add_dense(qd_file_column *column, qd_scan *scan, qdrant_error *err) {
  size_t n = 0, dim = column->vector.dim;
  qdrant_status status = read_floats(scan, column->values + column->n_values - dim, dim, &n, err);
  return status == QDRANT_OK ? check_dim(column, n, err) : status;
}

static qdrant_status add_multi(qd_file_column *column, qd_scan *scan, size_t point, qdrant_error *err) {
  size_t n_rows = 0, n = 0, dim = column->vector.dim;
  int is_more = 1;
  qdrant_status status = qd_scan_expect(scan, '[', err);
  while (status == QDRANT_OK && is_more) {
    status = qd_file_column_reserve(column, dim, err);
    if (status == QDRANT_OK)
      status = read_floats(scan, column->values + column->n_values, dim, &n, err);
    if (status == QDRANT_OK)
      status = check_dim(column, n, err);
    if (status != QDRANT_OK) {
      qd_error_prefix(err, "row %zu: ", n_rows + 1);
      return status;
    }
    column->n_values += dim;
    n_rows++;
    status = qd_scan_next(scan, ']', &is_more, err);
  }
  column->offsets[point + 1] = (int64_t)(column->n_values / dim);
  return status;
}

static int compare_index(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static qdrant_status check_unique(const uint32_t *indices, size_t n, qdrant_error *err) {
  uint32_t *sorted = qd_alloc_array(n, sizeof *sorted);
  if (sorted == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu indices", n);
  memcpy(sorted, indices, n * sizeof *sorted);
  qsort(sorted, n, sizeof *sorted, compare_index);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 1; status == QDRANT_OK && i < n; i++)
    if (sorted[i] == sorted[i - 1])
      status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "index %" PRIu32 " is there twice", sorted[i]);
  qd_free(sorted);
  return status;
}

static qdrant_status read_index(qd_file_column *column, qd_scan *scan, qdrant_error *err) {
  uint64_t index = 0;
  qdrant_status status =
      reserve((void **)&column->indices, column->n_indices, &column->max_indices, 1, sizeof(uint32_t), err);
  if (status == QDRANT_OK)
    status = qd_scan_whole(scan, UINT32_MAX, &index, err);
  if (status == QDRANT_OK)
    column->indices[column->n_indices++] = (uint32_t)index;
  return status;
}

static qdrant_status read_weight(qd_file_column *column, qd_scan *scan, qdrant_error *err) {
  qdrant_status status = qd_file_column_reserve(column, 1, err);
  if (status == QDRANT_OK)
    status = qd_scan_float(scan, &column->values[column->n_values], err);
  column->n_values += status == QDRANT_OK;
  return status;
}

/* The two members of a sparse vector, and what reads an item of each. */
static const struct list {
  const char *key, *item;
  qdrant_status (*read)(qd_file_column *column, qd_scan *scan, qdrant_error *err);
} lists[] = {{"indices", "index", read_index}, {"values", "value", read_weight}};

static qdrant_status read_list(qd_file_column *column, const struct list *list, qd_scan *scan, qdrant_error *err) {
  qdrant_status status = qd_scan_expect(scan, '[', err);
  int is_more = status == QDRANT_OK && !qd_scan_take(scan, ']');
  for (size_t i = 1; status == QDRANT_OK && is_more; i++) {
    status = list->read(column, scan, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, ']', &is_more, err);
    else
      qd_error_prefix(err, "%s %zu: ", list->item, i);
  }
  return status;
}

/* Reads the next member, which must be one of the lists that has not been seen. */
static qdrant_status read_member(qd_file_column *column, unsigned *seen, qd_scan *scan, qdrant_error *err) {
  char key[16];
  qdrant_status status = qd_scan_key(scan, key, sizeof key, err);
  if (status != QDRANT_OK)
    return status;
  unsigned which = strcmp(key, lists[1].key) == 0;
  if (strcmp(key, lists[which].key) != 0 || *seen & 1u << which)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "{\"indices\": [..], \"values\": [..]} is needed, not \"%s\"", key);
  *seen |= 1u << which;
  return read_list(column, &lists[which], scan, err);
}

static qdrant_status add_sparse(qd_file_column *column, qd_scan *scan, size_t point, qdrant_error *err) {
  size_t first_index = column->n_indices, first_value = column->n_values;
  unsigned seen = 0;
  int is_more = 1;
  qdrant_status status = qd_scan_expect(scan, '{', err);
  while (status == QDRANT_OK && is_more) {
    status = read_member(column, &seen, scan, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, '}', &is_more, err);
  }
  size_t n_indices = column->n_indices - first_index, n_values = column->n_values - first_value;
  if (status == QDRANT_OK && n_indices != n_values)
    status =
        qd_fail(err, QDRANT_INVALID_ARGUMENT, "%zu indices and %zu values; as many are needed", n_indices, n_values);
  if (status == QDRANT_OK && n_indices > 0)
    status = check_unique(column->indices + first_index, n_indices, err);
  column->offsets[point + 1] = (int64_t)column->n_values;
  return status;
}

qdrant_status qd_file_column_read(qd_file_column *column, qd_scan *scan, size_t point, qdrant_error *err) {
  switch (column->vector.kind) {
  case QDRANT_DENSE: return add_dense(column, scan, err);
  case QDRANT_MULTI: return add_multi(column, scan, point, err);
  case QDRANT_SPARSE: return add_sparse(column, scan, point, err);
  }
  return QDRANT_OK;
}

qdrant_status qd_vector_kind_of(qd_scan *scan, qdrant_source_vector *vector, qdrant_error *err) {
  size_t start, n = 0;
  vector->kind = qd_scan_peek(scan) == '{' ? QDRANT_SPARSE : QDRANT_DENSE;
  start = scan->at;
  qdrant_status status = QDRANT_OK;
  if (vector->kind != QDRANT_SPARSE && qd_scan_take(scan, '[')) {
    vector->kind = qd_scan_peek(scan) == '[' ? QDRANT_MULTI : QDRANT_DENSE;
    scan->at = vector->kind == QDRANT_MULTI ? scan->at : start;
    status = read_floats(scan, NULL, 0, &n, err);
  }
  scan->at = start;
  vector->dim = (uint32_t)n;
  if (status == QDRANT_OK && vector->kind != QDRANT_SPARSE && (n == 0 || n > QD_MAX_DIM))
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "%zu floats; 1 to %" PRIu32 " are possible", n, QD_MAX_DIM);
  return status == QDRANT_OK ? qd_scan_skip(scan, err) : status;
}
