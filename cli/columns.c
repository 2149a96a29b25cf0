#include "cli/columns.h"

#include "cli/fail.h"

#include <stdlib.h>
#include <string.h>

/* One column being filled. Rows of a dense column that have no vector are zeros. */
typedef struct column {
  const qd_schema_vector *vector;
  float *values;
  uint32_t *indices;
  size_t n_values, n_indices, max_values, max_indices;
  int64_t *offsets;
  uint8_t *validity;
  size_t n_present;
} column;

struct qd_columns {
  column *columns;
  size_t n_columns, n_points, max_points;
  qdrant_vector_column *view;
};

qdrant_status qd_columns_new(const qd_schema *schema, size_t max_points, qd_columns **columns, qdrant_error *err) {
  qd_columns *made = calloc(1, sizeof *made);
  *columns = made;
  int is_made = made != NULL;
  if (made) {
    made->columns = calloc(schema->n + 1, sizeof *made->columns);
    made->view = calloc(schema->n + 1, sizeof *made->view);
    made->max_points = max_points;
    is_made = made->columns && made->view;
  }
  for (size_t i = 0; is_made && i < schema->n; i++) {
    column *one = &made->columns[made->n_columns++];
    one->vector = &schema->vectors[i];
    one->offsets = calloc(max_points + 1, sizeof *one->offsets);
    one->validity = calloc(max_points / 8 + 1, 1);
    is_made = one->offsets && one->validity;
  }
  if (is_made)
    return QDRANT_OK;
  qd_columns_free(made);
  *columns = NULL;
  return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the columns of %zu points", max_points);
}

void qd_columns_free(qd_columns *columns) {
  if (!columns)
    return;
  for (size_t i = 0; i < columns->n_columns; i++) {
    free(columns->columns[i].values);
    free(columns->columns[i].indices);
    free(columns->columns[i].offsets);
    free(columns->columns[i].validity);
  }
  free(columns->columns);
  free(columns->view);
  free(columns);
}

void qd_columns_reset(qd_columns *columns) {
  for (size_t i = 0; i < columns->n_columns; i++) {
    column *one = &columns->columns[i];
    one->n_values = one->n_indices = one->n_present = 0;
    memset(one->validity, 0, columns->max_points / 8 + 1);
  }
  columns->n_points = 0;
}

/* Makes room for n more of items of n_bytes in *items. */
static qdrant_status reserve(void **items, size_t n_items, size_t *max, size_t n, size_t n_bytes, qdrant_error *err) {
  if (n_items + n <= *max)
    return QDRANT_OK;
  size_t wanted = 2 * *max > n_items + n ? 2 * *max : n_items + n;
  void *grown = realloc(*items, wanted * n_bytes);
  if (!grown)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu floats", wanted);
  *items = grown;
  *max = wanted;
  return QDRANT_OK;
}

static qdrant_status reserve_values(column *one, size_t n, qdrant_error *err) {
  return reserve((void **)&one->values, one->n_values, &one->max_values, n, sizeof(float), err);
}

qdrant_status qd_columns_point(qd_columns *columns, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; status == QDRANT_OK && i < columns->n_columns; i++) {
    column *one = &columns->columns[i];
    size_t end = one->vector->kind == QDRANT_MULTI ? one->n_values / one->vector->dim : one->n_values;
    one->offsets[columns->n_points + 1] = (int64_t)end;
    if (one->vector->kind != QDRANT_DENSE)
      continue;
    status = reserve_values(one, one->vector->dim, err);
    if (status == QDRANT_OK)
      memset(one->values + one->n_values, 0, one->vector->dim * sizeof(float));
    one->n_values += status == QDRANT_OK ? one->vector->dim : 0;
  }
  columns->n_points++;
  return status;
}

