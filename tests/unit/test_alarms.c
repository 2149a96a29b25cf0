#include "client/gate.h"
#include "core/alarms.h"
#include "core/deadline.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_ALARMS = 50 };

/* Alarms in the order in which they rang. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static qd_alarm alarms[N_ALARMS];
static size_t rang[N_ALARMS];
static size_t n_rang;

static void note(qd_alarm *alarm) {
  pthread_mutex_lock(&lock);
  rang[n_rang++] = (size_t)(alarm - alarms);
  pthread_mutex_unlock(&lock);
}

static int open_alarms(void **state) {
  static qd_alarms clock;
  n_rang = 0;
  qd_alarms_init(&clock, note);
  *state = &clock;
  return 0;
}

static int close_alarms(void **state) {
  qd_alarms_stop(*state);
  qd_alarms_destroy(*state);
  return 0;
}

static void test_alarms_stop_rings_all_the_next_due_first(void **state) {
  int64_t later_ns = qd_now_ns() + 3600 * QD_NS_PER_S;
  for (size_t i = 0; i < N_ALARMS; i++) /* 17 and 50 have no common factor: all orders once */
    assert_true(qd_alarms_set(*state, &alarms[i], later_ns + (int64_t)(i * 17 % N_ALARMS)));
  qd_alarms_stop(*state);
  assert_int_equal(n_rang, N_ALARMS);
  for (size_t i = 0; i < N_ALARMS; i++)
    assert_int_equal(rang[i] * 17 % N_ALARMS, i);
  assert_false(qd_alarms_set(*state, &alarms[0], 0));
}

static void test_alarms_hasten_rings_before_those_due_earlier(void **state) {
  int64_t later_ns = qd_now_ns() + 3600 * QD_NS_PER_S;
  for (size_t i = 0; i < 10; i++)
    assert_true(qd_alarms_set(*state, &alarms[i], later_ns + (int64_t)i));
  qd_alarms_hasten(*state, &alarms[7]);
  qd_alarms_stop(*state);
  assert_int_equal(n_rang, 10);
  assert_int_equal(rang[0], 7);
  qd_alarms_hasten(*state, &alarms[7]); /* it has rung */
  assert_int_equal(n_rang, 10);
}

/* Whichever is taken out, the others keep their order. */
static void test_alarms_clear_any_rings_the_others_in_order(void **state) {
  int64_t later_ns = qd_now_ns() + 3600 * QD_NS_PER_S;
  for (size_t i = 0; i < N_ALARMS; i++)
    assert_true(qd_alarms_set(*state, &alarms[i], later_ns + (int64_t)(i * 17 % N_ALARMS)));
  for (size_t i = 0; i < N_ALARMS; i += 3)
    assert_true(qd_alarms_clear(*state, &alarms[i]));
  assert_false(qd_alarms_clear(*state, &alarms[3]));
  qd_alarms_stop(*state);
  assert_int_equal(n_rang, N_ALARMS - (N_ALARMS + 2) / 3);
  for (size_t i = 0; i < n_rang; i++) {
    assert_int_not_equal(rang[i] % 3, 0);
    assert_true(i == 0 || rang[i - 1] * 17 % N_ALARMS < rang[i] * 17 % N_ALARMS);
  }
  assert_false(qd_alarms_clear(*state, &alarms[1])); /* it has rung */
}

static void test_alarms_due_now_rings_by_itself(void **state) {
  int64_t deadline_ns = qd_deadline_in_ms(10000);
  size_t n = 0;
  assert_true(qd_alarms_set(*state, &alarms[0], qd_now_ns() + QD_NS_PER_MS));
  while (n == 0 && !qd_deadline_has_passed(deadline_ns)) {
    pthread_mutex_lock(&lock);
    n = n_rang;
    pthread_mutex_unlock(&lock);
    usleep(1000);
  }
  assert_int_equal(n, 1);
}

static void test_alarms_set_without_memory_refused(void **state) {
  torture_start(0, SIZE_MAX);
  int is_set = qd_alarms_set(*state, &alarms[0], 0);
  torture_stop();
  assert_false(is_set);
}

static void *leave_gate(void *user) {
  qd_gate_leave(user);
  return NULL;
}

static void test_gate_shut_waits_for_those_inside(void **state) {
  qd_gate gate;
  pthread_t thread;
  (void)state;
  qd_gate_init(&gate);
  assert_true(qd_gate_enter(&gate));
  assert_true(qd_gate_enter(&gate));
  qd_gate_leave(&gate);
  assert_false(qd_gate_shut(&gate, qd_deadline_in_ms(1)));
  assert_false(qd_gate_enter(&gate));
  assert_int_equal(pthread_create(&thread, NULL, leave_gate, &gate), 0);
  assert_true(qd_gate_shut(&gate, qd_deadline_in_ms(10000)));
  pthread_join(thread, NULL);
  qd_gate_destroy(&gate);
}

#define WITH_ALARMS(test) cmocka_unit_test_setup_teardown(test, open_alarms, close_alarms)

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_ALARMS(test_alarms_stop_rings_all_the_next_due_first),
      WITH_ALARMS(test_alarms_hasten_rings_before_those_due_earlier),
      WITH_ALARMS(test_alarms_clear_any_rings_the_others_in_order),
      WITH_ALARMS(test_alarms_due_now_rings_by_itself),
      WITH_ALARMS(test_alarms_set_without_memory_refused),
      cmocka_unit_test(test_gate_shut_waits_for_those_inside),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
