#include "client/budget.h"
#include "client/retry.h"
#include "core/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS QD_NS_PER_MS

/* What is decided about one class: nothing more, another attempt, or a look at what became of it. */
typedef enum verdict { STOP, AGAIN, READ_BACK } verdict;

/* A failure and what follows for each class of calls, by what is known of the delivery. One attempt of three made, a
 * minute left, SAFE repeats. */
typedef struct decide_case {
  const char *what;
  qdrant_status status;
  qdrant_reason reason;
  qdrant_delivery delivery;
  uint32_t retry_after_ms;
  verdict read;
  verdict by_ids;
  verdict by_filter;
  verdict ddl;
  verdict once;
} decide_case;

static const decide_case cases[] = {
    {"nobody there", QDRANT_UNAVAILABLE, QDRANT_REASON_UNREACHABLE, QDRANT_NOT_SENT, 0, AGAIN, AGAIN, AGAIN, AGAIN,
        AGAIN},
    {"a lost connection", QDRANT_UNAVAILABLE, QDRANT_REASON_CONNECTION_LOST, QDRANT_MAYBE, 0, AGAIN, AGAIN, STOP,
        READ_BACK, STOP},
    {"a shard that is away", QDRANT_UNAVAILABLE, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, AGAIN, AGAIN, STOP, READ_BACK,
        STOP},
    {"a proxy that asks for patience", QDRANT_UNAVAILABLE, QDRANT_REASON_NONE, QDRANT_MAYBE, 50, AGAIN, AGAIN, STOP,
        READ_BACK, STOP},
    {"a name that cannot be found now", QDRANT_UNAVAILABLE, QDRANT_REASON_NAME_NOT_FOUND, QDRANT_NOT_SENT, 0, AGAIN,
        AGAIN, AGAIN, AGAIN, AGAIN},
    {"a rate limit", QDRANT_RESOURCE_EXHAUSTED, QDRANT_REASON_RATE_LIMITED, QDRANT_ANSWERED, 50, AGAIN, AGAIN, STOP,
        READ_BACK, STOP},
    {"a limit that never lets it pass", QDRANT_RESOURCE_EXHAUSTED, QDRANT_REASON_NEVER_PASSES, QDRANT_ANSWERED, 0, STOP,
        STOP, STOP, STOP, STOP},
    {"a full disk", QDRANT_RESOURCE_EXHAUSTED, QDRANT_REASON_STORAGE_FULL, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP,
        STOP},
    {"a full disk in other words", QDRANT_INTERNAL, QDRANT_REASON_STORAGE_FULL, QDRANT_ANSWERED, 0, STOP, STOP, STOP,
        STOP, STOP},
    {"a limit of ours", QDRANT_RESOURCE_EXHAUSTED, QDRANT_REASON_CLIENT_LIMIT, QDRANT_MAYBE, 0, STOP, STOP, STOP, STOP,
        STOP},
    {"something exhausted", QDRANT_RESOURCE_EXHAUSTED, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP,
        STOP},
    {"a link between nodes", QDRANT_RESOURCE_EXHAUSTED, QDRANT_REASON_NODE_LINK, QDRANT_ANSWERED, 0, AGAIN, AGAIN, STOP,
        READ_BACK, STOP},
    {"a replica that asks for another try", QDRANT_INTERNAL, QDRANT_REASON_REPLICA_FAILED, QDRANT_ANSWERED, 0, AGAIN,
        AGAIN, STOP, READ_BACK, STOP},
    {"a shard not found by a recovering node", QDRANT_INTERNAL, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, AGAIN, STOP,
        STOP, READ_BACK, STOP},
    {"an attempt that took too long", QDRANT_DEADLINE_EXCEEDED, QDRANT_REASON_NONE, QDRANT_MAYBE, 0, AGAIN, AGAIN, STOP,
        READ_BACK, STOP},
    {"the server's own timeout", QDRANT_DEADLINE_EXCEEDED, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, AGAIN, AGAIN, STOP,
        READ_BACK, STOP},
    {"no connection in an attempt's time", QDRANT_DEADLINE_EXCEEDED, QDRANT_REASON_NONE, QDRANT_NOT_SENT, 0, AGAIN,
        AGAIN, AGAIN, AGAIN, AGAIN},
    {"bad input", QDRANT_INVALID_ARGUMENT, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP, STOP},
    {"not there", QDRANT_NOT_FOUND, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP, STOP},
    {"there already", QDRANT_ALREADY_EXISTS, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP, STOP},
    {"not allowed", QDRANT_PERMISSION_DENIED, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP, STOP},
    {"no key", QDRANT_UNAUTHENTICATED, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP, STOP},
    {"locked", QDRANT_FAILED_PRECONDITION, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP, STOP},
    {"no such method", QDRANT_UNIMPLEMENTED, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP, STOP},
    {"a checksum", QDRANT_DATA_LOSS, QDRANT_REASON_NONE, QDRANT_ANSWERED, 0, STOP, STOP, STOP, STOP, STOP},
    {"cancelled by us", QDRANT_CANCELLED, QDRANT_REASON_NONE, QDRANT_MAYBE, 0, STOP, STOP, STOP, STOP, STOP},
    {"a reply that is none", QDRANT_BAD_REPLY, QDRANT_REASON_NONE, QDRANT_MAYBE, 0, STOP, STOP, STOP, STOP, STOP},
    {"out of memory", QDRANT_NO_MEMORY, QDRANT_REASON_NONE, QDRANT_NOT_SENT, 0, STOP, STOP, STOP, STOP, STOP},
    {"after fork", QDRANT_FORKED, QDRANT_REASON_NONE, QDRANT_NOT_SENT, 0, STOP, STOP, STOP, STOP, STOP},
    {"closed", QDRANT_CLOSED, QDRANT_REASON_NONE, QDRANT_NOT_SENT, 0, STOP, STOP, STOP, STOP, STOP},
};

