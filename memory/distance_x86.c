#include "memory/distance.h"

#include "memory/distance_lanes.h"

/* Plain functions with a target of their own rather than target_clones: those need resolvers that run before a
 * sanitizer's runtime is up. */

__attribute__((target("avx2,fma"))) static float dot_avx2(const float *a, const float *b, size_t n) {
  return qd_lanes_dot(a, b, n);
}

__attribute__((target("avx2,fma"))) static float squared_euclid_avx2(const float *a, const float *b, size_t n) {
  return qd_lanes_squared_euclid(a, b, n);
}

__attribute__((target("avx2,fma"))) static float manhattan_avx2(const float *a, const float *b, size_t n) {
  return qd_lanes_manhattan(a, b, n);
}

static const qd_distance_kernels avx2_kernels = {dot_avx2, squared_euclid_avx2, manhattan_avx2};

const qd_distance_kernels *qd_distance_best(void) {
  int has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return has_avx2 ? &avx2_kernels : &qd_distance_portable;
}
