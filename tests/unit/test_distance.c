#include "memory/distance.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MAX_DIM = 300 };

static void fill(float *values, size_t n) {
  for (size_t i = 0; i < n; i++)
    values[i] = (float)(random() % 20001 - 10000) / 1000.0F;
}

/* Both sets of kernels against sums in double precision, at every length around the number of lanes and from unaligned
 * memory. */
static void check_kernels(const qd_distance_kernels *kernels) {
  float a[MAX_DIM + 1];
  float b[MAX_DIM + 1];
  srandom(1);
  for (size_t n = 0; n <= MAX_DIM; n++) {
    size_t shift = n % 2;
    double dot = 0;
    double euclid = 0;
    double manhattan = 0;
    fill(a, n + shift);
    fill(b, n + shift);
    for (size_t i = shift; i < n + shift; i++) {
      double difference = (double)a[i] - (double)b[i];
      dot += (double)a[i] * (double)b[i];
      euclid += difference * difference;
      manhattan += fabs(difference);
    }
    assert_float_equal(kernels->dot(a + shift, b + shift, n), (float)dot, 0.05F);
    assert_float_equal(kernels->squared_euclid(a + shift, b + shift, n), (float)euclid, 0.05F);
    assert_float_equal(kernels->manhattan(a + shift, b + shift, n), (float)manhattan, 0.05F);
  }
}

static void test_kernels_portable_equal_the_definition(void **state) {
  (void)state;
  check_kernels(&qd_distance_portable);
}

static void test_kernels_best_equal_the_definition(void **state) {
  (void)state;
  check_kernels(qd_distance_best());
}

static void test_normalise_vector_gets_length_one_and_stays(void **state) {
  (void)state;
  float values[MAX_DIM];
  float again[MAX_DIM];
  srandom(2);
  fill(values, MAX_DIM);
  qd_normalise(values, MAX_DIM);
  assert_float_equal(qd_distance_portable.dot(values, values, MAX_DIM), 1.0F, 1e-5F);
  for (size_t i = 0; i < MAX_DIM; i++)
    again[i] = values[i];
  qd_normalise(again, MAX_DIM);
  assert_memory_equal(again, values, sizeof values);
}

static void test_normalise_zero_stays_zero(void **state) {
  (void)state;
  float values[3] = {0, 0, 0};
  const float zero[3] = {0, 0, 0};
  qd_normalise(values, 3);
  assert_memory_equal(values, zero, sizeof zero);
}

static void test_sparse_dot_counts_common_indices(void **state) {
  (void)state;
  const uint32_t a_indices[] = {1, 4, 9, UINT32_MAX};
  const float a_values[] = {1, 2, 3, 4};
  const uint32_t b_indices[] = {0, 4, 8, 9, UINT32_MAX};
  const float b_values[] = {5, 6, 7, -8, 0.5F};
  size_t n_common;
  assert_float_equal(qd_sparse_dot(a_indices, a_values, 4, b_indices, b_values, 5, &n_common), -10, 0);
  assert_int_equal(n_common, 3);
  assert_float_equal(qd_sparse_dot(a_indices, a_values, 1, b_indices, b_values, 5, &n_common), 0, 0);
  assert_int_equal(n_common, 0);
  assert_float_equal(qd_sparse_dot(NULL, NULL, 0, b_indices, b_values, 5, &n_common), 0, 0);
  assert_int_equal(n_common, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_kernels_portable_equal_the_definition),
      cmocka_unit_test(test_kernels_best_equal_the_definition),
      cmocka_unit_test(test_normalise_vector_gets_length_one_and_stays),
      cmocka_unit_test(test_normalise_zero_stays_zero),
      cmocka_unit_test(test_sparse_dot_counts_common_indices),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
