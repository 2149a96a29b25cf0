#include "cli/matrix.h"

#include "cli/fail.h"
#include "cli/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ends_in(const char *name, const char *end) {
  size_t n = strlen(name), n_end = strlen(end);
  return n >= n_end && strcmp(name + n - n_end, end) == 0;
}

qd_file_format qd_format_of(const qd_input *input, int option) {
  const char *name = qd_input_name(input);
  if (option != QD_FILE_SNIFF)
    return (qd_file_format)option;
  if (ends_in(name, ".npy"))
    return QD_FILE_NPY;
  if (ends_in(name, ".fvecs"))
    return QD_FILE_FVECS;
  if (ends_in(name, ".jsonl") || ends_in(name, ".ndjson") || ends_in(name, ".json"))
    return QD_FILE_JSONL;
  size_t n;
  const unsigned char *first = qd_input_first(input, &n);
  if (n >= 6 && memcmp(first, "\x93NUMPY", 6) == 0)
    return QD_FILE_NPY;
  /* A dimension below 2^24 has a zero byte; JSON text has none. */
  return n >= 4 && first[3] == 0 ? QD_FILE_FVECS : QD_FILE_JSONL;
}

static qdrant_status open_rows(qd_matrix *matrix, qd_file_format format, qdrant_error *err) {
  qdrant_status status = format == QD_FILE_NPY ? qd_npy_open(matrix, err) : qd_fvecs_open(matrix, err);
  if (status != QDRANT_OK)
    return status;
  matrix->raw = malloc(matrix->row_bytes);
  return matrix->raw ? QDRANT_OK : qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for a row");
}

qdrant_status qd_matrix_open(qd_matrix *matrix, qd_input *input, qd_file_format format, qdrant_error *err) {
  *matrix = (qd_matrix){.input = input};
  qdrant_status status = open_rows(matrix, format, err);
  if (status == QDRANT_INVALID_ARGUMENT || status == QDRANT_NO_MEMORY)
    qd_cli_prefix(err, "%s: ", qd_input_name(input));
  return status;
}

void qd_matrix_close(qd_matrix *matrix) {
  free(matrix->raw);
  matrix->raw = NULL;
}

/* "words.npy: row 18 of 10,000: " before the message of *err. Rows count from 1, as lines do. */
static void name_row(const qd_matrix *matrix, qdrant_error *err) {
  char row[QD_NUMBER_TEXT], rows[QD_NUMBER_TEXT];
  const char *of = matrix->n_rows == UINT64_MAX ? "" : " of ";
  qd_text_count(matrix->n_rows, rows);
  qd_cli_prefix(err, "%s: row %s%s%s: ", qd_input_name(matrix->input), qd_text_count(matrix->n_read + 1, row), of,
      of[0] ? rows : "");
}

static qdrant_status read_row(qd_matrix *matrix, float *row, int *is_end, qdrant_error *err) {
  size_t n;
  qdrant_status status = qd_input_read(matrix->input, matrix->raw, matrix->row_bytes, &n, err);
  if (status != QDRANT_OK)
    return status;
  *is_end = n == 0 && matrix->n_rows == UINT64_MAX;
  if (*is_end)
    return QDRANT_OK;
  if (n < matrix->row_bytes)
    status = qd_cli_fail(
        err, QDRANT_INVALID_ARGUMENT, "truncated: %zu bytes of the %zu of a row are there", n, matrix->row_bytes);
  else
    status = matrix->decode(matrix, row, err);
  for (uint32_t d = 0; status == QDRANT_OK && d < matrix->dim; d++)
    if (!isfinite(row[d]))
      status = qd_cli_fail(
          err, QDRANT_INVALID_ARGUMENT, "float %u is %g; a vector takes finite floats", d + 1, (double)row[d]);
  if (status != QDRANT_OK)
    name_row(matrix, err);
  return status;
}

qdrant_status qd_matrix_read(qd_matrix *matrix, float *rows, size_t max, size_t *n, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  int is_end = 0;
  for (*n = 0; *n < max && matrix->n_read < matrix->n_rows; ++*n) {
    status = read_row(matrix, rows + *n * matrix->dim, &is_end, err);
    if (status != QDRANT_OK || is_end)
      break;
    matrix->n_read++;
  }
  return status;
}
