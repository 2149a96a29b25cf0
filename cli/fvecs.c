/* .fvecs: each row is a 32-bit number of floats and the floats, little-endian. */
#include "cli/fail.h"
#include "cli/matrix.h"
#include "cli/text.h"

#include <string.h>

static qdrant_status decode_row(const qd_matrix *matrix, float *row, qdrant_error *err) {
  uint32_t dim;
  memcpy(&dim, matrix->raw, sizeof dim);
  if (dim != matrix->dim)
    return qd_cli_fail(
        err, QDRANT_INVALID_ARGUMENT, "has %u floats, the first row has %u; all rows must be alike", dim, matrix->dim);
  memcpy(row, matrix->raw + sizeof dim, dim * sizeof *row);
  return QDRANT_OK;
}

qdrant_status qd_fvecs_open(qd_matrix *matrix, qdrant_error *err) {
  size_t n;
  const unsigned char *first = qd_input_first(matrix->input, &n);
  int64_t size = qd_input_size(matrix->input);
  uint32_t dim = 0;
  if (n < sizeof dim)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "has %zu bytes; an .fvecs file begins with a dimension of 4", n);
  memcpy(&dim, first, sizeof dim);
  if (dim < 1 || dim > QD_MAX_DIM)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT,
        "row 1 says that it has %u floats; 1 to %d are possible: is it an .fvecs file?", dim, QD_MAX_DIM);
  matrix->dim = dim;
  matrix->row_bytes = sizeof dim + dim * sizeof(float);
  matrix->n_rows = size < 0 ? UINT64_MAX : (uint64_t)size / matrix->row_bytes;
  matrix->decode = decode_row;
  if (size >= 0 && (uint64_t)size % matrix->row_bytes != 0)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT,
        "truncated: %lld bytes are no whole number of rows of %zu bytes (%u floats)", (long long)size,
        matrix->row_bytes, dim);
  return QDRANT_OK;
}
