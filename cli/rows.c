/* Rows of a .npy or .fvecs file as points. */
#include "cli/fail.h"
#include "cli/source.h"
#include "cli/text.h"

#include <stdlib.h>

/* Rows of one call, so that it stays below what servers take by default. */
enum { max_chunk_bytes = 16 << 20 };

typedef struct rows_source {
  qd_source base;
  qd_matrix *matrix; /* borrowed */
  qd_source_options options;
  qdrant_vector_column column;
  float *values;
  uint64_t *ids;
  size_t max_rows;
  uint64_t first_row; /* of the chunk, from 0 */
} rows_source;

static qdrant_status read_rows(qd_source *source, qdrant_point_batch *batch, qdrant_error *err) {
  rows_source *rows = (rows_source *)source;
  rows->first_row = rows->matrix->n_read;
  size_t n;
  qdrant_status status = qd_matrix_read(rows->matrix, rows->values, rows->max_rows, &n, err);
  if (status != QDRANT_OK)
    return status;
  if (n > 0 && rows->options.first_id > UINT64_MAX - (rows->first_row + n - 1))
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--first-id %llu: the ids of the rows would pass 2^64 - 1",
        (unsigned long long)rows->options.first_id);
  for (size_t i = 0; i < n; i++)
    rows->ids[i] = rows->options.first_id + rows->first_row + i;
  *batch = (qdrant_point_batch)QDRANT_POINT_BATCH_INIT;
  batch->n_points = n;
  batch->ids = rows->ids;
  batch->vectors = &rows->column;
  batch->n_vectors = 1;
  return QDRANT_OK;
}

static void place_row(const qd_source *source, size_t position, char *text, size_t n_text) {
  char number[QD_NUMBER_TEXT];
  snprintf(text, n_text, "row %s", qd_text_count(((const rows_source *)source)->first_row + position + 1, number));
}

static void close_rows(qd_source *source) {
  rows_source *rows = (rows_source *)source;
  free(rows->values);
  free(rows->ids);
  free(rows);
}

static const qd_source_ops rows_ops = {.read = read_rows, .place = place_row, .close = close_rows};

qdrant_status qd_rows_open(qd_matrix *matrix, const qd_source_options *options, qd_source **source, qdrant_error *err) {
  *source = NULL;
  rows_source *rows = calloc(1, sizeof *rows);
  if (!rows)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
  size_t fit = max_chunk_bytes / (matrix->dim * sizeof(float));
  rows->base.ops = &rows_ops;
  rows->base.n_total = matrix->n_rows == UINT64_MAX ? 0 : matrix->n_rows;
  rows->matrix = matrix;
  rows->options = *options;
  rows->max_rows = options->max_points < fit ? options->max_points : fit;
  rows->values = malloc(rows->max_rows * matrix->dim * sizeof(float));
  rows->ids = malloc(rows->max_rows * sizeof *rows->ids);
  if (!rows->values || !rows->ids) {
    close_rows(&rows->base);
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu rows of %u floats", fit, matrix->dim);
  }
  rows->column = (qdrant_vector_column){.name = options->vector_name, .dim = matrix->dim, .values = rows->values};
  *source = &rows->base;
  return QDRANT_OK;
}

qdrant_status qd_rows_use(qd_source *source, const qd_schema *schema, qdrant_error *err) {
  const rows_source *rows = (const rows_source *)source;
  const qd_schema_vector *vector;
  qdrant_status status = qd_schema_need(schema, rows->options.vector_name, &vector, err);
  if (status != QDRANT_OK)
    return status;
  if (vector->kind != QDRANT_DENSE)
    return qd_cli_fail(
        err, QDRANT_INVALID_ARGUMENT, "the vector is %s; rows can only be dense vectors", qd_kind_name(vector->kind));
  if (vector->dim != rows->matrix->dim)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%s: rows of %u floats; the collection takes %llu",
        qd_input_name(rows->matrix->input), rows->matrix->dim, (unsigned long long)vector->dim);
  return QDRANT_OK;
}
