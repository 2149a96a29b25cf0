#include "ingest/matrix.h"

#include "core/error.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

qdrant_status qd_matrix_open(qd_matrix *matrix, qd_input *input, qdrant_source_format format, qdrant_error *err) {
  *matrix = (qd_matrix){.input = input};
  qdrant_status status = format == QDRANT_SOURCE_NPY ? qd_npy_open(matrix, err) : qd_fvecs_open(matrix, err);
  if (status == QDRANT_INVALID_ARGUMENT)
    qd_error_prefix(err, "%.300s: ", qd_input_name(input));
  matrix->first_byte = qd_input_offset(input);
  return status;
}

/* "words.npy: row 18 of 10000: " before the message. Rows count from 1, as lines do. */
static void name_row(const qd_matrix *matrix, qdrant_error *err) {
  char of[32] = "";
  if (matrix->n_rows != UINT64_MAX)
    snprintf(of, sizeof of, " of %" PRIu64, matrix->n_rows);
  qd_error_prefix(err, "%.300s: row %" PRIu64 "%s: ", qd_input_name(matrix->input), matrix->n_read + 1, of);
}

static qdrant_status check_floats(const qd_matrix *matrix, const float *row, qdrant_error *err) {
  for (uint32_t d = 0; d < matrix->dim; d++)
    if (!isfinite(row[d]))
      return qd_fail(
          err, QDRANT_INVALID_ARGUMENT, "float %" PRIu32 " is %g; a vector takes finite floats", d + 1, (double)row[d]);
  return QDRANT_OK;
}

/* Reads and passes one row, also one that is refused. */
static qdrant_status read_row(qd_matrix *matrix, float *row, int *is_end, qdrant_error *err) {
  const unsigned char *bytes;
  size_t n;
  qdrant_status status = qd_input_peek(matrix->input, matrix->row_bytes, &bytes, &n, err);
  if (status != QDRANT_OK)
    return status;
  *is_end = n == 0 && matrix->n_rows == UINT64_MAX;
  if (*is_end)
    return QDRANT_OK;
  if (n < matrix->row_bytes)
    status = qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "truncated: %zu bytes of the %zu of a row are there", n, matrix->row_bytes);
  else
    status = matrix->decode(matrix, bytes, row, err);
  if (status == QDRANT_OK)
    status = check_floats(matrix, row, err);
  if (status != QDRANT_OK)
    name_row(matrix, err);
  qd_input_skip(matrix->input, n);
  matrix->n_read++;
  if (n < matrix->row_bytes)
    matrix->n_rows = matrix->n_read;
  return status;
}

qdrant_status qd_matrix_read(qd_matrix *matrix, float *rows, size_t max, size_t *n, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  int is_end = 0;
  for (*n = 0; *n < max && matrix->n_read < matrix->n_rows; ++*n) {
    status = read_row(matrix, rows + *n * matrix->dim, &is_end, err);
    if (status != QDRANT_OK || is_end)
      break;
  }
  return status;
}

static qdrant_status pass_rows(qd_matrix *matrix, uint64_t row, qdrant_error *err) {
  while (matrix->n_read < row) {
    const unsigned char *bytes;
    size_t n;
    qdrant_status status = qd_input_peek(matrix->input, matrix->row_bytes, &bytes, &n, err);
    if (status != QDRANT_OK)
      return status;
    if (n < matrix->row_bytes)
      return qd_fail(err, QDRANT_OUT_OF_RANGE, "%.300s: point %" PRIu64 ": there are %" PRIu64,
          qd_input_name(matrix->input), row, matrix->n_read);
    qd_input_skip(matrix->input, n);
    matrix->n_read++;
  }
  return QDRANT_OK;
}

qdrant_status qd_matrix_seek(qd_matrix *matrix, uint64_t row, qdrant_error *err) {
  if (row > matrix->n_rows)
    return qd_fail(err, QDRANT_OUT_OF_RANGE, "%.300s: point %" PRIu64 ": there are %" PRIu64,
        qd_input_name(matrix->input), row, matrix->n_rows);
  if (qd_input_size(matrix->input) < 0 && row >= matrix->n_read)
    return pass_rows(matrix, row, err);
  qdrant_status status = qd_input_seek(matrix->input, matrix->first_byte + row * matrix->row_bytes, err);
  if (status == QDRANT_OK)
    matrix->n_read = row;
  return status;
}
