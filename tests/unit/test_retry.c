#include "client/retry.h"
#include "core/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS QD_NS_PER_MS

typedef struct decide_case {
  const char *what;
  qd_retry_class retry_class;
  qdrant_status status;
  qdrant_delivery delivery;
  uint8_t is_permanent;
  uint32_t retry_after_ms;
  int is_again;
} decide_case;

/* One attempt of three made, a minute left. */
static const decide_case cases[] = {
    {"a read on a lost connection", QD_RETRY_READ, QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, 0, 1},
    {"a read not sent", QD_RETRY_READ, QDRANT_UNAVAILABLE, QDRANT_NOT_SENT, 0, 0, 1},
    {"a read answered unavailable", QD_RETRY_READ, QDRANT_UNAVAILABLE, QDRANT_ANSWERED, 0, 0, 1},
    {"an upsert on a lost connection", QD_RETRY_IDEMPOTENT, QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, 0, 1},
    {"a delete by filter, perhaps done", QD_RETRY_SELECTOR, QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, 0, 0},
    {"a delete by filter, not sent", QD_RETRY_SELECTOR, QDRANT_UNAVAILABLE, QDRANT_NOT_SENT, 0, 0, 1},
    {"a create, perhaps done", QD_RETRY_DDL, QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, 0, 0},
    {"a create, answered", QD_RETRY_DDL, QDRANT_UNAVAILABLE, QDRANT_ANSWERED, 0, 0, 0},
    {"a create, not sent", QD_RETRY_DDL, QDRANT_UNAVAILABLE, QDRANT_NOT_SENT, 0, 0, 1},
    {"a snapshot, perhaps made", QD_RETRY_ONCE, QDRANT_UNAVAILABLE, QDRANT_MAYBE, 0, 0, 0},
    {"a snapshot, not sent", QD_RETRY_ONCE, QDRANT_UNAVAILABLE, QDRANT_NOT_SENT, 0, 0, 1},
    {"a refused certificate", QD_RETRY_READ, QDRANT_UNAVAILABLE, QDRANT_NOT_SENT, 1, 0, 0},
    {"a rate limit with its wish", QD_RETRY_READ, QDRANT_RESOURCE_EXHAUSTED, QDRANT_ANSWERED, 0, 50, 1},
    {"a rate limit that never passes", QD_RETRY_READ, QDRANT_RESOURCE_EXHAUSTED, QDRANT_ANSWERED, 0, 0, 0},
    {"a rate limit, write of one kind", QD_RETRY_SELECTOR, QDRANT_RESOURCE_EXHAUSTED, QDRANT_ANSWERED, 0, 50, 0},
    {"bad input", QD_RETRY_READ, QDRANT_INVALID_ARGUMENT, QDRANT_ANSWERED, 0, 0, 0},
    {"not there", QD_RETRY_READ, QDRANT_NOT_FOUND, QDRANT_ANSWERED, 0, 0, 0},
    {"too late", QD_RETRY_READ, QDRANT_DEADLINE_EXCEEDED, QDRANT_MAYBE, 0, 0, 0},
    {"cancelled by us", QD_RETRY_READ, QDRANT_CANCELLED, QDRANT_MAYBE, 0, 0, 0},
    {"out of memory", QD_RETRY_READ, QDRANT_NO_MEMORY, QDRANT_NOT_SENT, 0, 0, 0},
    {"after fork", QD_RETRY_READ, QDRANT_FORKED, QDRANT_NOT_SENT, 0, 0, 0},
};

static qd_retry_case make_case(const qdrant_error *error, qd_retry_class retry_class) {
  return (qd_retry_case){
      .retry_class = retry_class,
      .error = error,
      .delivery = error->delivery,
      .n_attempts = 1,
      .max_attempts = 3,
      .left_ns = 60000 * MS,
      .random = 12345,
  };
}

static void test_retry_decide_table_of_cases_decided(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const decide_case *each = &cases[i];
    qdrant_error error = {.status = each->status,
        .delivery = each->delivery,
        .is_permanent = each->is_permanent,
        .retry_after_ms = each->retry_after_ms};
    qd_retry_case given = make_case(&error, each->retry_class);
    if (qd_retry_decide(&given).is_again != each->is_again)
      fail_msg("%s: expected %d", each->what, each->is_again);
  }
}

static const qdrant_error unavailable = {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_NOT_SENT};

static void test_retry_decide_earlier_attempt_maybe_done_counts(void **state) {
  (void)state;
  qd_retry_case given = make_case(&unavailable, QD_RETRY_DDL);
  assert_true(qd_retry_decide(&given).is_again);
  given.delivery = QDRANT_MAYBE;
  assert_false(qd_retry_decide(&given).is_again);
}

