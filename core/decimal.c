#include "core/decimal.h"

#include <float.h>
#include <string.h>

static int is_digit(const char *at, const char *end) {
  return at < end && *at >= '0' && *at <= '9';
}

static const char *read_digits(const char *at, const char *end, qd_decimal *number) {
  for (; is_digit(at, end); at++) {
    number->digits = number->digits * 10 + (uint64_t)(*at - '0');
    number->n_digits++;
  }
  return at;
}

static const char *read_exponent(const char *at, const char *end, int *exponent) {
  int is_negative = *at == '-';
  at += *at == '-' || *at == '+';
  int value = 0;
  for (; is_digit(at, end); at++)
    value = value < 100000 ? value * 10 + (*at - '0') : value;
  *exponent += is_negative ? -value : value;
  return at;
}

const char *qd_decimal_read(const char *at, const char *end, qd_decimal *number) {
  *number = (qd_decimal){.is_negative = *at == '-', .is_integer = 1};
  at = read_digits(at + number->is_negative, end, number);
  if (at < end && *at == '.') {
    number->is_integer = 0;
    int n_whole = number->n_digits;
    at = read_digits(at + 1, end, number);
    number->exponent = n_whole - number->n_digits;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    number->is_integer = 0;
    at = read_exponent(at + 1, end, &number->exponent);
  }
  return at;
}

/* Digits and power of ten are both exact in a double: so is their product or quotient but for one rounding. */
int qd_decimal_double(const qd_decimal *number, double *value) {
  static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (number->n_digits > 19 || number->digits > UINT64_C(1) << 53 || number->exponent < -22 || number->exponent > 22)
    return 0;
  double digits = (double)number->digits;
  double magnitude = number->exponent < 0 ? digits / powers[-number->exponent] : digits * powers[number->exponent];
  *value = number->is_negative ? -magnitude : magnitude;
  return 1;
}

/* A double that lies in the middle of two floats may have been rounded to there: which is nearer cannot be seen any
 * more. Floats below FLT_MIN have their middles elsewhere. */
int qd_decimal_float(const qd_decimal *number, float *value) {
  static const uint64_t below_float = (UINT64_C(1) << 29) - 1, middle = UINT64_C(1) << 28;
  double wide;
  uint64_t bits;
  if (!qd_decimal_double(number, &wide))
    return 0;
  double magnitude = wide < 0 ? -wide : wide;
  memcpy(&bits, &wide, sizeof bits);
  if ((bits & below_float) == middle || magnitude > (double)FLT_MAX || (magnitude < (double)FLT_MIN && magnitude > 0))
    return 0;
  *value = (float)wide;
  return 1;
}
