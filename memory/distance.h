#ifndef QD_DISTANCE_H
#define QD_DISTANCE_H

#include <stddef.h>
#include <stdint.h>

/* Kernels over n floats. Sums run in lanes, in the same order on every machine but for fused multiplications. */
typedef struct qd_distance_kernels {
  float (*dot)(const float *a, const float *b, size_t n);
  float (*squared_euclid)(const float *a, const float *b, size_t n);
  float (*manhattan)(const float *a, const float *b, size_t n);
} qd_distance_kernels;

/* The fastest kernels of the processor the program runs on. */
const qd_distance_kernels *qd_distance_best(void);

/* The kernels any processor of the architecture has. */
extern const qd_distance_kernels qd_distance_portable;

/* Divides by the length, except when that is 0 or 1 already (as near as the server looks): twice normalised is once
 * normalised. */
void qd_normalise(float *values, size_t n);

/* Dot product of sparse vectors with ascending indices; *n_common says how many indices both have. */
float qd_sparse_dot(const uint32_t *a_indices, const float *a_values, size_t n_a, const uint32_t *b_indices,
    const float *b_values, size_t n_b, size_t *n_common);

#endif
