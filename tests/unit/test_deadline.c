#include "core/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_qd_now_ns_never_goes_back(void **state) {
  (void)state;
  int64_t before_ns = qd_now_ns();
  assert_true(before_ns > 0);
  for (int i = 0; i < 1000; i++) {
    int64_t now_ns = qd_now_ns();
    assert_true(now_ns >= before_ns);
    before_ns = now_ns;
  }
}

static void test_qd_deadline_in_ms_lies_as_far_ahead(void **state) {
  (void)state;
  int64_t before_ns = qd_now_ns();
  int64_t deadline_ns = qd_deadline_in_ms(QD_MAX_TIMEOUT_MS);
  int64_t after_ns = qd_now_ns();
  assert_true(deadline_ns >= before_ns + QD_MAX_TIMEOUT_MS * QD_NS_PER_MS);
  assert_true(deadline_ns <= after_ns + QD_MAX_TIMEOUT_MS * QD_NS_PER_MS);
  assert_false(qd_deadline_has_passed(deadline_ns));
  int64_t left_ns = qd_deadline_left_ns(deadline_ns);
  assert_true(left_ns > 0 && left_ns <= deadline_ns - before_ns);
}

static void test_qd_deadline_in_no_time_has_passed(void **state) {
  (void)state;
  assert_true(qd_deadline_has_passed(qd_deadline_in_ms(0)));
  assert_true(qd_deadline_has_passed(qd_deadline_in_ms(-1)));
  assert_true(qd_deadline_has_passed(qd_deadline_in_ms(INT64_MIN)));
}

static void test_qd_deadline_too_far_saturates(void **state) {
  (void)state;
  assert_true(qd_deadline_in_ms(INT64_MAX) == INT64_MAX);
  assert_true(qd_deadline_in_ms(INT64_MAX / QD_NS_PER_MS) == INT64_MAX);
  assert_false(qd_deadline_has_passed(INT64_MAX));
  assert_true(qd_deadline_left_ns(INT64_MAX) > 0);
}

static void test_qd_deadline_left_ns_of_the_past_is_0(void **state) {
  (void)state;
  assert_int_equal(qd_deadline_left_ns(0), 0);
  assert_int_equal(qd_deadline_left_ns(INT64_MIN), 0);
  assert_true(qd_deadline_has_passed(INT64_MIN));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_now_ns_never_goes_back),
      cmocka_unit_test(test_qd_deadline_in_ms_lies_as_far_ahead),
      cmocka_unit_test(test_qd_deadline_in_no_time_has_passed),
      cmocka_unit_test(test_qd_deadline_too_far_saturates),
      cmocka_unit_test(test_qd_deadline_left_ns_of_the_past_is_0),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
