#include "memory/distance.h"

#include "memory/distance_lanes.h"

#include <float.h>

static float dot(const float *a, const float *b, size_t n) {
  return qd_lanes_dot(a, b, n);
}

static float squared_euclid(const float *a, const float *b, size_t n) {
  return qd_lanes_squared_euclid(a, b, n);
}

static float manhattan(const float *a, const float *b, size_t n) {
  return qd_lanes_manhattan(a, b, n);
}

const qd_distance_kernels qd_distance_portable = {dot, squared_euclid, manhattan};

void qd_normalise(float *values, size_t n) {
  float squared_length = qd_distance_best()->dot(values, values, n);
  if (squared_length < FLT_EPSILON || fabsf(squared_length - 1.0F) <= 1e-6F)
    return;
  float length = sqrtf(squared_length);
  for (size_t i = 0; i < n; i++)
    values[i] /= length;
}

float qd_sparse_dot(const uint32_t *a_indices, const float *a_values, size_t n_a, const uint32_t *b_indices,
    const float *b_values, size_t n_b, size_t *n_common) {
  float sum = 0;
  size_t n = 0;
  size_t a = 0;
  size_t b = 0;
  while (a < n_a && b < n_b) {
    uint32_t a_index = a_indices[a];
    uint32_t b_index = b_indices[b];
    if (a_index == b_index) {
      sum += a_values[a] * b_values[b];
      n++;
    }
    a += a_index <= b_index;
    b += b_index <= a_index;
  }
  *n_common = n;
  return sum;
}
