/* NumPy's .npy, versions 1 to 3: a header that is the text of a Python dict, then the rows. */
#include "core/alloc.h"
#include "core/error.h"
#include "core/vectors_encode.h"
#include "ingest/matrix.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { max_header_bytes = 65536 };

/* The header's three entries. */
typedef struct header {
  char descr[16];
  int has_descr, has_order, has_shape;
  int has_fields; /* the dtype is a list: a structured one */
  int is_fortran_order;
  uint64_t shape[2];
  size_t n_shape; /* may be more than the two that are kept */
} header;

static float half_to_float(uint16_t half) {
  uint32_t sign = (uint32_t)(half >> 15) << 31, exponent = (half >> 10) & 31u, mantissa = half & 1023u, bits;
  float value;
  if (exponent == 0) {
    value = (float)mantissa / 16777216.0f;
    return sign ? -value : value;
  }
  bits = exponent == 31 ? sign | 0x7f800000u | mantissa << 13 : sign | (exponent + 112) << 23 | mantissa << 13;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static qdrant_status decode_f2(const qd_matrix *matrix, const unsigned char *bytes, float *row, qdrant_error *err) {
  (void)err;
  for (uint32_t d = 0; d < matrix->dim; d++) {
    uint16_t half;
    memcpy(&half, bytes + d * sizeof half, sizeof half);
    row[d] = half_to_float(half);
  }
  return QDRANT_OK;
}

static qdrant_status decode_f4(const qd_matrix *matrix, const unsigned char *bytes, float *row, qdrant_error *err) {
  (void)err;
  memcpy(row, bytes, matrix->row_bytes);
  return QDRANT_OK;
}

static qdrant_status decode_f8(const qd_matrix *matrix, const unsigned char *bytes, float *row, qdrant_error *err) {
  (void)err;
  for (uint32_t d = 0; d < matrix->dim; d++) {
    double value;
    memcpy(&value, bytes + d * sizeof value, sizeof value);
    row[d] = (float)value;
  }
  return QDRANT_OK;
}

static const struct dtype {
  const char *descr;
  size_t n_bytes;
  qdrant_status (*decode)(const qd_matrix *matrix, const unsigned char *bytes, float *row, qdrant_error *err);
} dtypes[] = {{"<f4", 4, decode_f4}, {"<f8", 8, decode_f8}, {"<f2", 2, decode_f2}};

static const char *skip_space(const char *at) {
  while (isspace((unsigned char)*at))
    at++;
  return at;
}

/* Reads 'text' or "text" into out; NULL when there is none or it does not fit. */
static const char *read_text(const char *at, char *out, size_t n_out) {
  char quote = *at;
  if (quote != '\'' && quote != '"')
    return NULL;
  const char *end = strchr(at + 1, quote);
  if (!end || (size_t)(end - at) > n_out)
    return NULL;
  memcpy(out, at + 1, (size_t)(end - at - 1));
  out[end - at - 1] = '\0';
  return end + 1;
}

static const char *read_shape(const char *at, header *head) {
  if (*at != '(')
    return NULL;
  at = skip_space(at + 1);
  while (isdigit((unsigned char)*at)) {
    char *end;
    uint64_t n = strtoull(at, &end, 10);
    if (head->n_shape < 2)
      head->shape[head->n_shape] = n;
    head->n_shape++;
    at = skip_space(end);
    if (*at == ',')
      at = skip_space(at + 1);
  }
  head->has_shape = 1;
  return *at == ')' ? at + 1 : NULL;
}

static const char *read_order(const char *at, header *head) {
  head->has_order = 1;
  head->is_fortran_order = strncmp(at, "True", 4) == 0;
  if (head->is_fortran_order)
    return at + 4;
  return strncmp(at, "False", 5) == 0 ? at + 5 : NULL;
}

/* Reads one value of the dict; NULL when it is not as it must be. */
static const char *read_value(const char *key, const char *at, header *head) {
  if (strcmp(key, "descr") == 0) {
    head->has_descr = 1;
    head->has_fields = *at == '[';
    return read_text(at, head->descr, sizeof head->descr);
  }
  if (strcmp(key, "fortran_order") == 0)
    return read_order(at, head);
  return strcmp(key, "shape") == 0 ? read_shape(at, head) : NULL;
}

static qdrant_status parse_header(const char *text, header *head, qdrant_error *err) {
  const char *at = skip_space(text);
  char key[16] = "";
  at = *at == '{' ? skip_space(at + 1) : NULL;
  while (at && *at != '}') {
    at = read_text(at, key, sizeof key);
    at = at ? skip_space(at) : NULL;
    at = at && *at == ':' ? read_value(key, skip_space(at + 1), head) : NULL;
    at = at ? skip_space(at) : NULL;
    if (at && *at == ',')
      at = skip_space(at + 1);
    else if (at && *at != '}')
      at = NULL;
  }
  if (head->has_fields)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "the dtype is of several fields; '<f4', '<f8' and '<f2' are understood (array.astype('<f4'))");
  if (!at || !head->has_descr || !head->has_order || !head->has_shape)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the .npy header cannot be read%s%s", key[0] ? " at " : "", key);
  return QDRANT_OK;
}

