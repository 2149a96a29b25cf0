#include "ingest/columns.h"

#include "core/alloc.h"
#include "core/error.h"
#include "ingest/column.h"
#include "ingest/source.h"

#include <inttypes.h>
#include <string.h>

/* Names in a file beyond this are rather a mistake than vectors. */
enum { max_columns = 256 };

struct qd_columns {
  qd_file_column columns[max_columns];
  qdrant_vector_column view[max_columns];
  qdrant_source_vector schema[max_columns];
  size_t n_columns, n_points, max_points;
  size_t n_before; /* columns when the last point began */
  int is_fixed;    /* by what a collection takes */
};

qdrant_status qd_columns_new(size_t max_points, qd_columns **columns, qdrant_error *err) {
  *columns = qd_zalloc(sizeof **columns);
  if (*columns == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the columns");
  (*columns)->max_points = max_points;
  return QDRANT_OK;
}

static void free_column(qd_file_column *column) {
  qd_free((char *)column->vector.name);
  qd_free(column->values);
  qd_free(column->indices);
  qd_free(column->offsets);
  qd_free(column->validity);
}

void qd_columns_free(qd_columns *columns) {
  if (columns == NULL)
    return;
  for (size_t i = 0; i < columns->n_columns; i++)
    free_column(&columns->columns[i]);
  qd_free(columns);
}

static qd_file_column *find_column(qd_columns *columns, const char *name) {
  for (size_t i = 0; i < columns->n_columns; i++) {
    const char *have = columns->columns[i].vector.name;
    if ((have == NULL && name == NULL) || (have != NULL && name != NULL && strcmp(have, name) == 0))
      return &columns->columns[i];
  }
  return NULL;
}

/* Adds a column that none of the points so far has. */
static qdrant_status add_column(
    qd_columns *columns, const qdrant_source_vector *vector, qd_file_column **column, qdrant_error *err) {
  if (columns->n_columns == max_columns)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "more than %d different vectors", max_columns);
  qd_file_column made = {.vector = *vector};
  made.vector.name = vector->name != NULL ? qd_strdup(vector->name) : NULL;
  made.offsets = qd_zalloc((columns->max_points + 1) * sizeof *made.offsets);
  made.validity = qd_zalloc(columns->max_points / 8 + 1);
  qdrant_status status = QDRANT_OK;
  if ((vector->name != NULL && made.vector.name == NULL) || made.offsets == NULL || made.validity == NULL)
    status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a column of %zu points", columns->max_points);
  size_t n_zeros = vector->kind == QDRANT_DENSE ? columns->n_points * vector->dim : 0;
  if (status == QDRANT_OK)
    status = qd_file_column_reserve(&made, n_zeros, err);
  if (status != QDRANT_OK) {
    free_column(&made);
    return status;
  }
  if (n_zeros > 0)
    memset(made.values, 0, n_zeros * sizeof(float));
  made.n_values = n_zeros;
  *column = &columns->columns[columns->n_columns++];
  **column = made;
  return QDRANT_OK;
}

static qdrant_status check_found(
    const qdrant_source_vector *found, const qdrant_source_vector *wanted, qdrant_error *err) {
  static const char *const kinds[] = {"dense", "sparse", "multi"};
  if (found->kind != wanted->kind)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "vector \"%.64s\" is %s; the collection takes it %s",
        wanted->name != NULL ? wanted->name : "", kinds[found->kind], kinds[wanted->kind]);
  if (found->kind != QDRANT_SPARSE && found->dim != wanted->dim)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "vector \"%.64s\": %" PRIu32 " floats; the collection takes %" PRIu32,
        wanted->name != NULL ? wanted->name : "", found->dim, wanted->dim);
  return QDRANT_OK;
}

qdrant_status qd_columns_expect(
    qd_columns *columns, const qdrant_source_vector *vectors, size_t n_vectors, qdrant_error *err) {
  size_t n_found = columns->n_columns;
  for (size_t i = 0; i < n_vectors; i++) {
    qd_file_column *column = find_column(columns, vectors[i].name);
    qdrant_status status = column != NULL ? check_found(&column->vector, &vectors[i], err)
                                          : add_column(columns, &vectors[i], &column, err);
    if (status != QDRANT_OK)
      return status;
    column->is_expected = 1;
  }
  for (size_t i = 0; i < n_found; i++)
    if (!columns->columns[i].is_expected)
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the collection has no vector \"%.64s\"",
          columns->columns[i].vector.name != NULL ? columns->columns[i].vector.name : "");
  columns->is_fixed = 1;
  return QDRANT_OK;
}

