/* Rows of a .npy or .fvecs file as points. */
#include "core/alloc.h"
#include "core/error.h"
#include "ingest/matrix.h"
#include "ingest/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct rows_source {
  qdrant_source base;
  qd_matrix matrix;
  qdrant_vector_column column;
  qdrant_source_vector vector;
  float *values;
  uint64_t *ids;
  size_t max_rows;
} rows_source;

static qdrant_status read_rows(qdrant_source *source, qdrant_point_batch *batch, qdrant_error *err) {
  rows_source *rows = (rows_source *)source;
  uint64_t first_row = rows->matrix.n_read;
  size_t n;
  qdrant_status status = qd_matrix_read(&rows->matrix, rows->values, rows->max_rows, &n, err);
  if (n > 0 && source->first_id > UINT64_MAX - (first_row + n - 1))
    return qd_fail(err, QDRANT_OUT_OF_RANGE, "%.300s: first id %" PRIu64 ": the ids of the rows would pass 2^64 - 1",
        qd_input_name(source->input), source->first_id);
  for (size_t i = 0; i < n; i++)
    rows->ids[i] = source->first_id + first_row + i;
  batch->n_points = n;
  batch->ids = rows->ids;
  batch->vectors = &rows->column;
  batch->n_vectors = 1;
  return status;
}

static qdrant_status seek_row(qdrant_source *source, uint64_t point, qdrant_error *err) {
  return qd_matrix_seek(&((rows_source *)source)->matrix, point, err);
}

static const qdrant_source_vector *row_schema(qdrant_source *source, size_t *n_vectors) {
  *n_vectors = 1;
  return &((rows_source *)source)->vector;
}

static int is_same_name(const char *a, const char *b) {
  return (a == NULL && b == NULL) || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static qdrant_status expect_row(
    qdrant_source *source, const qdrant_source_vector *vectors, size_t n_vectors, qdrant_error *err) {
  const qdrant_source_vector *have = &((rows_source *)source)->vector, *wanted = NULL;
  for (size_t i = 0; i < n_vectors && wanted == NULL; i++)
    if (is_same_name(vectors[i].name, have->name))
      wanted = &vectors[i];
  if (wanted == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the collection has no %s%.100s%s",
        have->name != NULL ? "vector \"" : "unnamed vector", have->name != NULL ? have->name : "",
        have->name != NULL ? "\"" : "");
  if (wanted->kind != QDRANT_DENSE)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the vector is %s; rows can only be dense vectors",
        wanted->kind == QDRANT_SPARSE ? "sparse" : "multi");
  if (wanted->dim != have->dim)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "rows of %" PRIu32 " floats; the collection takes %" PRIu32, have->dim,
        wanted->dim);
  return QDRANT_OK;
}

static void place_row(const qdrant_source *source, uint64_t point, char *place, size_t n_place) {
  (void)source;
  snprintf(place, n_place, "row %" PRIu64, point + 1);
}

static void close_rows(qdrant_source *source) {
  rows_source *rows = (rows_source *)source;
  qd_free(rows->values);
  qd_free(rows->ids);
  qd_free(rows);
}

static const qd_source_ops rows_ops = {read_rows, seek_row, row_schema, expect_row, place_row, close_rows};

static qdrant_status open_rows(rows_source *rows, qdrant_error *err) {
  qdrant_source *base = &rows->base;
  qd_matrix *matrix = &rows->matrix;
  qdrant_status status = qd_matrix_open(matrix, base->input, base->format, err);
  if (status != QDRANT_OK)
    return status;
  base->n_points = matrix->n_rows == UINT64_MAX ? 0 : matrix->n_rows;
  if (base->n_points > 0 && base->first_id > UINT64_MAX - (base->n_points - 1))
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "first id %" PRIu64 ": the ids of the rows would pass 2^64 - 1", base->first_id);
  size_t fit = QD_PIECE_BYTES / (matrix->dim * sizeof(float));
  rows->max_rows = base->max_points < fit ? base->max_points : fit;
  rows->values = qd_alloc_array(rows->max_rows, matrix->dim * sizeof(float));
  rows->ids = qd_alloc_array(rows->max_rows, sizeof *rows->ids);
  if (rows->values == NULL || rows->ids == NULL)
    return qd_fail(
        err, QDRANT_NO_MEMORY, "out of memory for %zu rows of %" PRIu32 " floats", rows->max_rows, matrix->dim);
  rows->column = (qdrant_vector_column){.name = base->vector_name, .dim = matrix->dim, .values = rows->values};
  rows->vector = (qdrant_source_vector){.name = base->vector_name, .dim = matrix->dim};
  return QDRANT_OK;
}

qdrant_status qd_rows_open(const qdrant_source *base, qdrant_source **source, qdrant_error *err) {
  rows_source *rows = qd_zalloc(sizeof *rows);
  if (rows == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  rows->base = *base;
  rows->base.ops = &rows_ops;
  qdrant_status status = open_rows(rows, err);
  if (status != QDRANT_OK)
    close_rows(&rows->base);
  else
    *source = &rows->base;
  return status;
}
