#include "client/budget.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int count_takes(qd_budget *budget, int n_tokens) {
  int n = 0;
  while (n < 10000 && qd_budget_take(budget, n_tokens))
    n++;
  return n;
}

static void test_budget_take_until_empty_refused(void **state) {
  (void)state;
  qd_budget budget;
  qd_budget_init(&budget, 500);
  assert_int_equal(count_takes(&budget, QD_RETRY_TOKENS), 100);
  qd_budget_give(&budget);
  assert_false(qd_budget_take(&budget, QD_RETRY_TOKENS));
  for (int i = 0; i < 4; i++)
    qd_budget_give(&budget);
  assert_true(qd_budget_take(&budget, QD_RETRY_TOKENS));
}

static void test_budget_take_after_timeout_costs_more(void **state) {
  (void)state;
  qd_budget budget;
  qd_budget_init(&budget, 500);
  assert_int_equal(count_takes(&budget, QD_TIMEOUT_TOKENS), 50);
}

static void test_budget_give_never_beyond_capacity(void **state) {
  (void)state;
  qd_budget budget;
  qd_budget_init(&budget, 20);
  for (int i = 0; i < 1000; i++)
    qd_budget_give(&budget);
  assert_int_equal(count_takes(&budget, QD_RETRY_TOKENS), 4);
}

static void test_budget_without_limit_never_refused(void **state) {
  (void)state;
  qd_budget budget;
  qd_budget_init(&budget, 0);
  qd_budget_give(&budget);
  assert_int_equal(count_takes(&budget, QD_TIMEOUT_TOKENS), 10000);
}

enum { N_THREADS = 4 };

static void *take_all(void *user) {
  return (void *)(intptr_t)count_takes(user, 1);
}

static void test_budget_threads_no_token_twice(void **state) {
  (void)state;
  qd_budget budget;
  pthread_t threads[N_THREADS];
  intptr_t n_taken = 0;
  qd_budget_init(&budget, 9999);
  for (int i = 0; i < N_THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, take_all, &budget), 0);
  for (int i = 0; i < N_THREADS; i++) {
    void *n = NULL;
    assert_int_equal(pthread_join(threads[i], &n), 0);
    n_taken += (intptr_t)n;
  }
  assert_int_equal(n_taken, 9999);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_budget_take_until_empty_refused),
      cmocka_unit_test(test_budget_take_after_timeout_costs_more),
      cmocka_unit_test(test_budget_give_never_beyond_capacity),
      cmocka_unit_test(test_budget_without_limit_never_refused),
      cmocka_unit_test(test_budget_threads_no_token_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
