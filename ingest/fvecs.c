/* .fvecs: each row is a 32-bit number of floats and the floats, little-endian. */
#include "core/error.h"
#include "core/vectors_encode.h"
#include "ingest/matrix.h"

#include <string.h>

static qdrant_status decode_row(const qd_matrix *matrix, const unsigned char *bytes, float *row, qdrant_error *err) {
  uint32_t dim;
  memcpy(&dim, bytes, sizeof dim);
  if (dim != matrix->dim)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "has %u floats, the first row has %u; all rows must be alike", dim, matrix->dim);
  memcpy(row, bytes + sizeof dim, dim * sizeof *row);
  return QDRANT_OK;
}

qdrant_status qd_fvecs_open(qd_matrix *matrix, qdrant_error *err) {
  size_t n;
  const unsigned char *first;
  int64_t size = qd_input_size(matrix->input);
  uint32_t dim = 0;
  qdrant_status status = qd_input_peek(matrix->input, sizeof dim, &first, &n, err);
  if (status != QDRANT_OK)
    return status;
  if (n < sizeof dim)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "has %zu bytes; an .fvecs file begins with a dimension of 4", n);
  memcpy(&dim, first, sizeof dim);
  if (dim < 1 || dim > QD_MAX_DIM)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "row 1 says that it has %u floats; 1 to %u are possible: is it an .fvecs file?", dim, QD_MAX_DIM);
  matrix->dim = dim;
  matrix->row_bytes = sizeof dim + dim * sizeof(float);
  matrix->n_rows = size < 0 ? UINT64_MAX : (uint64_t)size / matrix->row_bytes;
  matrix->decode = decode_row;
  if (size >= 0 && (uint64_t)size % matrix->row_bytes != 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "truncated: %lld bytes are no whole number of rows of %zu bytes (%u floats)", (long long)size,
        matrix->row_bytes, dim);
  return QDRANT_OK;
}
