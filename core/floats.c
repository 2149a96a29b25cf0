#include "core/floats.h"

#include <math.h>
#include <string.h>

/* Vectors spelled out, since gcc -O2 leaves a loop with an early end or an unknown count as it is. 16 bytes are in
 * every x86-64 and ARM64; wider ones gain nothing that could be measured against memory. */
#define LANES 4
#define UNROLL 4
#define BLOCK (LANES * UNROLL)

typedef uint32_t lanes __attribute__((vector_size(LANES * sizeof(uint32_t))));

/* Without its sign, plus one in the exponent: the top bit is set just when the exponent was all ones, that is infinity
 * or NaN. */
#define WITHOUT_SIGN UINT32_C(0x7fffffff)
#define EXPONENT_ONE UINT32_C(0x00800000)
#define TOP_BIT UINT32_C(0x80000000)

static lanes copy_lanes(uint8_t *out, const float *values) {
  lanes bits;
  memcpy(&bits, values, sizeof bits);
  memcpy(out, &bits, sizeof bits);
  return (bits & WITHOUT_SIGN) + EXPONENT_ONE;
}

static int has_top_bit(lanes bits) {
  return ((bits[0] | bits[1] | bits[2] | bits[3]) & TOP_BIT) != 0;
}

int qd_floats_copy(uint8_t *out, const float *values, size_t n) {
  lanes even = {0};
  lanes odd = {0};
  size_t i = 0;
  for (; n - i >= BLOCK; i += BLOCK) {
    uint8_t *block = out + i * sizeof(float);
    even |= copy_lanes(block, values + i);
    odd |= copy_lanes(block + LANES * sizeof(float), values + i + LANES);
    even |= copy_lanes(block + 2 * LANES * sizeof(float), values + i + 2 * LANES);
    odd |= copy_lanes(block + 3 * LANES * sizeof(float), values + i + 3 * LANES);
  }
  for (; n - i >= LANES; i += LANES)
    even |= copy_lanes(out + i * sizeof(float), values + i);
  int is_finite = !has_top_bit(even | odd);
  if (i < n) {
    memcpy(out + i * sizeof(float), values + i, (n - i) * sizeof(float));
    is_finite = is_finite && qd_floats_find_bad(values + i, n - i) == n - i;
  }
  return is_finite;
}

size_t qd_floats_find_bad(const float *values, size_t n) {
  size_t i = 0;
  while (i < n && isfinite(values[i]))
    i++;
  return i;
}
