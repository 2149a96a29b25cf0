#include "core/json_number.h"

#include "core/alloc.h"
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

static int is_digit(const char *at, const char *end) {
  return at < end && *at >= '0' && *at <= '9';
}

/* A number as digits × 10^exponent. */
typedef struct decimal {
  uint64_t digits;
  int n_digits;
  int exponent;
  int is_negative;
  int is_integer;
} decimal;

/* With more than 19 digits they overflow: nobody looks at them then, but for integers, which the check held to 64 bits.
 */
static const char *scan_digits(const char *at, const char *end, decimal *number) {
  for (; is_digit(at, end); at++) {
    number->digits = number->digits * 10 + (uint64_t)(*at - '0');
    number->n_digits++;
  }
  return at;
}

static const char *scan_exponent(const char *at, const char *end, int *exponent) {
  int is_negative = *at == '-';
  at += *at == '-' || *at == '+';
  int value = 0;
  for (; is_digit(at, end); at++)
    value = value < 100000 ? value * 10 + (*at - '0') : value;
  *exponent += is_negative ? -value : value;
  return at;
}

static const char *scan(const char *at, const char *end, decimal *number) {
  *number = (decimal){.is_negative = *at == '-', .is_integer = 1};
  at = scan_digits(at + number->is_negative, end, number);
  if (at < end && *at == '.') {
    number->is_integer = 0;
    int n_whole = number->n_digits;
    at = scan_digits(at + 1, end, number);
    number->exponent = n_whole - number->n_digits;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    number->is_integer = 0;
    at = scan_exponent(at + 1, end, &number->exponent);
  }
  return at;
}

static void set_integer(const decimal *number, qd_json_node *node) {
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

/* Digits and power of ten are both exact in a double: so is their product or quotient but for one rounding. */
static int read_fast(const decimal *number, double *value) {
  static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (number->n_digits > 19 || number->digits > UINT64_C(1) << 53 || number->exponent < -22 || number->exponent > 22)
    return 0;
  double digits = (double)number->digits;
  double magnitude = number->exponent < 0 ? digits / powers[-number->exponent] : digits * powers[number->exponent];
  *value = number->is_negative ? -magnitude : magnitude;
  return 1;
}

qdrant_status qd_json_number_read(const char **at, const char *end, qd_json_node *node) {
  decimal number;
  const char *first = *at;
  *at = scan(first, end, &number);
  if (number.is_integer && !(number.is_negative && number.digits == 0)) {
    set_integer(&number, node);
    return QDRANT_OK;
  }
  node->kind = QD_JSON_DOUBLE;
  return read_fast(&number, &node->real) ? QDRANT_OK : read_slowly(first, (size_t)(*at - first), &node->real);
}
