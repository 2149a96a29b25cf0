#include "client/upload_pace.h"
#include "client/upload_window.h"
#include "core/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS QD_NS_PER_MS

/* A call of so many bytes that took latency_ms and ended at *now. */
static void pass(qd_window *window, int64_t *now, int64_t latency_ms, size_t n_bytes, int is_slow) {
  *now += latency_ms * MS;
  qd_window_end end = {.started_ns = *now - latency_ms * MS, .ended_ns = *now, .n_bytes = n_bytes, .is_slow = is_slow};
  qd_window_take(window, &end);
}

static void pass_many(qd_window *window, int64_t *now, int64_t latency_ms, int n) {
  for (int i = 0; i < n; i++)
    pass(window, now, latency_ms, 1000, 0);
}

static void test_window_good_calls_one_more_a_window(void **state) {
  (void)state;
  qd_window window;
  int64_t now = QD_NS_PER_S;
  qd_window_init(&window, 4, 6, 1);
  pass_many(&window, &now, 20, 3);
  assert_int_equal(window.limit, 4);
  pass_many(&window, &now, 20, 1);
  assert_int_equal(window.limit, 5);
  pass_many(&window, &now, 20, 5);
  assert_int_equal(window.limit, 6);
  pass_many(&window, &now, 20, 50);
  assert_int_equal(window.limit, 6);
}

static void test_window_slow_call_halves_once_a_round_trip(void **state) {
  (void)state;
  qd_window window;
  int64_t now = QD_NS_PER_S;
  qd_window_init(&window, 16, 32, 1);
  pass(&window, &now, 20, 1000, 1);
  assert_int_equal(window.limit, 8);
  qd_window_end same_time = {.started_ns = now - 5 * MS, .ended_ns = now + 5 * MS, .n_bytes = 1000, .is_slow = 1};
  qd_window_take(&window, &same_time); /* it was on its way when the limit was halved */
  assert_int_equal(window.limit, 8);
  now += 10 * MS;
  for (int i = 0; i < 10; i++)
    pass(&window, &now, 20, 1000, 1);
  assert_int_equal(window.limit, 1);
}

static void test_window_long_latency_halves(void **state) {
  (void)state;
  qd_window window;
  int64_t now = QD_NS_PER_S;
  qd_window_init(&window, 16, 32, 1);
  pass_many(&window, &now, 20, 4);
  pass(&window, &now, 40, 1000, 0); /* twice the least is not more than twice */
  assert_int_equal(window.limit, 16);
  pass(&window, &now, 41, 1000, 0);
  assert_int_equal(window.limit, 8);
}

static void test_window_noise_of_a_fast_server_passed_over(void **state) {
  (void)state;
  qd_window window;
  int64_t now = QD_NS_PER_S;
  qd_window_init(&window, 16, 32, 1);
  pass_many(&window, &now, 1, 4);
  pass(&window, &now, 11, 1000, 0);
  assert_int_equal(window.limit, 16);
  pass(&window, &now, 12, 1000, 0);
  assert_int_equal(window.limit, 8);
}

static void test_window_small_batches_set_no_measure(void **state) {
  (void)state;
  qd_window window;
  int64_t now = QD_NS_PER_S;
  qd_window_init(&window, 16, 32, 1);
  pass(&window, &now, 50, 1000, 0);
  pass(&window, &now, 1, 10, 0); /* the small rest of a file is quick */
  pass(&window, &now, 60, 1000, 0);
  assert_int_equal(window.limit, 16);
  pass(&window, &now, 500, 100000, 0); /* and what is much larger begins anew */
  assert_int_equal(window.limit, 16);
}

static void test_window_lucky_call_forgotten_after_two_minutes(void **state) {
  (void)state;
  qd_window window;
  int64_t now = QD_NS_PER_S;
  qd_window_init(&window, 16, 32, 1);
  pass(&window, &now, 1, 1000, 0);
  now += 61 * QD_NS_PER_S;
  pass(&window, &now, 10, 1000, 0);
  now += 61 * QD_NS_PER_S;
  pass(&window, &now, 15, 1000, 0); /* measured with 10, no longer with 1 */
  assert_int_equal(window.limit, 16);
}

static void test_window_that_does_not_adapt_stays(void **state) {
  (void)state;
  qd_window window;
  int64_t now = QD_NS_PER_S;
  qd_window_init(&window, 2, 32, 0);
  assert_int_equal(window.limit, 32);
  pass(&window, &now, 20, 1000, 1);
  assert_int_equal(window.limit, 32);
}

static void test_rate_cap_take_batches_due_in_turn(void **state) {
  (void)state;
  qd_rate_cap cap = {.max_points_per_s = 1000};
  qd_rate_cap_take(&cap, 5 * QD_NS_PER_S, 500);
  assert_int_equal(cap.due_ns, 5 * QD_NS_PER_S + QD_NS_PER_S / 2);
  qd_rate_cap_take(&cap, cap.due_ns, 1000);
  assert_int_equal(cap.due_ns, 6 * QD_NS_PER_S + QD_NS_PER_S / 2);
  qd_rate_cap_take(&cap, 60 * QD_NS_PER_S, 1000); /* what was not used is not saved up */
  assert_int_equal(cap.due_ns, 61 * QD_NS_PER_S);
  qd_rate_cap none = {0};
  qd_rate_cap_take(&none, 5 * QD_NS_PER_S, 500);
  assert_int_equal(none.due_ns, 0);
}

static void test_pace_rate_of_the_last_ten_seconds(void **state) {
  (void)state;
  qd_pace pace;
  int64_t start = QD_NS_PER_S;
  qd_pace_init(&pace, start);
  for (uint64_t second = 1; second <= 100; second++)
    qd_pace_note(
        &pace, start + (int64_t)second * QD_NS_PER_S, second <= 50 ? second * 10 : 500 + (second - 50) * 40, 0);
  qd_rate rate = qd_pace_rate(&pace, start + 100 * QD_NS_PER_S, 2500, 0);
  assert_true(rate.points_per_s > 39.9 && rate.points_per_s < 40.1);
  assert_int_equal(qd_pace_left_ms(rate, 400), 10000);
  rate = qd_pace_rate(&pace, start + 400 * QD_NS_PER_S, 2500, 0);
  assert_true(rate.points_per_s < 0.1); /* it stands still */
  assert_int_equal(qd_pace_left_ms((qd_rate){0, 0}, 1), -1);
  assert_int_equal(qd_pace_left_ms((qd_rate){0, 0}, 0), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_window_good_calls_one_more_a_window),
      cmocka_unit_test(test_window_slow_call_halves_once_a_round_trip),
      cmocka_unit_test(test_window_long_latency_halves),
      cmocka_unit_test(test_window_noise_of_a_fast_server_passed_over),
      cmocka_unit_test(test_window_small_batches_set_no_measure),
      cmocka_unit_test(test_window_lucky_call_forgotten_after_two_minutes),
      cmocka_unit_test(test_window_that_does_not_adapt_stays),
      cmocka_unit_test(test_rate_cap_take_batches_due_in_turn),
      cmocka_unit_test(test_pace_rate_of_the_last_ten_seconds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