/* Reads magic, version and the length of the text that follows. */
static qdrant_status read_start(qd_input *input, size_t *length, qdrant_error *err) {
  const unsigned char *start;
  size_t n, n_start = 10;
  qdrant_status status = qd_input_peek(input, 12, &start, &n, err);
  if (status != QDRANT_OK)
    return status;
  if (n < 8 || memcmp(start, "\x93NUMPY", 6) != 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "is not a .npy file: it does not begin with \\x93NUMPY");
  if (start[6] < 1 || start[6] > 3)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, ".npy version %u.%u; 1 to 3 are understood", start[6], start[7]);
  if (start[6] > 1)
    n_start = 12;
  if (n < n_start)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "truncated: the .npy header is not whole");
  *length = (size_t)start[8] | (size_t)start[9] << 8;
  if (n_start == 12)
    *length |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
  qd_input_skip(input, n_start);
  if (*length > max_header_bytes)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "a .npy header of %zu bytes; at most %d are read", *length, max_header_bytes);
  return QDRANT_OK;
}

/* Reads what comes before the rows. text has room for max_header_bytes and NUL. */
static qdrant_status read_header(qd_input *input, char *text, qdrant_error *err) {
  const unsigned char *bytes;
  size_t n = 0, length = 0;
  qdrant_status status = read_start(input, &length, err);
  if (status == QDRANT_OK)
    status = qd_input_peek(input, length, &bytes, &n, err);
  if (status != QDRANT_OK)
    return status;
  if (n < length)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "truncated: the .npy header is not whole");
  memcpy(text, bytes, length);
  text[length] = '\0';
  qd_input_skip(input, length);
  return QDRANT_OK;
}

static qdrant_status use_header(qd_matrix *matrix, const header *head, qdrant_error *err) {
  const struct dtype *dtype = NULL;
  for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
    if (strcmp(dtypes[i].descr, head->descr) == 0)
      dtype = &dtypes[i];
  if (!dtype)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "dtype '%s'; '<f4', '<f8' and '<f2' are understood (array.astype('<f4'))", head->descr);
  if (head->is_fortran_order)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "its columns come first; rows must (numpy.ascontiguousarray(array))");
  if (head->n_shape != 2)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "an array of %zu dimensions; 2 are needed: rows and floats", head->n_shape);
  if (head->shape[1] < 1 || head->shape[1] > QD_MAX_DIM)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "rows of %llu floats; 1 to %u are possible",
        (unsigned long long)head->shape[1], QD_MAX_DIM);
  matrix->n_rows = head->shape[0];
  matrix->dim = (uint32_t)head->shape[1];
  matrix->row_bytes = dtype->n_bytes * matrix->dim;
  matrix->decode = dtype->decode;
  int64_t size = qd_input_size(matrix->input);
  uint64_t rest = size < 0 ? UINT64_MAX : (uint64_t)size - qd_input_offset(matrix->input);
  if (matrix->n_rows > rest / matrix->row_bytes || matrix->n_rows > UINT64_MAX / 2)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "truncated: its header promises %llu rows of %zu bytes, %llu follow",
        (unsigned long long)matrix->n_rows, matrix->row_bytes, (unsigned long long)rest);
  return QDRANT_OK;
}

qdrant_status qd_npy_open(qd_matrix *matrix, qdrant_error *err) {
  char *text = qd_alloc(max_header_bytes + 1);
  header head = {0};
  if (!text)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the .npy header");
  qdrant_status status = read_header(matrix->input, text, err);
  if (status == QDRANT_OK)
    status = parse_header(text, &head, err);
  if (status == QDRANT_OK)
    status = use_header(matrix, &head, err);
  qd_free(text);
  return status;
}