const qdrant_source_vector *qd_columns_schema(qd_columns *columns, size_t *n_vectors) {
  *n_vectors = columns->n_columns;
  for (size_t i = 0; i < columns->n_columns; i++)
    columns->schema[i] = columns->columns[i].vector;
  return columns->schema;
}

void qd_columns_reset(qd_columns *columns) {
  for (size_t i = 0; i < columns->n_columns; i++) {
    qd_file_column *column = &columns->columns[i];
    column->n_values = column->n_indices = column->n_present = 0;
    memset(column->validity, 0, columns->max_points / 8 + 1);
  }
  columns->n_points = 0;
}

qdrant_status qd_columns_begin(qd_columns *columns, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  columns->n_before = columns->n_columns;
  for (size_t i = 0; status == QDRANT_OK && i < columns->n_columns; i++) {
    qd_file_column *column = &columns->columns[i];
    size_t dim = column->vector.dim;
    size_t end = column->vector.kind == QDRANT_MULTI ? column->n_values / dim : column->n_values;
    column->offsets[columns->n_points + 1] = (int64_t)end;
    if (column->vector.kind != QDRANT_DENSE)
      continue;
    status = qd_file_column_reserve(column, dim, err);
    if (status == QDRANT_OK)
      memset(column->values + column->n_values, 0, dim * sizeof(float));
    column->n_values += status == QDRANT_OK ? dim : 0;
  }
  columns->n_points++;
  return status;
}

void qd_columns_drop(qd_columns *columns) {
  size_t point = --columns->n_points;
  uint8_t bit = (uint8_t)(1u << (point % 8));
  while (columns->n_columns > columns->n_before)
    free_column(&columns->columns[--columns->n_columns]);
  for (size_t i = 0; i < columns->n_columns; i++) {
    qd_file_column *column = &columns->columns[i];
    size_t n_before = column->vector.kind == QDRANT_DENSE ? point : (size_t)column->offsets[point];
    column->n_values = n_before * (column->vector.kind == QDRANT_SPARSE ? 1 : column->vector.dim);
    column->n_indices = column->vector.kind == QDRANT_SPARSE ? n_before : 0;
    column->n_present -= (column->validity[point / 8] & bit) != 0;
    column->validity[point / 8] &= (uint8_t)~bit;
  }
}

/* Makes the column of a name that was not met before, of the kind that the value has. */
static qdrant_status find_new(
    qd_columns *columns, const char *name, qd_scan value, qd_file_column **column, qdrant_error *err) {
  qdrant_source_vector vector = {.name = name};
  if (columns->is_fixed)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the collection has no %s vector", name != NULL ? "such" : "unnamed");
  qdrant_status status = qd_vector_kind_of(&value, &vector, err);
  if (status != QDRANT_OK)
    return status;
  if (columns->n_points > 1 && columns->n_points * vector.dim * sizeof(float) > QD_PIECE_BYTES)
    return QDRANT_AGAIN;
  return add_column(columns, &vector, column, err);
}

qdrant_status qd_columns_add(qd_columns *columns, const char *name, qd_scan *scan, qdrant_error *err) {
  qd_file_column *column = find_column(columns, name);
  qdrant_status status = column != NULL ? QDRANT_OK : find_new(columns, name, *scan, &column, err);
  if (status != QDRANT_OK)
    return status;
  size_t point = columns->n_points - 1;
  uint8_t bit = (uint8_t)(1u << (point % 8));
  if (column->validity[point / 8] & bit)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the point has it twice");
  column->validity[point / 8] |= bit;
  column->n_present++;
  return qd_file_column_read(column, scan, point, err);
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
    qd_file_column *column = &columns->columns[i];
    if (column->n_present == 0)
      continue;
    columns->view[(*n)++] = (qdrant_vector_column){
        .name = column->vector.name,
        .kind = column->vector.kind,
        .dim = column->vector.dim,
        .values = column->values,
        .indices = column->indices,
        .offsets = column->vector.kind == QDRANT_DENSE ? NULL : column->offsets,
        .validity = column->n_present == columns->n_points ? NULL : column->validity,
    };
  }
  return columns->view;
}
