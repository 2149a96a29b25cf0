/* The sets of points and ids that an upload keeps, each against a plain model. */
#include "client/upload_bisect.h"
#include "client/upload_failed.h"
#include "client/upload_ids.h"
#include "client/upload_spans.h"
#include "core/error.h"
#include "tests/support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { N_POINTS = 200, N_ROUNDS = 3000 };

static void assert_spans(const qd_spans *spans, const char *model) {
  size_t at = 0;
  for (size_t i = 0; i < spans->n; i++) {
    for (; at < spans->items[i].first; at++)
      assert_int_equal(model[at], 0);
    assert_true(spans->items[i].first < spans->items[i].end);
    for (; at < spans->items[i].end; at++)
      assert_int_equal(model[at], 1);
    assert_true(i + 1 == spans->n || spans->items[i].end < spans->items[i + 1].first);
  }
  for (; at < N_POINTS; at++)
    assert_int_equal(model[at], 0);
}

static void test_spans_random_changes_as_the_model(void **state) {
  (void)state;
  random_source random = random_begin(__func__);
  char model[N_POINTS] = {0};
  qd_spans spans = {0};
  for (int round = 0; round < N_ROUNDS; round++) {
    size_t first = random_below(&random, N_POINTS), n = random_below(&random, 20);
    size_t end = first + n < N_POINTS ? first + n : N_POINTS;
    int is_added = random_is(&random, 2);
    assert_true((is_added ? qd_spans_add : qd_spans_remove)(&spans, first, end));
    memset(model + first, is_added, end - first);
    assert_spans(&spans, model);
  }
  qd_spans_free(&spans);
}

static void test_spans_advance_takes_what_touches(void **state) {
  (void)state;
  qd_spans spans = {0};
  qd_spans_add(&spans, 10, 20);
  qd_spans_add(&spans, 30, 40);
  assert_int_equal(qd_spans_advance(&spans, 5), 5);
  assert_int_equal(qd_spans_advance(&spans, 10), 20);
  assert_int_equal(spans.n, 1);
  assert_int_equal(qd_spans_advance(&spans, 35), 40);
  assert_int_equal(spans.n, 0);
  qd_spans_free(&spans);
}

static void test_spans_close_gaps_smallest_first(void **state) {
  (void)state;
  qd_spans spans = {0};
  qd_spans_add(&spans, 0, 1);
  qd_spans_add(&spans, 2, 3);
  qd_spans_add(&spans, 1000, 1001);
  qd_spans_add(&spans, UINT64_MAX - 1, UINT64_MAX);
  qd_spans_close_gaps(&spans, 3);
  assert_int_equal(spans.n, 3);
  assert_int_equal(spans.items[0].end, 3);
  assert_int_equal(spans.items[1].first, 1000);
  qd_spans_close_gaps(&spans, 1);
  assert_int_equal(spans.n, 1);
  assert_int_equal(spans.items[0].end, UINT64_MAX);
  qd_spans_free(&spans);
}

static qdrant_failed_range make_range(uint64_t first, uint64_t n, const char *message) {
  qdrant_failed_range range = {.first_point = first, .n_points = n};
  qd_fail(&range.error, QDRANT_UNAVAILABLE, "%s", message);
  return range;
}

static int has_point(const qd_failed *failed, uint64_t point) {
  for (size_t i = 0; i < failed->n; i++)
    if (point >= failed->items[i].first_point && point < failed->items[i].first_point + failed->items[i].n_points)
      return 1;
  return 0;
}

static void test_failed_random_changes_as_the_model(void **state) {
  (void)state;
  random_source random = random_begin(__func__);
  char model[N_POINTS] = {0};
  qd_failed failed;
  qd_failed_init(&failed);
  for (int round = 0; round < N_ROUNDS; round++) {
    size_t first = random_below(&random, N_POINTS), n = 1 + random_below(&random, 10);
    size_t end = first + n < N_POINTS ? first + n : N_POINTS;
    qd_failed_remove(&failed, first, end);
    memset(model + first, 0, end - first);
    if (random_is(&random, 2)) {
      qdrant_failed_range range = make_range(first, end - first, random_is(&random, 2) ? "one" : "other");
      qd_failed_add(&failed, &range);
      memset(model + first, 1, end - first);
    }
    for (size_t i = 0; i < N_POINTS; i++)
      assert_int_equal(has_point(&failed, i), model[i]);
    for (size_t i = 1; i < failed.n; i++)
      assert_true(failed.items[i - 1].first_point + failed.items[i - 1].n_points <= failed.items[i].first_point);
  }
  qd_failed_free(&failed);
}

static void test_failed_same_error_next_to_each_other_one_range(void **state) {
  (void)state;
  qd_failed failed;
  qd_failed_init(&failed);
  for (uint64_t i = 0; i < 10; i++) {
    uint64_t point = i * 3 % 10; /* in any order */
    qdrant_failed_range range = make_range(point, 1, point < 7 ? "one" : "other");
    qd_failed_add(&failed, &range);
  }
  assert_int_equal(failed.n, 2);
  assert_int_equal(failed.items[0].n_points, 7);
  assert_string_equal(failed.items[1].error.message, "other");
  qd_failed_free(&failed);
}

