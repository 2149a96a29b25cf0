#include "cli/columns.h"
#include "cli/fail.h"
#include <math.h>
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

static int is_number(json_object *value) {
  return json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int);
}

/* Reads an array of numbers into values, which has room for them. */
static qdrant_status read_floats(json_object *array, float *values, qdrant_error *err) {
  for (size_t i = 0; i < json_object_array_length(array); i++) {
    json_object *item = json_object_array_get_idx(array, i);
    if (!is_number(item))
      return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "float %zu is %s, not a number", i + 1,
          json_type_to_name(json_object_get_type(item)));
    values[i] = (float)json_object_get_double(item);
    if (!isfinite(values[i]))
      return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "float %zu is %s, too large for a 32-bit float", i + 1,
          json_object_get_string(item));
  }
  return QDRANT_OK;
}

static qdrant_status add_dense(column *one, json_object *value, qdrant_error *err) {
  if (!json_object_is_type(value, json_type_array))
    return qd_cli_fail(
        err, QDRANT_INVALID_ARGUMENT, "an array of %llu numbers is needed", (unsigned long long)one->vector->dim);
  size_t n = json_object_array_length(value);
  if (n != one->vector->dim)
    return qd_cli_fail(
        err, QDRANT_INVALID_ARGUMENT, "%zu floats; the collection takes %llu", n, (unsigned long long)one->vector->dim);
  return read_floats(value, one->values + one->n_values - n, err);
}

static qdrant_status add_multi(column *one, json_object *value, size_t point, qdrant_error *err) {
  if (!json_object_is_type(value, json_type_array) || json_object_array_length(value) == 0)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "an array of one or more arrays of numbers is needed");
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; status == QDRANT_OK && i < json_object_array_length(value); i++) {
    json_object *row = json_object_array_get_idx(value, i);
    size_t n = json_object_is_type(row, json_type_array) ? json_object_array_length(row) : 0;
    if (n != one->vector->dim)
      return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "row %zu has %zu floats; the collection takes %llu", i + 1, n,
          (unsigned long long)one->vector->dim);
    status = reserve_values(one, n, err);
    if (status == QDRANT_OK)
      status = read_floats(row, one->values + one->n_values, err);
    one->n_values += n;
  }
  one->offsets[point + 1] = (int64_t)(one->n_values / one->vector->dim);
  return status;
}

static int compare_index(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static qdrant_status read_indices(json_object *array, uint32_t *indices, qdrant_error *err) {
  size_t n = json_object_array_length(array);
  for (size_t i = 0; i < n; i++) {
    json_object *item = json_object_array_get_idx(array, i);
    int64_t index = json_object_is_type(item, json_type_int) ? json_object_get_int64(item) : -1;
    if (index < 0 || index > UINT32_MAX)
      return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "index %zu is %s; whole numbers from 0 to %u are needed", i + 1,
          json_object_get_string(item), UINT32_MAX);
    indices[i] = (uint32_t)index;
  }
  return QDRANT_OK;
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

static qdrant_status add_sparse(column *one, json_object *value, size_t point, qdrant_error *err) {
  json_object *indices = NULL, *values = NULL;
  if (!json_object_object_get_ex(value, "indices", &indices) || !json_object_object_get_ex(value, "values", &values) ||
      !json_object_is_type(indices, json_type_array) || !json_object_is_type(values, json_type_array))
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "{\"indices\": [..], \"values\": [..]} is needed");
  size_t n = json_object_array_length(indices), n_values = json_object_array_length(values);
  if (n != n_values)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%zu indices and %zu values; as many are needed", n, n_values);
  qdrant_status status = reserve_values(one, n, err);
  if (status == QDRANT_OK)
    status = reserve((void **)&one->indices, one->n_indices, &one->max_indices, n, sizeof(uint32_t), err);
  if (status == QDRANT_OK)
    status = read_indices(indices, one->indices + one->n_indices, err);
  if (status == QDRANT_OK)
    status = check_unique(one->indices + one->n_indices, n, err);
  if (status == QDRANT_OK)
    status = read_floats(values, one->values + one->n_values, err);
  one->n_values += n;
  one->n_indices += n;
  one->offsets[point + 1] = (int64_t)one->n_values;
  return status;
}

static qdrant_status add_value(column *one, json_object *value, size_t point, qdrant_error *err) {
  switch (one->vector->kind) {
  case QDRANT_DENSE: return add_dense(one, value, err);
  case QDRANT_MULTI: return add_multi(one, value, point, err);
  case QDRANT_SPARSE: return add_sparse(one, value, point, err);
  }
  return QDRANT_OK;
}

qdrant_status qd_columns_add(qd_columns *columns, const char *name, json_object *value, qdrant_error *err) {
  column *one = NULL;
  for (size_t i = 0; i < columns->n_columns; i++) {
    const char *have = columns->columns[i].vector->name;
    if ((!have && !name) || (have && name && strcmp(have, name) == 0))
      one = &columns->columns[i];
  }
  if (!one)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "the collection has no %s vector", name ? "such" : "unnamed");
  size_t point = columns->n_points - 1;
  one->validity[point / 8] |= (uint8_t)(1u << (point % 8));
  one->n_present++;
  return add_value(one, value, point, err);
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

qdrant_status qd_vector_kind_of(json_object *value, qdrant_vector_kind *kind, uint64_t *dim, qdrant_error *err) {
  json_object *first = NULL;
  *kind = json_object_is_type(value, json_type_object) ? QDRANT_SPARSE : QDRANT_DENSE;
  *dim = 0;
  if (*kind == QDRANT_SPARSE)
    return QDRANT_OK;
  if (json_object_is_type(value, json_type_array) && json_object_array_length(value) > 0)
    first = json_object_array_get_idx(value, 0);
  if (json_object_is_type(first, json_type_array)) {
    *kind = QDRANT_MULTI;
    *dim = json_object_array_length(first);
  } else if (first) {
    *dim = json_object_array_length(value);
  }
  return *dim > 0 ? QDRANT_OK
                  : qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "the vector has no floats to tell a dimension from");
}