static qd_retry_case make_case(const qdrant_error *error, qd_retry_class retry_class) {
  return (qd_retry_case){
      .retry_class = retry_class,
      .repeat = QDRANT_REPEAT_SAFE,
      .error = error,
      .delivery = error->delivery,
      .n_attempts = 1,
      .max_attempts = 3,
      .delay_ms = 100,
      .left_ns = 60000 * MS,
      .random = 12345,
  };
}

static verdict decide(const qd_retry_case *given) {
  qd_retry_decision decision = qd_retry_decide(given);
  if (!decision.is_again)
    return STOP;
  return decision.must_read_back ? READ_BACK : AGAIN;
}

static qdrant_error make_error(const decide_case *each) {
  return (qdrant_error){.status = each->status,
      .reason = (uint16_t)each->reason,
      .delivery = each->delivery,
      .retry_after_ms = each->retry_after_ms};
}

static void expect(const decide_case *each, const qd_retry_case *given, verdict expected, const char *suffix) {
  if (decide(given) != expected)
    fail_msg("%s, class %d%s: expected %d, got %d", each->what, (int)given->retry_class, suffix, (int)expected,
        (int)decide(given));
}

static void test_retry_decide_table_of_cases_decided(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const decide_case *each = &cases[i];
    qdrant_error error = make_error(each);
    const verdict expected[] = {[QD_RETRY_READ] = each->read,
        [QD_RETRY_IDEMPOTENT] = each->by_ids,
        [QD_RETRY_SELECTOR] = each->by_filter,
        [QD_RETRY_DDL] = each->ddl,
        [QD_RETRY_ONCE] = each->once};
    for (qd_retry_class class = QD_RETRY_READ; class <= QD_RETRY_ONCE; class ++) {
      qd_retry_case given = make_case(&error, class);
      expect(each, &given, expected[class], "");
      assert_int_equal(qd_retry_may_help(&error), each->read != STOP);
    }
  }
}

/* NOT_SENT is stricter: whatever may have arrived is left alone. ALWAYS adds what goes by filter. */
static void test_retry_decide_repeat_option_stricter_and_looser(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const decide_case *each = &cases[i];
    qdrant_error error = make_error(each);
    qd_retry_case given = make_case(&error, QD_RETRY_SELECTOR);
    given.repeat = QDRANT_REPEAT_ALWAYS;
    expect(each, &given, each->by_ids, " always");
    for (qd_retry_class class = QD_RETRY_READ; class <= QD_RETRY_ONCE; class ++) {
      given = make_case(&error, class);
      given.repeat = QDRANT_REPEAT_NOT_SENT;
      expect(each, &given, error.delivery == QDRANT_NOT_SENT ? each->read : STOP, " not sent");
    }
  }
}

static void test_retry_decide_permanent_never_again(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    qdrant_error error = make_error(&cases[i]);
    error.is_permanent = 1;
    qd_retry_case given = make_case(&error, QD_RETRY_READ);
    assert_int_equal(decide(&given), STOP);
    assert_false(qd_retry_may_help(&error));
  }
}

static const qdrant_error unavailable = {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_NOT_SENT};

static void test_retry_decide_earlier_attempt_maybe_done_counts(void **state) {
  (void)state;
  qd_retry_case given = make_case(&unavailable, QD_RETRY_ONCE);
  assert_int_equal(decide(&given), AGAIN);
  given.delivery = QDRANT_MAYBE;
  assert_int_equal(decide(&given), STOP);
  given.retry_class = QD_RETRY_DDL;
  assert_int_equal(decide(&given), READ_BACK);
}