/* Reads an array of numbers: *n counts all, the first max of them go to values. */
static qdrant_status read_floats(qd_scan *scan, float *values, size_t max, size_t *n, qdrant_error *err) {
  qdrant_status status = qd_scan_expect(scan, '[', err);
  int is_more = status == QDRANT_OK && !qd_scan_take(scan, ']');
  for (*n = 0; status == QDRANT_OK && is_more; ++*n) {
    float value;
    status = qd_scan_float(scan, &value, err);
    if (status != QDRANT_OK) {
      qd_cli_prefix(err, "float %zu: ", *n + 1);
      break;
    }
    if (*n < max)
      values[*n] = value;
    status = qd_scan_next(scan, ']', &is_more, err);
  }
  return status;
}

static qdrant_status check_dim(size_t n, uint64_t dim, qdrant_error *err) {
  if (n == dim)
    return QDRANT_OK;
  return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%zu floats; the collection takes %llu", n, (unsigned long long)dim);
}

static qdrant_status add_dense(column *one, qd_scan *scan, qdrant_error *err) {
  size_t n = 0, dim = one->vector->dim;
  qdrant_status status = read_floats(scan, one->values + one->n_values - dim, dim, &n, err);
  return status == QDRANT_OK ? check_dim(n, dim, err) : status;
}

static qdrant_status add_multi(column *one, qd_scan *scan, size_t point, qdrant_error *err) {
  size_t n_rows = 0, n = 0, dim = one->vector->dim;
  int is_more = 1;
  qdrant_status status = qd_scan_expect(scan, '[', err);
  while (status == QDRANT_OK && is_more) {
    status = reserve_values(one, dim, err);
    if (status == QDRANT_OK)
      status = read_floats(scan, one->values + one->n_values, dim, &n, err);
    if (status == QDRANT_OK)
      status = check_dim(n, dim, err);
    if (status != QDRANT_OK) {
      qd_cli_prefix(err, "row %zu: ", n_rows + 1);
      return status;
    }
    one->n_values += dim;
    n_rows++;
    status = qd_scan_next(scan, ']', &is_more, err);
  }
  one->offsets[point + 1] = (int64_t)(one->n_values / dim);
  return status;
}

static int compare_index(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static qdrant_status check_unique(const uint32_t *indices, size_t n, qdrant_error *err) {
  uint32_t *sorted = malloc(n * sizeof *sorted + 1);
  if (!sorted)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu indices", n);
  memcpy(sorted, indices, n * sizeof *sorted);
  qsort(sorted, n, sizeof *sorted, compare_index);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 1; status == QDRANT_OK && i < n; i++)
    if (sorted[i] == sorted[i - 1])
      status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "index %u is there twice", sorted[i]);
  free(sorted);
  return status;
}

/* Reads an array of weights or of indices behind those of the points before. */
static qdrant_status read_sparse_list(column *one, int is_indices, qd_scan *scan, qdrant_error *err) {
  qdrant_status status = qd_scan_expect(scan, '[', err);
  int is_more = status == QDRANT_OK && !qd_scan_take(scan, ']');
  for (size_t i = 1; status == QDRANT_OK && is_more; i++) {
    uint64_t index = 0;
    if (is_indices) {
      status = reserve((void **)&one->indices, one->n_indices, &one->max_indices, 1, sizeof(uint32_t), err);
      if (status == QDRANT_OK)
        status = qd_scan_whole(scan, UINT32_MAX, &index, err);
      if (status == QDRANT_OK)
        one->indices[one->n_indices++] = (uint32_t)index;
    } else {
      status = reserve_values(one, 1, err);
      if (status == QDRANT_OK)
        status = qd_scan_float(scan, &one->values[one->n_values], err);
      one->n_values += status == QDRANT_OK;
    }
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, ']', &is_more, err);
    else
      qd_cli_prefix(err, "%s %zu: ", is_indices ? "index" : "value", i);
  }
  return status;
}

