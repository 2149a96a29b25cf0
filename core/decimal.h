#ifndef QD_DECIMAL_H
#define QD_DECIMAL_H

#include <stdint.h>

/* A number as digits × 10^exponent. With more than 19 digits they overflow. */
typedef struct qd_decimal {
  uint64_t digits;
  int n_digits;
  int exponent;
  int is_negative;
  int is_integer; /* it has neither a point nor an exponent */
} qd_decimal;

/* Reads the number that begins at `at`, which is one by JSON's rules; returns where it ends, at the latest at end. */
const char *qd_decimal_read(const char *at, const char *end, qd_decimal *number);

/* 1, or 0 when the nearest double or float cannot be told by one rounding. The locale does not matter. */
int qd_decimal_double(const qd_decimal *number, double *value);
int qd_decimal_float(const qd_decimal *number, float *value);

#endif
