#include "core/json_number.h"

#include "core/alloc.h"
#include "core/decimal.h"
#include "core/plain_number.h"

#include <math.h>
#include <string.h>

/* Any number, exactly rounded. */
static qdrant_status read_slowly(const char *first, size_t n_bytes, double *value) {
  char few[64];
  char *text = n_bytes < sizeof few ? few : qd_alloc(n_bytes + 1);
  if (text == NULL)
    return QDRANT_NO_MEMORY;
  memcpy(text, first, n_bytes);
  text[n_bytes] = '\0';
  int is_read = qd_plain_double(text, value);
  if (text != few)
    qd_free(text);
  if (!is_read)
    return QDRANT_NO_MEMORY;
  return isfinite(*value) ? QDRANT_OK : QDRANT_INVALID_ARGUMENT;
}

static void set_integer(const qd_decimal *number, qd_json_node *node) {
  if (number->is_negative) {
    node->kind = QD_JSON_INT;
    node->integer = (int64_t)(0 - number->digits);
  } else if (number->digits > INT64_MAX) {
    node->kind = QD_JSON_UINT;
    node->unsigned_integer = number->digits;
  } else {
    node->kind = QD_JSON_INT;
    node->integer = (int64_t)number->digits;
  }
}

qdrant_status qd_json_number_read(const char **at, const char *end, qd_json_node *node) {
  qd_decimal number;
  const char *first = *at;
  *at = qd_decimal_read(first, end, &number);
  if (number.is_integer && !(number.is_negative && number.digits == 0)) {
    set_integer(&number, node);
    return QDRANT_OK;
  }
  node->kind = QD_JSON_DOUBLE;
  return qd_decimal_double(&number, &node->real) ? QDRANT_OK : read_slowly(first, (size_t)(*at - first), &node->real);
}
