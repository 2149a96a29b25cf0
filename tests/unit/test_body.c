#include "core/alloc.h"
#include "core/body.h"
#include "tests/support/torture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { KIB = 1024, MIB = 1 << 20 };

static void test_qd_body_new_has_the_size_asked(void **state) {
  (void)state;
  const size_t sizes[] = {0, 1, 4095, 4096, 4097, 400 * KIB, 3 * MIB};
  qd_body_pool *pool = qd_body_pool_new(MIB);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    qd_body *body = qd_body_new(pool, sizes[i]);
    assert_non_null(body);
    assert_int_equal(body->n_bytes, sizes[i]);
    assert_true(body->capacity >= sizes[i]);
    memset(body->bytes, 0x55, sizes[i]);
    qd_body_unref(body);
  }
  qd_body_pool_unref(pool);
}

static void test_qd_body_new_of_too_much_is_null(void **state) {
  (void)state;
  qd_body_pool *pool = qd_body_pool_new(MIB);
  assert_null(qd_body_new(pool, SIZE_MAX));
  assert_null(qd_body_new(pool, SIZE_MAX / 2 + 1));
  qd_body_pool_unref(pool);
}

static void test_qd_body_new_takes_the_warmest_that_fits(void **state) {
  (void)state;
  qd_body_pool *pool = qd_body_pool_new(8 * MIB);
  qd_body *first = qd_body_new(pool, 400 * KIB);
  qd_body *second = qd_body_new(pool, 400 * KIB);
  qd_body *small = qd_body_new(pool, 100);
  qd_body_unref(first);
  qd_body_unref(second);
  qd_body_unref(small);
  assert_ptr_equal(qd_body_new(pool, 410 * KIB), second);
  assert_ptr_equal(qd_body_new(pool, 390 * KIB), first);
  assert_int_equal(first->n_bytes, 390 * KIB);
  assert_ptr_equal(qd_body_new(pool, 200), small);
  qd_body_unref(first);
  qd_body_unref(second);
  qd_body_unref(small);
  qd_body_pool_unref(pool);
}

static void test_qd_body_new_small_does_not_take_a_large_one(void **state) {
  (void)state;
  qd_body_pool *pool = qd_body_pool_new(8 * MIB);
  qd_body *large = qd_body_new(pool, MIB);
  qd_body_unref(large);
  qd_body *small = qd_body_new(pool, 1000);
  assert_ptr_not_equal(small, large);
  qd_body_unref(small);
  qd_body_pool_unref(pool);
}

static int count_allocations(void *user, size_t n_bytes) {
  (void)n_bytes;
  ++*(size_t *)user;
  return 1;
}

static size_t allocations_for(qd_body_pool *pool, size_t n_bytes) {
  size_t n = 0;
  qd_alloc_set_hook(count_allocations, &n);
  qd_body *body = qd_body_new(pool, n_bytes);
  qd_alloc_set_hook(NULL, NULL);
  qd_body_unref(body);
  return n;
}

static void test_qd_body_unref_beyond_the_limit_drops_the_oldest(void **state) {
  (void)state;
  qd_body_pool *pool = qd_body_pool_new(2 * MIB);
  qd_body *old = qd_body_new(pool, 900 * KIB);
  qd_body *middle = qd_body_new(pool, 300 * KIB);
  qd_body *young = qd_body_new(pool, 1100 * KIB);
  qd_body_unref(old);
  qd_body_unref(middle);
  qd_body_unref(young);
  assert_int_equal(allocations_for(pool, 1100 * KIB), 0);
  assert_int_equal(allocations_for(pool, 300 * KIB), 0);
  assert_int_equal(allocations_for(pool, 800 * KIB), 0); /* the young one fits as well */
  qd_body *holds_young = qd_body_new(pool, 1100 * KIB);
  assert_int_equal(allocations_for(pool, 900 * KIB), 1);
  qd_body_unref(holds_young);
  qd_body_pool_unref(pool);
}

static void test_qd_body_unref_of_one_above_the_limit_keeps_nothing(void **state) {
  (void)state;
  qd_body_pool *pool = qd_body_pool_new(MIB);
  assert_int_equal(allocations_for(pool, 2 * MIB), 1);
  assert_int_equal(allocations_for(pool, 2 * MIB), 1);
  qd_body_pool_unref(pool);
}

static void test_qd_body_lives_until_its_last_reference_beyond_the_pools_owner(void **state) {
  (void)state;
  qd_body_pool *pool = qd_body_pool_new(MIB);
  qd_body *body = qd_body_new(pool, 10);
  assert_ptr_equal(qd_body_pool_ref(pool), pool);
  qd_body_pool_unref(pool);
  qd_body_pool_unref(pool);
  assert_ptr_equal(qd_body_ref(body), body);
  qd_body_unref(body);
  memcpy(body->bytes, "0123456789", 10);
  qd_body_unref(body);
  qd_body_unref(NULL);
  qd_body_pool_unref(NULL);
}

static void *make_and_drop(void *pool) {
  for (size_t i = 0; i < 2000; i++) {
    size_t n_bytes = 1 + i * 37 % 20000;
    qd_body *body = qd_body_new(pool, n_bytes);
    memset(body->bytes, (int)i, n_bytes);
    qd_body_unref(qd_body_ref(body));
    qd_body_unref(body);
  }
  return NULL;
}

static void test_qd_body_pool_serves_threads(void **state) {
  (void)state;
  qd_body_pool *pool = qd_body_pool_new(64 * KIB);
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, make_and_drop, pool), 0);
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  qd_body_pool_unref(pool);
}

static qdrant_status use_a_pool(void *user) {
  (void)user;
  qd_body_pool *pool = qd_body_pool_new(MIB);
  if (pool == NULL)
    return QDRANT_NO_MEMORY;
  qd_body *first = qd_body_new(pool, 1000);
  qd_body *second = qd_body_new(pool, 100 * KIB);
  qdrant_status status = first != NULL && second != NULL ? QDRANT_OK : QDRANT_NO_MEMORY;
  qd_body_unref(first);
  qd_body_unref(second);
  qd_body_pool_unref(pool);
  return status;
}

static void test_qd_body_new_without_memory_is_null(void **state) {
  (void)state;
  torture(use_a_pool, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_body_new_has_the_size_asked),
      cmocka_unit_test(test_qd_body_new_of_too_much_is_null),
      cmocka_unit_test(test_qd_body_new_takes_the_warmest_that_fits),
      cmocka_unit_test(test_qd_body_new_small_does_not_take_a_large_one),
      cmocka_unit_test(test_qd_body_unref_beyond_the_limit_drops_the_oldest),
      cmocka_unit_test(test_qd_body_unref_of_one_above_the_limit_keeps_nothing),
      cmocka_unit_test(test_qd_body_lives_until_its_last_reference_beyond_the_pools_owner),
      cmocka_unit_test(test_qd_body_pool_serves_threads),
      cmocka_unit_test(test_qd_body_new_without_memory_is_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
