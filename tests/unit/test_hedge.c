#include "core/deadline.h"
#include "endpoints/hedge.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N_SAMPLES = 1000, LEAST_KNOWN = 64 };

static int compare(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void test_latency_p95_few_samples_is_not_known(void **state) {
  (void)state;
  qd_latency latency = {0};
  for (int i = 1; i < LEAST_KNOWN; i++)
    qd_latency_note(&latency, QD_NS_PER_MS);
  assert_int_equal(qd_latency_p95_ns(&latency), 0);
  qd_latency_note(&latency, QD_NS_PER_MS);
  assert_in_range(qd_latency_p95_ns(&latency), QD_NS_PER_MS, QD_NS_PER_MS * 5 / 4);
}

/* Held against the sorted samples, over all magnitudes. */
static void test_latency_p95_random_samples_is_close_above(void **state) {
  (void)state;
  random_source random = random_begin("test_hedge");
  for (int64_t scale_ns = 20000; scale_ns < 60 * QD_NS_PER_S; scale_ns *= 7) {
    qd_latency latency = {0};
    int64_t samples[N_SAMPLES];
    for (int i = 0; i < N_SAMPLES; i++) {
      samples[i] = scale_ns + (int64_t)(random_u64(&random) % (uint64_t)scale_ns);
      qd_latency_note(&latency, samples[i]);
    }
    qsort(samples, N_SAMPLES, sizeof samples[0], compare);
    int64_t p95_ns = qd_latency_p95_ns(&latency);
    assert_true(p95_ns >= samples[N_SAMPLES * 95 / 100 - 1]);
    assert_true(p95_ns <= samples[N_SAMPLES * 95 / 100] * 5 / 4);
  }
}

static void test_latency_note_extremes_are_kept_within(void **state) {
  (void)state;
  qd_latency latency = {0};
  for (int i = 0; i < LEAST_KNOWN; i++)
    qd_latency_note(&latency, i % 2 ? 0 : INT64_MAX);
  assert_true(qd_latency_p95_ns(&latency) >= 60 * QD_NS_PER_S);
}

static void test_latency_p95_follows_a_change(void **state) {
  (void)state;
  qd_latency latency = {0};
  for (int i = 0; i < 5000; i++)
    qd_latency_note(&latency, QD_NS_PER_S);
  for (int i = 0; i < 20000; i++)
    qd_latency_note(&latency, QD_NS_PER_MS);
  assert_true(qd_latency_p95_ns(&latency) < 2 * QD_NS_PER_MS);
}

static void test_hedge_begin_read_fixed_delay_wins(void **state) {
  (void)state;
  qd_hedge hedge = {.delay_ns = 5, .fraction = 0.5};
  assert_int_equal(qd_hedge_begin_read(&hedge, QDRANT_RPC_POINTS_QUERY), 5);
}

static void test_hedge_begin_read_each_rpc_has_its_own_latency(void **state) {
  (void)state;
  qd_hedge hedge = {.fraction = 0.5};
  for (int i = 0; i < LEAST_KNOWN; i++)
    qd_hedge_note(&hedge, QDRANT_RPC_POINTS_COUNT, QD_NS_PER_MS);
  assert_int_equal(qd_hedge_begin_read(&hedge, QDRANT_RPC_POINTS_QUERY), 0);
  assert_true(qd_hedge_begin_read(&hedge, QDRANT_RPC_POINTS_COUNT) >= QD_NS_PER_MS);
}

/* However often it is asked, and whatever quiet times have left, no more than the fraction. */
static void test_hedge_pay_never_more_than_the_fraction(void **state) {
  static const double fractions[] = {0.001, 0.02, 0.05, 0.3, 1.0};
  (void)state;
  for (size_t i = 0; i < sizeof fractions / sizeof fractions[0]; i++) {
    qd_hedge hedge = {.delay_ns = 1, .fraction = fractions[i]};
    int n_paid = 0;
    for (int n_reads = 1; n_reads <= 10000; n_reads++) {
      qd_hedge_begin_read(&hedge, QDRANT_RPC_POINTS_QUERY);
      n_paid += n_reads > 3000 && qd_hedge_pay(&hedge);
      assert_true((double)n_paid <= fractions[i] * n_reads + 1e-6);
    }
    assert_true((double)n_paid >= fractions[i] * 7000 - 1);
  }
}

static void test_hedge_pay_quiet_times_leave_a_bounded_reserve(void **state) {
  (void)state;
  qd_hedge hedge = {.delay_ns = 1, .fraction = 0.05};
  for (int i = 0; i < 100000; i++)
    qd_hedge_begin_read(&hedge, QDRANT_RPC_POINTS_QUERY);
  int n_paid = 0;
  while (qd_hedge_pay(&hedge))
    n_paid++;
  assert_in_range(n_paid, 9, 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_latency_p95_few_samples_is_not_known),
      cmocka_unit_test(test_latency_p95_random_samples_is_close_above),
      cmocka_unit_test(test_latency_note_extremes_are_kept_within),
      cmocka_unit_test(test_latency_p95_follows_a_change),
      cmocka_unit_test(test_hedge_begin_read_fixed_delay_wins),
      cmocka_unit_test(test_hedge_begin_read_each_rpc_has_its_own_latency),
      cmocka_unit_test(test_hedge_pay_never_more_than_the_fraction),
      cmocka_unit_test(test_hedge_pay_quiet_times_leave_a_bounded_reserve),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
