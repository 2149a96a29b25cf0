#include "core/deadline.h"
#include "endpoints/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MAX_FAILURES = 5 };

#define NOW (100 * QD_NS_PER_S)
#define NO_JITTER 0

static int note_failure(qd_health *health, int64_t now_ns) {
  return qd_health_note(health, QD_EVIDENCE_FAILED, now_ns, NO_JITTER);
}

static void fail_until_ejected(qd_health *health, int64_t now_ns) {
  for (int i = 1; i < MAX_FAILURES; i++)
    assert_false(note_failure(health, now_ns));
  assert_true(note_failure(health, now_ns));
}

typedef struct evidence_case {
  qdrant_status status;
  qdrant_delivery delivery;
  qd_evidence evidence;
} evidence_case;

static const evidence_case evidence_cases[] = {
    {QDRANT_OK, QDRANT_NOT_SENT, QD_EVIDENCE_ALIVE},
    {QDRANT_NOT_FOUND, QDRANT_ANSWERED, QD_EVIDENCE_ALIVE},
    {QDRANT_DEADLINE_EXCEEDED, QDRANT_ANSWERED, QD_EVIDENCE_ALIVE},
    {QDRANT_UNAVAILABLE, QDRANT_NOT_SENT, QD_EVIDENCE_FAILED},
    {QDRANT_UNAVAILABLE, QDRANT_MAYBE, QD_EVIDENCE_FAILED},
    {QDRANT_UNAVAILABLE, QDRANT_ANSWERED, QD_EVIDENCE_FAILED},
    {QDRANT_DEADLINE_EXCEEDED, QDRANT_MAYBE, QD_EVIDENCE_SILENT},
    {QDRANT_DEADLINE_EXCEEDED, QDRANT_NOT_SENT, QD_EVIDENCE_NONE},
    {QDRANT_CANCELLED, QDRANT_MAYBE, QD_EVIDENCE_NONE},
    {QDRANT_NO_MEMORY, QDRANT_NOT_SENT, QD_EVIDENCE_NONE},
};

static void test_evidence_of_every_kind_of_end(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof evidence_cases / sizeof evidence_cases[0]; i++) {
    qdrant_error error = {.status = evidence_cases[i].status, .delivery = evidence_cases[i].delivery};
    assert_int_equal(qd_evidence_of(&error), evidence_cases[i].evidence);
  }
}

static void test_health_note_failures_in_a_row_eject(void **state) {
  (void)state;
  qd_health health = {0};
  for (int round = 0; round < 3; round++) { /* an answer in between begins anew */
    for (int i = 1; i < MAX_FAILURES; i++)
      assert_false(note_failure(&health, NOW));
    assert_false(qd_health_note(&health, QD_EVIDENCE_ALIVE, NOW, NO_JITTER));
  }
  assert_false(qd_health_is_out(&health));
  fail_until_ejected(&health, NOW);
  assert_true(qd_health_is_out(&health));
  assert_false(qd_health_has_room(&health, 0));
  assert_int_equal(health.n_ejections, 1);
}

static void test_health_note_nothing_changes_nothing(void **state) {
  (void)state;
  qd_health health = {0};
  for (int i = 0; i < 2 * MAX_FAILURES; i++)
    assert_false(qd_health_note(&health, QD_EVIDENCE_NONE, NOW, NO_JITTER));
  assert_int_equal(health.n_failures, 0);
}

static void test_health_failed_trials_double_the_time_up_to_30_s(void **state) {
  static const int64_t seconds[] = {1, 2, 4, 8, 16, 30, 30};
  (void)state;
  qd_health health = {0};
  int64_t now_ns = NOW;
  fail_until_ejected(&health, now_ns);
  for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
    assert_int_equal(health.ejected_until_ns - now_ns, seconds[i] * QD_NS_PER_S);
    assert_false(qd_health_is_trial_due(&health, health.ejected_until_ns - 1));
    now_ns = health.ejected_until_ns;
    assert_true(qd_health_is_trial_due(&health, now_ns));
    qd_health_begin_trial(&health);
    assert_false(qd_health_is_trial_due(&health, now_ns)); /* one trial */
    assert_true(note_failure(&health, now_ns));
  }
}

static void test_health_eject_jitter_takes_off_up_to_a_quarter(void **state) {
  (void)state;
  for (uint64_t random = 0; random < 1000; random++) {
    qd_health health = {0};
    qd_health_eject(&health, NOW, random * UINT64_C(0x9e3779b97f4a7c15));
    assert_in_range(health.ejected_until_ns - NOW, QD_NS_PER_S * 3 / 4, QD_NS_PER_S);
  }
}

