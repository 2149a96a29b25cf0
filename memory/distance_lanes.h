#ifndef QD_DISTANCE_LANES_H
#define QD_DISTANCE_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bodies of the kernels, compiled once for each instruction set that includes them. Vector types of the compilers
 * rather than arrays, whose sums end up in memory. Four sums of eight lanes hide the latency of an addition. */
typedef float qd_lanes __attribute__((vector_size(32)));
typedef int32_t qd_lane_bits __attribute__((vector_size(32)));
/* Lanes as they lie in a row of floats. */
typedef float qd_row_lanes __attribute__((vector_size(32), aligned(4), may_alias));

enum { QD_LANES = 8, QD_SUMS = 4, QD_STEP = QD_LANES * QD_SUMS };

#define QD_LANES_AT(row, i) (*(const qd_row_lanes *)((row) + (i)))

static inline __attribute__((always_inline)) float qd_lanes_total(const qd_lanes sums[QD_SUMS]) {
  float lanes[QD_LANES];
  qd_lanes sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  memcpy(lanes, &sum, sizeof lanes);
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

static inline __attribute__((always_inline)) float qd_lanes_dot(const float *a, const float *b, size_t n) {
  qd_lanes sums[QD_SUMS] = {{0}};
  size_t i = 0;
  for (; i + QD_STEP <= n; i += QD_STEP)
    for (size_t j = 0; j < QD_SUMS; j++)
      sums[j] += QD_LANES_AT(a, i + j * QD_LANES) * QD_LANES_AT(b, i + j * QD_LANES);
  for (; i + QD_LANES <= n; i += QD_LANES)
    sums[0] += QD_LANES_AT(a, i) * QD_LANES_AT(b, i);
  float total = qd_lanes_total(sums);
  for (; i < n; i++)
    total += a[i] * b[i];
  return total;
}

static inline __attribute__((always_inline)) float qd_lanes_squared_euclid(const float *a, const float *b, size_t n) {
  qd_lanes sums[QD_SUMS] = {{0}};
  size_t i = 0;
  for (; i + QD_STEP <= n; i += QD_STEP)
    for (size_t j = 0; j < QD_SUMS; j++) {
      qd_lanes difference = QD_LANES_AT(a, i + j * QD_LANES) - QD_LANES_AT(b, i + j * QD_LANES);
      sums[j] += difference * difference;
    }
  for (; i + QD_LANES <= n; i += QD_LANES) {
    qd_lanes difference = QD_LANES_AT(a, i) - QD_LANES_AT(b, i);
    sums[0] += difference * difference;
  }
  float total = qd_lanes_total(sums);
  for (; i < n; i++)
    total += (a[i] - b[i]) * (a[i] - b[i]);
  return total;
}

/* The magnitude of a float is its bits without the sign. */
static inline __attribute__((always_inline)) float qd_lanes_manhattan(const float *a, const float *b, size_t n) {
  qd_lanes sums[QD_SUMS] = {{0}};
  size_t i = 0;
  for (; i + QD_STEP <= n; i += QD_STEP)
    for (size_t j = 0; j < QD_SUMS; j++) {
      qd_lanes difference = QD_LANES_AT(a, i + j * QD_LANES) - QD_LANES_AT(b, i + j * QD_LANES);
      sums[j] += (qd_lanes)((qd_lane_bits)difference & INT32_MAX);
    }
  for (; i + QD_LANES <= n; i += QD_LANES) {
    qd_lanes difference = QD_LANES_AT(a, i) - QD_LANES_AT(b, i);
    sums[0] += (qd_lanes)((qd_lane_bits)difference & INT32_MAX);
  }
  float total = qd_lanes_total(sums);
  for (; i < n; i++)
    total += fabsf(a[i] - b[i]);
  return total;
}

#endif
