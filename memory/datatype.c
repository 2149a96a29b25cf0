#include "memory/datatype.h"

#include <math.h>

/* Nearest half-precision number, ties to even; infinite from 65520 on. */
static float round_to_half(float value) {
  float magnitude = fabsf(value);
  if (!(magnitude < 65520.0F))
    return isnan(value) ? value : copysignf(INFINITY, value);
  /* A half has 11 significant bits, and none smaller than 2^-24. */
  int exponent;
  frexpf(magnitude, &exponent);
  int unit = exponent - 11 > -24 ? exponent - 11 : -24;
  return copysignf(ldexpf(rintf(ldexpf(magnitude, -unit)), unit), value);
}

/* Cut towards zero and clamped, NaN giving 0, as the server's language converts. */
static float round_to_byte(float value) {
  if (!(value > 0.0F))
    return 0.0F;
  return value >= 255.0F ? 255.0F : truncf(value);
}

void qd_datatype_round(Qdrant__Datatype datatype, float *values, size_t n) {
  if (datatype != QDRANT__DATATYPE__Float16 && datatype != QDRANT__DATATYPE__Uint8)
    return;
  for (size_t i = 0; i < n; i++)
    values[i] = datatype == QDRANT__DATATYPE__Float16 ? round_to_half(values[i]) : round_to_byte(values[i]);
}
