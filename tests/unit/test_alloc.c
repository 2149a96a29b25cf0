#include "core/alloc.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_qd_alloc_of_zero_bytes_is_not_out_of_memory(void **state) {
  (void)state;
  void *blocks[] = {qd_alloc(0), qd_zalloc(0), qd_alloc_array(0, 8), qd_alloc_array(8, 0), qd_realloc(NULL, 0)};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
    assert_non_null(blocks[i]);
    qd_free(blocks[i]);
  }
}

static void test_qd_zalloc_is_zeroed(void **state) {
  (void)state;
  unsigned char *block = qd_zalloc(4096);
  assert_non_null(block);
  for (size_t i = 0; i < 4096; i++)
    assert_int_equal(block[i], 0);
  qd_free(block);
}

static void test_qd_alloc_array_that_overflows_is_null(void **state) {
  (void)state;
  assert_null(qd_alloc_array(SIZE_MAX / 8 + 1, 8));
  assert_null(qd_alloc_array(SIZE_MAX, SIZE_MAX));
}

static void test_qd_strndup_copies_bytes_and_ends_them(void **state) {
  (void)state;
  char *whole = qd_strdup("point");
  char *part = qd_strndup("a\0bc", 3);
  char *empty = qd_strndup(NULL, 0);
  assert_string_equal(whole, "point");
  assert_memory_equal(part, "a\0b", 4);
  assert_string_equal(empty, "");
  assert_null(qd_strndup("", SIZE_MAX));
  qd_free(whole);
  qd_free(part);
  qd_free(empty);
}

static void test_qd_realloc_keeps_the_content_and_the_block_when_it_fails(void **state) {
  (void)state;
  char *block = qd_strdup("kept");
  torture_start(0, SIZE_MAX);
  void *failed = qd_realloc(block, 1 << 20);
  assert_int_equal(torture_stop(), 1);
  assert_null(failed);
  assert_string_equal(block, "kept");
  char *grown = qd_realloc(block, 1 << 20);
  assert_string_equal(grown, "kept");
  qd_free(grown);
}

static int refuse_large(void *user, size_t n_bytes) {
  *(size_t *)user += n_bytes;
  return n_bytes < 100;
}

static void test_qd_alloc_set_hook_is_asked_before_each_allocation(void **state) {
  (void)state;
  size_t n_asked_bytes = 0;
  qd_alloc_set_hook(refuse_large, &n_asked_bytes);
  void *small = qd_alloc(10);
  void *large = qd_alloc(100);
  void *zeroed = qd_zalloc(200);
  char *copy = qd_strdup("four");
  qd_alloc_set_hook(NULL, NULL);
  assert_non_null(small);
  assert_null(large);
  assert_null(zeroed);
  assert_non_null(copy);
  assert_int_equal(n_asked_bytes, 10 + 100 + 200 + 5);
  large = qd_alloc(100);
  assert_non_null(large);
  qd_free(small);
  qd_free(large);
  qd_free(copy);
}

static qdrant_status allocate_twice(void *user) {
  (void)user;
  void *first = qd_alloc(1);
  void *second = qd_strdup("x");
  qdrant_status status = first != NULL && second != NULL ? QDRANT_OK : QDRANT_NO_MEMORY;
  qd_free(first);
  qd_free(second);
  return status;
}

static void test_torture_fails_each_allocation_in_turn(void **state) {
  (void)state;
  torture(allocate_twice, NULL);
  torture_start(1, 1);
  assert_int_equal(allocate_twice(NULL), QDRANT_NO_MEMORY);
  assert_int_equal(torture_stop(), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_alloc_of_zero_bytes_is_not_out_of_memory),
      cmocka_unit_test(test_qd_zalloc_is_zeroed),
      cmocka_unit_test(test_qd_alloc_array_that_overflows_is_null),
      cmocka_unit_test(test_qd_strndup_copies_bytes_and_ends_them),
      cmocka_unit_test(test_qd_realloc_keeps_the_content_and_the_block_when_it_fails),
      cmocka_unit_test(test_qd_alloc_set_hook_is_asked_before_each_allocation),
      cmocka_unit_test(test_torture_fails_each_allocation_in_turn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