/* A second attempt that finds the first one's work. */
static void test_retry_decide_own_echo_read_back(void **state) {
  (void)state;
  const qdrant_status echoes[] = {QDRANT_ALREADY_EXISTS, QDRANT_NOT_FOUND, QDRANT_INVALID_ARGUMENT,
      QDRANT_FAILED_PRECONDITION, QDRANT_PERMISSION_DENIED};
  for (size_t i = 0; i < sizeof echoes / sizeof echoes[0]; i++) {
    qdrant_error error = {.status = echoes[i], .delivery = QDRANT_ANSWERED};
    qd_retry_case given = make_case(&error, QD_RETRY_DDL);
    given.delivery = QDRANT_MAYBE;
    assert_int_equal(decide(&given), STOP); /* of the first attempt it is the server's last word */
    given.n_attempts = 2;
    assert_int_equal(decide(&given), echoes[i] != QDRANT_PERMISSION_DENIED ? READ_BACK : STOP);
    assert_int_equal(qd_retry_decide(&given).sleep_ns, 0);
    given.delivery = QDRANT_ANSWERED; /* nothing of ours can be there */
    assert_int_equal(decide(&given), STOP);
    given.delivery = QDRANT_MAYBE;
    given.retry_class = QD_RETRY_IDEMPOTENT;
    assert_int_equal(decide(&given), STOP);
  }
}

static void test_retry_decide_attempts_used_up_stops(void **state) {
  (void)state;
  qd_retry_case given = make_case(&unavailable, QD_RETRY_READ);
  given.n_attempts = 2;
  assert_int_equal(decide(&given), AGAIN);
  given.n_attempts = 3;
  assert_int_equal(decide(&given), STOP);
  given.n_attempts = given.max_attempts = 1;
  assert_int_equal(decide(&given), STOP);
}

static void test_retry_decide_last_attempt_of_a_change_read_back(void **state) {
  (void)state;
  qdrant_error error = {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE};
  qd_retry_case given = make_case(&error, QD_RETRY_DDL);
  given.n_attempts = 3;
  assert_int_equal(decide(&given), READ_BACK);
  given.n_attempts = given.max_attempts = 1; /* retries are off: no reading either */
  assert_int_equal(decide(&given), STOP);
}

static void test_retry_decide_internal_error_read_once_more_only(void **state) {
  (void)state;
  qdrant_error error = {.status = QDRANT_INTERNAL, .delivery = QDRANT_ANSWERED};
  qd_retry_case given = make_case(&error, QD_RETRY_READ);
  assert_int_equal(decide(&given), AGAIN);
  given.n_attempts = 2;
  assert_int_equal(decide(&given), STOP);
  error.reason = QDRANT_REASON_REPLICA_FAILED;
  assert_int_equal(decide(&given), AGAIN);
}

static void test_retry_decide_wait_the_server_asked_for_not_charged(void **state) {
  (void)state;
  qdrant_error error = {.status = QDRANT_RESOURCE_EXHAUSTED,
      .reason = QDRANT_REASON_RATE_LIMITED,
      .delivery = QDRANT_ANSWERED,
      .retry_after_ms = 1000};
  qd_retry_case given = make_case(&error, QD_RETRY_READ);
  given.n_attempts = 3; /* as many as there may be */
  qd_retry_decision decision = qd_retry_decide(&given);
  assert_true(decision.is_again && decision.is_wished);
  assert_int_equal(decision.n_tokens, 0);
  given.max_attempts = 1; /* but who wants none gets none */
  assert_int_equal(decide(&given), STOP);
  error.retry_after_ms = 0; /* "retry-after: 0" is no wait */
  given.max_attempts = 3;
  assert_int_equal(decide(&given), STOP);
  given.n_attempts = 1;
  assert_int_equal(qd_retry_decide(&given).n_tokens, QD_RETRY_TOKENS);
}

static void test_retry_decide_timeout_costs_more(void **state) {
  (void)state;
  qdrant_error error = {.status = QDRANT_DEADLINE_EXCEEDED, .delivery = QDRANT_MAYBE};
  qd_retry_case given = make_case(&error, QD_RETRY_READ);
  assert_int_equal(qd_retry_decide(&given).n_tokens, QD_TIMEOUT_TOKENS);
  given.error = &unavailable;
  assert_int_equal(qd_retry_decide(&given).n_tokens, QD_RETRY_TOKENS);
}

