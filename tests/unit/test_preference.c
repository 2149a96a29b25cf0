#include "fallback_rest/preference.h"

#include "core/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { HANG_MS = 20000, STEP_US = 1000 };

static void tell_ready(void *self, qdrant_stats *stats) {
  stats->n_ready = *(const uint32_t *)self;
}

static const qd_transport_ops ops = {.name = "told", .stats = tell_ready};

static int await_first(qd_preference *preference) {
  int64_t deadline_ns = qd_deadline_in_ms(HANG_MS);
  while (!qd_preference_is_first_due(preference) && !qd_deadline_has_passed(deadline_ns))
    usleep(STEP_US);
  return !qd_deadline_has_passed(deadline_ns);
}

static void test_preference_is_the_first_until_it_is_away(void **state) {
  (void)state;
  uint32_t n_ready = 0;
  qd_transport first = {.ops = &ops, .self = &n_ready};
  qd_preference preference = {.first = &first};
  assert_true(qd_preference_is_first_due(&preference));
  qd_preference_go_away(&preference);
  assert_true(qd_preference_is_away(&preference));
  assert_false(qd_preference_is_first_due(&preference));
  qd_preference_come_back(&preference);
  assert_true(qd_preference_is_first_due(&preference));
}

static void test_preference_is_the_first_again_once_it_is_connected(void **state) {
  (void)state;
  uint32_t n_ready = 0;
  qd_transport first = {.ops = &ops, .self = &n_ready};
  qd_preference preference = {.first = &first};
  qd_preference_go_away(&preference);
  n_ready = 1;
  assert_true(await_first(&preference));
  assert_false(qd_preference_is_away(&preference));
}

/* Connected to a proxy, say: one call tries, the others stay away until it has ended well. */
static void test_preference_of_a_wrong_connection_is_tried_ever_more_rarely(void **state) {
  (void)state;
  uint32_t n_ready = 1;
  qd_transport first = {.ops = &ops, .self = &n_ready};
  qd_preference preference = {.first = &first};
  qd_preference_go_away(&preference);
  assert_true(qd_preference_is_away(&preference));
  int64_t first_pause_ns = preference.trial_ns;
  assert_true(await_first(&preference));
  assert_true(qd_preference_is_away(&preference));
  assert_true(preference.trial_ns > first_pause_ns);
  qd_preference_go_away(&preference);
  assert_true(preference.trial_ns > first_pause_ns);
  assert_true(await_first(&preference));
  qd_preference_come_back(&preference);
  assert_true(qd_preference_is_first_due(&preference));
  qd_preference_go_away(&preference);
  assert_int_equal(preference.trial_ns, first_pause_ns);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_preference_is_the_first_until_it_is_away),
      cmocka_unit_test(test_preference_is_the_first_again_once_it_is_connected),
      cmocka_unit_test(test_preference_of_a_wrong_connection_is_tried_ever_more_rarely),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