static void test_failed_too_many_neighbours_merged_none_lost(void **state) {
  (void)state;
  qd_failed failed;
  qd_failed_init(&failed);
  for (uint64_t i = 0; i < 25000; i++) {
    qdrant_failed_range range = make_range(3 * i, 1, "bad");
    qd_failed_add(&failed, &range);
    assert_true(failed.n <= QD_FAILED_MAX);
  }
  for (uint64_t i = 0; i < 25000; i += 501)
    assert_true(has_point(&failed, 3 * i));
  qdrant_failed_range again = make_range(1, 1, "bad"); /* in a gap that was closed */
  qd_failed_add(&failed, &again);
  assert_true(has_point(&failed, 1));
  qd_failed_free(&failed);
}

enum { N_OWNERS = 5 };

/* Who else has it last; the owner itself first of all. */
static uint64_t expect_owner(char has[N_POINTS][N_OWNERS], size_t i, uint64_t owner) {
  if (has[i][owner])
    return owner;
  uint64_t latest = 0;
  for (uint64_t other = 1; other < N_OWNERS; other++)
    latest = has[i][other] ? other : latest;
  return latest;
}

static void test_ids_random_changes_as_the_model(void **state) {
  (void)state;
  static const uint64_t strides[] = {1, 64, 0x10001};
  random_source random = random_begin(__func__);
  for (size_t s = 0; s < 3; s++) {
    char has[N_POINTS][N_OWNERS] = {0};
    qd_upload_ids ids = {0};
    for (int round = 0; round < 10 * N_ROUNDS; round++) {
      size_t i = random_below(&random, N_POINTS);
      uint64_t key = i * strides[s], owner = 1 + random_below(&random, N_OWNERS - 1);
      assert_true(qd_upload_ids_reserve(&ids, 1));
      if (random_is(&random, 2)) {
        assert_int_equal(qd_upload_ids_put(&ids, key, owner), expect_owner(has, i, owner));
        has[i][owner] = 1;
      } else {
        qd_upload_ids_drop(&ids, key, owner);
        has[i][owner] = 0;
      }
    }
    for (uint64_t owner = 1; owner < N_OWNERS; owner++)
      for (size_t i = 0; i < N_POINTS; i++)
        qd_upload_ids_drop(&ids, i * strides[s], owner);
    assert_int_equal(ids.n, 0);
    qd_upload_ids_free(&ids);
  }
}

static void test_ids_many_none_lost_when_it_grows(void **state) {
  (void)state;
  enum { N_KEYS = 30000, N_OF_ONE = 100 };
  static uint64_t keys[N_KEYS];
  random_source random = random_begin(__func__);
  qd_upload_ids ids = {0};
  for (uint64_t i = 0; i < N_KEYS; i++)
    keys[i] = i < N_KEYS / 2 ? i : random_u64(&random) | UINT64_C(1) << 63;
  for (uint64_t i = 0; i < N_KEYS; i++) {
    assert_true(qd_upload_ids_reserve(&ids, 1));
    assert_int_equal(qd_upload_ids_put(&ids, keys[i], 1 + i / N_OF_ONE), 0);
  }
  for (uint64_t first = 0; first < N_KEYS; first += 2 * N_OF_ONE)
    qd_upload_ids_drop_all(&ids, keys + first, N_OF_ONE, 1 + first / N_OF_ONE);
  for (uint64_t i = 0; i < N_KEYS; i++) {
    assert_true(qd_upload_ids_reserve(&ids, 1));
    assert_int_equal(qd_upload_ids_put(&ids, keys[i], 1000000), i / N_OF_ONE % 2 == 0 ? 0 : 1 + i / N_OF_ONE);
  }
  qd_upload_ids_free(&ids);
}

/* Tries parts as a server would that refuses what holds a bad point; answers how many calls it took. */
static int bisect(uint32_t n, const char *bad, char *is_stored, char *is_refused) {
  qd_bisect parts;
  qd_part part;
  int n_calls = 0;
  qd_bisect_begin(&parts, n);
  while (qd_bisect_next(&parts, &part)) {
    n_calls++;
    int is_bad = memchr(bad + part.first, 1, part.n) != NULL;
    if (is_bad && part.n > 1)
      qd_bisect_cut(&parts, part);
    else
      memset((is_bad ? is_refused : is_stored) + part.first, 1, part.n);
  }
  return n_calls;
}

static void test_bisect_bad_points_alone_the_others_stored(void **state) {
  (void)state;
  random_source random = random_begin(__func__);
  for (int round = 0; round < 200; round++) {
    char bad[N_POINTS] = {0}, stored[N_POINTS] = {0}, refused[N_POINTS] = {0};
    uint32_t n = 1 + (uint32_t)random_below(&random, N_POINTS);
    size_t n_bad = random_below(&random, 4);
    for (size_t i = 0; i < n_bad; i++)
      bad[random_below(&random, n)] = 1;
    int n_calls = bisect(n, bad, stored, refused);
    for (uint32_t i = 0; i < n; i++) {
      assert_int_equal(refused[i], bad[i]);
      assert_int_equal(stored[i], !bad[i]);
    }
    assert_true(n_calls <= 1 + (int)n_bad * 2 * 8); /* 2 log2 n for each */
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_spans_random_changes_as_the_model),
      cmocka_unit_test(test_spans_advance_takes_what_touches),
      cmocka_unit_test(test_spans_close_gaps_smallest_first),
      cmocka_unit_test(test_failed_random_changes_as_the_model),
      cmocka_unit_test(test_failed_same_error_next_to_each_other_one_range),
      cmocka_unit_test(test_failed_too_many_neighbours_merged_none_lost),
      cmocka_unit_test(test_ids_random_changes_as_the_model),
      cmocka_unit_test(test_ids_many_none_lost_when_it_grows),
      cmocka_unit_test(test_bisect_bad_points_alone_the_others_stored),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