static qdrant_status add_sparse(column *one, qd_scan *scan, size_t point, qdrant_error *err) {
  size_t first_index = one->n_indices, first_value = one->n_values;
  unsigned seen = 0;
  int is_more = 1;
  qdrant_status status = qd_scan_expect(scan, '{', err);
  while (status == QDRANT_OK && is_more) {
    char key[16];
    status = qd_scan_key(scan, key, sizeof key, err);
    unsigned which = strcmp(key, "indices") == 0 ? 1 : strcmp(key, "values") == 0 ? 2 : 0;
    if (status == QDRANT_OK && (which == 0 || seen & which))
      return qd_cli_fail(
          err, QDRANT_INVALID_ARGUMENT, "{\"indices\": [..], \"values\": [..]} is needed, not \"%s\"", key);
    seen |= which;
    if (status == QDRANT_OK)
      status = read_sparse_list(one, which == 1, scan, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, '}', &is_more, err);
  }
  size_t n_indices = one->n_indices - first_index, n_values = one->n_values - first_value;
  if (status == QDRANT_OK && n_indices != n_values)
    status = qd_cli_fail(
        err, QDRANT_INVALID_ARGUMENT, "%zu indices and %zu values; as many are needed", n_indices, n_values);
  if (status == QDRANT_OK && n_indices > 0)
    status = check_unique(one->indices + first_index, n_indices, err);
  one->offsets[point + 1] = (int64_t)one->n_values;
  return status;
}

static qdrant_status add_value(column *one, qd_scan *scan, size_t point, qdrant_error *err) {
  switch (one->vector->kind) {
  case QDRANT_DENSE: return add_dense(one, scan, err);
  case QDRANT_MULTI: return add_multi(one, scan, point, err);
  case QDRANT_SPARSE: return add_sparse(one, scan, point, err);
  }
  return QDRANT_OK;
}

qdrant_status qd_columns_add(qd_columns *columns, const char *name, qd_scan *scan, qdrant_error *err) {
  column *one = NULL;
  for (size_t i = 0; i < columns->n_columns; i++) {
    const char *have = columns->columns[i].vector->name;
    if ((!have && !name) || (have && name && strcmp(have, name) == 0))
      one = &columns->columns[i];
  }
  if (!one)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "the collection has no %s vector", name ? "such" : "unnamed");
  size_t point = columns->n_points - 1;
  uint8_t bit = (uint8_t)(1u << (point % 8));
  if (one->validity[point / 8] & bit)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "the point has it twice");
  one->validity[point / 8] |= bit;
  one->n_present++;
  return add_value(one, scan, point, err);
}

size_t qd_columns_bytes(const qd_columns *columns) {
  size_t n = 0;
  for (size_t i = 0; i < columns->n_columns; i++)
    n += columns->columns[i].n_values * sizeof(float) + columns->columns[i].n_indices * sizeof(uint32_t);
  return n;
}

const qdrant_vector_column *qd_columns_view(qd_columns *columns, size_t *n) {
  *n = 0;
  for (size_t i = 0; i < columns->n_columns; i++) {
    column *one = &columns->columns[i];
    if (one->n_present == 0)
      continue;
    columns->view[(*n)++] = (qdrant_vector_column){
        .name = one->vector->name,
        .kind = one->vector->kind,
        .dim = (uint32_t)one->vector->dim,
        .values = one->values,
        .indices = one->indices,
        .offsets = one->vector->kind == QDRANT_DENSE ? NULL : one->offsets,
        .validity = one->n_present == columns->n_points ? NULL : one->validity,
    };
  }
  return columns->view;
}

qdrant_status qd_vector_kind_of(qd_scan *scan, qdrant_vector_kind *kind, uint64_t *dim, qdrant_error *err) {
  size_t start, n = 0;
  *kind = qd_scan_peek(scan) == '{' ? QDRANT_SPARSE : QDRANT_DENSE;
  *dim = 0;
  start = scan->at;
  qdrant_status status = QDRANT_OK;
  if (*kind != QDRANT_SPARSE && qd_scan_take(scan, '[')) {
    *kind = qd_scan_peek(scan) == '[' ? QDRANT_MULTI : QDRANT_DENSE;
    scan->at = *kind == QDRANT_MULTI ? scan->at : start;
    status = read_floats(scan, NULL, 0, &n, err);
    *dim = n;
  }
  scan->at = start;
  if (status == QDRANT_OK && *kind != QDRANT_SPARSE && n == 0)
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "the vector has no floats to tell a dimension from");
  return status == QDRANT_OK ? qd_scan_skip(scan, err) : status;
}