static void test_health_trial_answered_opens_a_window_that_doubles(void **state) {
  (void)state;
  qd_health health = {0};
  fail_until_ejected(&health, NOW);
  qd_health_begin_trial(&health);
  qd_health_note(&health, QD_EVIDENCE_ALIVE, NOW, NO_JITTER);
  uint32_t n_rounds = 0;
  while (health.state == QD_HEALTH_RAMPING) { /* all that are let in are answered */
    uint32_t n_in_flight = 0;
    while (qd_health_has_room(&health, n_in_flight))
      n_in_flight++;
    assert_int_equal(n_in_flight, UINT32_C(1) << n_rounds);
    for (uint32_t i = 0; i < n_in_flight; i++)
      qd_health_note(&health, QD_EVIDENCE_ALIVE, NOW, NO_JITTER);
    n_rounds++;
  }
  assert_int_equal(n_rounds, 6);
  assert_int_equal(health.state, QD_HEALTH_GOOD);
  assert_true(qd_health_has_room(&health, 100000));
}

static void test_health_failure_while_ramping_ejects_for_longer(void **state) {
  (void)state;
  qd_health health = {0};
  fail_until_ejected(&health, NOW);
  qd_health_begin_trial(&health);
  qd_health_note(&health, QD_EVIDENCE_ALIVE, NOW, NO_JITTER);
  assert_true(note_failure(&health, NOW));
  assert_int_equal(health.ejected_until_ns - NOW, 2 * QD_NS_PER_S);
}

static void test_health_drop_trial_leaves_it_for_another(void **state) {
  (void)state;
  qd_health health = {0};
  fail_until_ejected(&health, NOW);
  qd_health_begin_trial(&health);
  qd_health_drop_trial(&health);
  assert_true(qd_health_is_trial_due(&health, health.ejected_until_ns));
  qd_health_begin_trial(&health);
  qd_health_note(&health, QD_EVIDENCE_ALIVE, NOW, NO_JITTER);
  qd_health_drop_trial(&health); /* its answer has decided */
  assert_int_equal(health.state, QD_HEALTH_RAMPING);
}

static void test_health_long_after_trouble_begins_with_the_shortest_time(void **state) {
  (void)state;
  qd_health health = {0};
  fail_until_ejected(&health, NOW);
  qd_health_begin_trial(&health);
  note_failure(&health, NOW);
  qd_health_begin_trial(&health);
  while (health.state != QD_HEALTH_GOOD)
    qd_health_note(&health, QD_EVIDENCE_ALIVE, NOW, NO_JITTER);
  qd_health soon = health;
  fail_until_ejected(&soon, NOW + QD_NS_PER_S);
  assert_int_equal(soon.ejected_until_ns - NOW, 5 * QD_NS_PER_S);
  fail_until_ejected(&health, NOW + 60 * QD_NS_PER_S);
  assert_int_equal(health.ejected_until_ns - NOW, 61 * QD_NS_PER_S);
}

static void test_health_note_reconnected_ramps_but_ends_no_ejection(void **state) {
  (void)state;
  qd_health health = {0};
  qd_health_note_reconnected(&health);
  assert_true(qd_health_has_room(&health, 0));
  assert_false(qd_health_has_room(&health, 1));
  qd_health ejected = {0};
  fail_until_ejected(&ejected, NOW);
  qd_health_note_reconnected(&ejected);
  assert_true(qd_health_is_out(&ejected));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_evidence_of_every_kind_of_end),
      cmocka_unit_test(test_health_note_failures_in_a_row_eject),
      cmocka_unit_test(test_health_note_nothing_changes_nothing),
      cmocka_unit_test(test_health_failed_trials_double_the_time_up_to_30_s),
      cmocka_unit_test(test_health_eject_jitter_takes_off_up_to_a_quarter),
      cmocka_unit_test(test_health_trial_answered_opens_a_window_that_doubles),
      cmocka_unit_test(test_health_failure_while_ramping_ejects_for_longer),
      cmocka_unit_test(test_health_drop_trial_leaves_it_for_another),
      cmocka_unit_test(test_health_long_after_trouble_begins_with_the_shortest_time),
      cmocka_unit_test(test_health_note_reconnected_ramps_but_ends_no_ejection),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
