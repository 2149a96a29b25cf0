#include "core/floats.h"

#include "tests/support/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MAX_FLOATS 70

/* Every length around the blocks, every position, at every alignment of the output. */
static void test_qd_floats_copy_finds_a_bad_float_wherever_it_is(void **state) {
  (void)state;
  random_source random = random_begin(__func__);
  const float bad[] = {NAN, -NAN, INFINITY, -INFINITY};
  float values[MAX_FLOATS];
  uint8_t out[MAX_FLOATS * sizeof(float) + 4];
  for (size_t n = 0; n <= MAX_FLOATS; n++) {
    for (size_t i = 0; i < n; i++)
      values[i] = random_float(&random);
    uint8_t *to = out + n % 4;
    memset(out, 0x5a, sizeof out);
    assert_true(qd_floats_copy(to, values, n));
    assert_memory_equal(to, values, n * sizeof(float));
    assert_true(n % 4 == 0 || out[n % 4 - 1] == 0x5a);
    assert_int_equal(qd_floats_find_bad(values, n), n);
    for (size_t at = 0; at < n; at++) {
      float good = values[at];
      values[at] = bad[at % 4];
      assert_false(qd_floats_copy(to, values, n));
      assert_int_equal(qd_floats_find_bad(values, n), at);
      values[at] = good;
    }
  }
}

static void test_qd_floats_copy_takes_the_edges_of_what_is_finite(void **state) {
  (void)state;
  const float values[] = {3.4028235e38F, -3.4028235e38F, 1e-45F, -0.0F, 0, 1.17549435e-38F, -1e-45F, 1};
  uint8_t out[sizeof values];
  assert_true(qd_floats_copy(out, values, 8));
  assert_memory_equal(out, values, sizeof values);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_floats_copy_finds_a_bad_float_wherever_it_is),
      cmocka_unit_test(test_qd_floats_copy_takes_the_edges_of_what_is_finite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