static void test_retry_decide_sleep_longer_than_time_left_stops(void **state) {
  (void)state;
  qd_retry_case given = make_case(&unavailable, QD_RETRY_READ);
  given.random = UINT64_C(60) * (uint64_t)MS;
  given.left_ns = 61 * MS;
  assert_int_equal(decide(&given), AGAIN);
  given.left_ns = 60 * MS;
  assert_int_equal(decide(&given), STOP);
}

static void test_retry_decide_retry_after_never_undercut(void **state) {
  (void)state;
  qdrant_error error = {.status = QDRANT_RESOURCE_EXHAUSTED,
      .reason = QDRANT_REASON_RATE_LIMITED,
      .delivery = QDRANT_ANSWERED,
      .retry_after_ms = 2000};
  qd_retry_case given = make_case(&error, QD_RETRY_READ);
  for (given.random = 0; given.random < 100000; given.random += 997)
    assert_true(qd_retry_decide(&given).sleep_ns >= 2000 * MS);
  given.left_ns = 1999 * MS;
  assert_int_equal(decide(&given), STOP);
}

static int64_t find_longest(uint32_t n_attempts, int64_t delay_ms) {
  _Atomic uint64_t random = 7;
  int64_t longest_ns = 0;
  qd_retry_case given = make_case(&unavailable, QD_RETRY_READ);
  given.n_attempts = n_attempts;
  given.max_attempts = n_attempts + 1;
  given.delay_ms = delay_ms;
  given.left_ns = INT64_MAX;
  for (int i = 0; i < 2000; i++) {
    given.random = qd_random_next(&random);
    int64_t sleep_ns = qd_retry_decide(&given).sleep_ns;
    assert_true(sleep_ns >= 0);
    longest_ns = sleep_ns > longest_ns ? sleep_ns : longest_ns;
  }
  return longest_ns;
}

static void expect_longest(uint32_t n_attempts, int64_t delay_ms, int64_t limit_ms) {
  int64_t longest_ns = find_longest(n_attempts, delay_ms);
  assert_true(longest_ns <= limit_ms * MS);
  assert_true(longest_ns > limit_ms * MS * 9 / 10);
}

static void test_retry_decide_jitter_doubles_up_to_the_cap(void **state) {
  (void)state;
  const int64_t limits_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
  for (uint32_t i = 0; i < sizeof limits_ms / sizeof limits_ms[0]; i++)
    expect_longest(i + 1, 100, limits_ms[i]);
  expect_longest(90, 100, 5000);
  expect_longest(1, 1, 1);
  expect_longest(1, 3000, 3000);
  expect_longest(9, 3000, 12000); /* four times the delay */
  expect_longest(1, 3600000, 3600000);
}

static void test_retry_is_repeatable_by_class_and_option(void **state) {
  (void)state;
  const int expected[][5] = {
      [QDRANT_REPEAT_NOT_SENT] = {0, 0, 0, 0, 0},
      [QDRANT_REPEAT_SAFE] = {1, 1, 0, 0, 0},
      [QDRANT_REPEAT_ALWAYS] = {1, 1, 1, 0, 0},
  };
  for (qdrant_repeat repeat = QDRANT_REPEAT_NOT_SENT; repeat <= QDRANT_REPEAT_ALWAYS; repeat++)
    for (qd_retry_class class = QD_RETRY_READ; class <= QD_RETRY_ONCE; class ++)
      assert_int_equal(qd_retry_is_repeatable(class, repeat), expected[repeat][class]);
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
      cmocka_unit_test(test_retry_decide_repeat_option_stricter_and_looser),
      cmocka_unit_test(test_retry_decide_permanent_never_again),
      cmocka_unit_test(test_retry_decide_earlier_attempt_maybe_done_counts),
      cmocka_unit_test(test_retry_decide_own_echo_read_back),
      cmocka_unit_test(test_retry_decide_attempts_used_up_stops),
      cmocka_unit_test(test_retry_decide_last_attempt_of_a_change_read_back),
      cmocka_unit_test(test_retry_decide_internal_error_read_once_more_only),
      cmocka_unit_test(test_retry_decide_wait_the_server_asked_for_not_charged),
      cmocka_unit_test(test_retry_decide_timeout_costs_more),
      cmocka_unit_test(test_retry_decide_sleep_longer_than_time_left_stops),
      cmocka_unit_test(test_retry_decide_retry_after_never_undercut),
      cmocka_unit_test(test_retry_decide_jitter_doubles_up_to_the_cap),
      cmocka_unit_test(test_retry_is_repeatable_by_class_and_option),
      cmocka_unit_test(test_delivery_merge_worst_kept),
      cmocka_unit_test(test_random_next_same_seed_same_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