static void test_retry_decide_attempts_used_up_stops(void **state) {
  (void)state;
  qd_retry_case given = make_case(&unavailable, QD_RETRY_READ);
  given.n_attempts = 2;
  assert_true(qd_retry_decide(&given).is_again);
  given.n_attempts = 3;
  assert_false(qd_retry_decide(&given).is_again);
}

static void test_retry_decide_sleep_longer_than_time_left_stops(void **state) {
  (void)state;
  qd_retry_case given = make_case(&unavailable, QD_RETRY_READ);
  given.random = UINT64_C(60) * (uint64_t)MS;
  given.left_ns = 61 * MS;
  assert_true(qd_retry_decide(&given).is_again);
  given.left_ns = 60 * MS;
  assert_false(qd_retry_decide(&given).is_again);
}

static void test_retry_decide_retry_after_never_undercut(void **state) {
  (void)state;
  qdrant_error error = {.status = QDRANT_RESOURCE_EXHAUSTED, .delivery = QDRANT_ANSWERED, .retry_after_ms = 2000};
  qd_retry_case given = make_case(&error, QD_RETRY_READ);
  for (given.random = 0; given.random < 100000; given.random += 997)
    assert_true(qd_retry_decide(&given).sleep_ns >= 2000 * MS);
  given.left_ns = 1999 * MS;
  assert_false(qd_retry_decide(&given).is_again);
}

static int64_t find_longest(uint32_t n_attempts) {
  _Atomic uint64_t random = 7;
  int64_t longest_ns = 0;
  qd_retry_case given = make_case(&unavailable, QD_RETRY_READ);
  given.n_attempts = n_attempts;
  given.max_attempts = n_attempts + 1;
  for (int i = 0; i < 2000; i++) {
    given.random = qd_random_next(&random);
    int64_t sleep_ns = qd_retry_decide(&given).sleep_ns;
    assert_true(sleep_ns >= 0);
    longest_ns = sleep_ns > longest_ns ? sleep_ns : longest_ns;
  }
  return longest_ns;
}

static void test_retry_decide_jitter_doubles_up_to_the_cap(void **state) {
  (void)state;
  const int64_t limits_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
  for (uint32_t i = 0; i < sizeof limits_ms / sizeof limits_ms[0]; i++) {
    int64_t longest_ns = find_longest(i + 1);
    assert_true(longest_ns <= limits_ms[i] * MS);
    assert_true(longest_ns > limits_ms[i] * MS * 9 / 10);
  }
  assert_true(find_longest(90) <= 5000 * MS);
}

static void test_delivery_merge_worst_kept(void **state) {
  (void)state;
  assert_int_equal(qd_delivery_merge(QDRANT_NOT_SENT, QDRANT_NOT_SENT), QDRANT_NOT_SENT);
  assert_int_equal(qd_delivery_merge(QDRANT_NOT_SENT, QDRANT_ANSWERED), QDRANT_ANSWERED);
  assert_int_equal(qd_delivery_merge(QDRANT_ANSWERED, QDRANT_NOT_SENT), QDRANT_ANSWERED);
  assert_int_equal(qd_delivery_merge(QDRANT_MAYBE, QDRANT_NOT_SENT), QDRANT_MAYBE);
  assert_int_equal(qd_delivery_merge(QDRANT_MAYBE, QDRANT_ANSWERED), QDRANT_MAYBE);
  assert_int_equal(qd_delivery_merge(QDRANT_ANSWERED, QDRANT_MAYBE), QDRANT_MAYBE);
}

static void test_random_next_same_seed_same_numbers(void **state) {
  (void)state;
  _Atomic uint64_t a = 1, b = 1, c = 2;
  uint64_t first = qd_random_next(&a);
  assert_true(first == qd_random_next(&b));
  assert_true(first != qd_random_next(&c));
  assert_true(first != qd_random_next(&a));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_retry_decide_table_of_cases_decided),
      cmocka_unit_test(test_retry_decide_earlier_attempt_maybe_done_counts),
      cmocka_unit_test(test_retry_decide_attempts_used_up_stops),
      cmocka_unit_test(test_retry_decide_sleep_longer_than_time_left_stops),
      cmocka_unit_test(test_retry_decide_retry_after_never_undercut),
      cmocka_unit_test(test_retry_decide_jitter_doubles_up_to_the_cap),
      cmocka_unit_test(test_delivery_merge_worst_kept),
      cmocka_unit_test(test_random_next_same_seed_same_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
