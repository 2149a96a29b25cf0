#ifndef QD_DISTANCE_LANES_H
#define QD_DISTANCE_LANES_H

#include <math.h>
#include <stddef.h>

/* Bodies of the kernels, compiled once for each instruction set that includes them. 32 lanes keep four vector registers
 * of eight floats busy. */
enum { QD_LANES = 32 };

static inline __attribute__((always_inline)) float qd_lanes_sum(float lanes[QD_LANES]) {
  for (size_t width = QD_LANES / 2; width > 0; width /= 2)
    for (size_t i = 0; i < width; i++)
      lanes[i] += lanes[i + width];
  return lanes[0];
}

static inline __attribute__((always_inline)) float qd_lanes_dot(const float *a, const float *b, size_t n) {
  float lanes[QD_LANES] = {0};
  size_t i = 0;
  for (; i + QD_LANES <= n; i += QD_LANES)
    for (size_t lane = 0; lane < QD_LANES; lane++)
      lanes[lane] += a[i + lane] * b[i + lane];
  float sum = qd_lanes_sum(lanes);
  for (; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

static inline __attribute__((always_inline)) float qd_lanes_squared_euclid(const float *a, const float *b, size_t n) {
  float lanes[QD_LANES] = {0};
  size_t i = 0;
  for (; i + QD_LANES <= n; i += QD_LANES)
    for (size_t lane = 0; lane < QD_LANES; lane++) {
      float difference = a[i + lane] - b[i + lane];
      lanes[lane] += difference * difference;
    }
  float sum = qd_lanes_sum(lanes);
  for (; i < n; i++)
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

static inline __attribute__((always_inline)) float qd_lanes_manhattan(const float *a, const float *b, size_t n) {
  float lanes[QD_LANES] = {0};
  size_t i = 0;
  for (; i + QD_LANES <= n; i += QD_LANES)
    for (size_t lane = 0; lane < QD_LANES; lane++)
      lanes[lane] += fabsf(a[i + lane] - b[i + lane]);
  float sum = qd_lanes_sum(lanes);
  for (; i < n; i++)
    sum += fabsf(a[i] - b[i]);
  return sum;
}

#endif
