#include "core/alloc.h"
#include "core/arena.h"
#include "tests/support/torture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_qd_arena_alloc_is_aligned_and_apart(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(64);
  unsigned char *blocks[200];
  for (size_t i = 0; i < 200; i++) {
    blocks[i] = qd_arena_alloc(arena, i);
    assert_non_null(blocks[i]);
    assert_int_equal((uintptr_t)blocks[i] % 16, 0);
    memset(blocks[i], (int)i, i);
  }
  for (size_t i = 0; i < 200; i++)
    for (size_t j = 0; j < i; j++)
      assert_int_equal(blocks[i][j], i);
  qd_arena_free(arena);
}

static void test_qd_arena_alloc_of_too_much_is_null_and_remembered(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  assert_false(qd_arena_has_failed(arena));
  assert_null(qd_arena_alloc(arena, SIZE_MAX));
  assert_true(qd_arena_has_failed(arena));
  qd_arena_reset(arena);
  assert_false(qd_arena_has_failed(arena));
  assert_null(qd_arena_strndup(arena, "", SIZE_MAX));
  qd_arena_free(arena);
}

static int count_blocks(void *user, size_t n_bytes) {
  (void)n_bytes;
  ++*(size_t *)user;
  return 1;
}

static size_t blocks_for_round(qd_arena *arena, size_t n_bytes) {
  size_t n_blocks = 0;
  qd_alloc_set_hook(count_blocks, &n_blocks);
  for (size_t done = 0; done < n_bytes; done += 1024)
    assert_non_null(qd_arena_alloc(arena, 1024));
  qd_alloc_set_hook(NULL, NULL);
  qd_arena_reset(arena);
  return n_blocks;
}

static void test_qd_arena_rounds_of_one_size_come_to_need_no_new_block(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  assert_true(blocks_for_round(arena, 10 << 20) > 5);
  assert_int_equal(blocks_for_round(arena, 10 << 20), 1);
  assert_int_equal(blocks_for_round(arena, 10 << 20), 0);
  assert_int_equal(blocks_for_round(arena, 1 << 20), 0);
  qd_arena_free(arena);
}

static void test_qd_arena_alloc_of_a_large_block_leaves_the_current_one_in_use(void **state) {
  (void)state;
  size_t n_blocks = 0;
  qd_arena *arena = qd_arena_new(4096);
  qd_alloc_set_hook(count_blocks, &n_blocks);
  char *before = qd_arena_alloc(arena, 64);
  qd_arena_alloc(arena, 1 << 20);
  char *after = qd_arena_alloc(arena, 64);
  qd_alloc_set_hook(NULL, NULL);
  assert_int_equal(n_blocks, 2);
  assert_ptr_equal(after, before + 64);
  qd_arena_free(arena);
}

static void test_qd_arena_allocator_unpacks_a_message(void **state) {
  (void)state;
  const uint8_t bytes[] = {0x0a, 3, 'a', 'b', 'c'};
  qd_arena *arena = qd_arena_new(0);
  Qdrant__CountPoints *request = (Qdrant__CountPoints *)protobuf_c_message_unpack(
      &qdrant__count_points__descriptor, qd_arena_allocator(arena), 5, bytes);
  assert_non_null(request);
  assert_string_equal(request->collection_name, "abc");
  qd_arena_free(arena);
}

static void test_qdrant_arena_gives_zeroed_memory_and_copies_text(void **state) {
  (void)state;
  qdrant_arena *arena = qdrant_arena_new();
  unsigned char *first = qdrant_arena_alloc(arena, 100);
  memset(first, 0xFF, 100);
  qdrant_arena_reset(arena);
  unsigned char *again = qdrant_arena_alloc(arena, 100);
  assert_ptr_equal(again, first);
  for (size_t i = 0; i < 100; i++)
    assert_int_equal(again[i], 0);
  assert_string_equal(qdrant_arena_strdup(arena, "payload"), "payload");
  qdrant_arena_free(arena);
}

static void test_qdrant_arena_takes_null(void **state) {
  (void)state;
  qdrant_arena *arena = qdrant_arena_new();
  assert_null(qdrant_arena_alloc(NULL, 1));
  assert_null(qdrant_arena_strdup(NULL, "x"));
  assert_null(qdrant_arena_strdup(arena, NULL));
  qdrant_arena_reset(NULL);
  qdrant_arena_free(NULL);
  qdrant_arena_free(arena);
}

static void test_qd_arena_pool_gives_the_warmest_first(void **state) {
  (void)state;
  qd_arena_pool *pool = qd_arena_pool_new(2, 1 << 20);
  qd_arena *first = qd_arena_pool_take(pool);
  qd_arena *second = qd_arena_pool_take(pool);
  assert_ptr_not_equal(first, second);
  qd_arena_alloc(second, 100);
  qd_arena_pool_give(pool, first);
  qd_arena_pool_give(pool, second);
  assert_ptr_equal(qd_arena_pool_take(pool), second);
  assert_ptr_equal(qd_arena_pool_take(pool), first);
  qd_arena_free(first);
  qd_arena_free(second);
  qd_arena_pool_give(pool, NULL);
  qd_arena_pool_unref(pool);
}

static size_t blocks_of_next_take(qd_arena_pool *pool) {
  size_t n_blocks = 0;
  qd_alloc_set_hook(count_blocks, &n_blocks);
  qd_arena *arena = qd_arena_pool_take(pool);
  qd_alloc_set_hook(NULL, NULL);
  qd_arena_free(arena);
  return n_blocks;
}

static void test_qd_arena_pool_keeps_neither_too_many_nor_too_large(void **state) {
  (void)state;
  qd_arena_pool *pool = qd_arena_pool_new(1, 1 << 20);
  qd_arena *large = qd_arena_pool_take(pool);
  qd_arena_alloc(large, (1 << 20) + 16);
  qd_arena_pool_give(pool, large);
  assert_int_equal(blocks_of_next_take(pool), 1);
  qd_arena *kept = qd_arena_pool_take(pool);
  qd_arena *dropped = qd_arena_pool_take(pool);
  qd_arena_pool_give(pool, kept);
  qd_arena_pool_give(pool, dropped);
  assert_int_equal(blocks_of_next_take(pool), 0);
  assert_int_equal(blocks_of_next_take(pool), 1);
  qd_arena_pool_unref(pool);
}

static void test_qd_arena_pool_lives_until_its_last_reference(void **state) {
  (void)state;
  qd_arena_pool *pool = qd_arena_pool_new(4, 1 << 20);
  assert_ptr_equal(qd_arena_pool_ref(pool), pool);
  qd_arena *arena = qd_arena_pool_take(pool);
  qd_arena_pool_unref(pool);
  qd_arena_pool_give(pool, arena);
  qd_arena_pool_unref(pool);
  qd_arena_pool_unref(NULL);
}

static void *take_and_give(void *pool) {
  for (int i = 0; i < 2000; i++) {
    qd_arena *arena = qd_arena_pool_take(pool);
    memset(qd_arena_alloc(arena, 1000), i, 1000);
    qd_arena_pool_give(pool, arena);
  }
  return NULL;
}

static void test_qd_arena_pool_serves_threads(void **state) {
  (void)state;
  qd_arena_pool *pool = qd_arena_pool_new(2, 1 << 20);
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, pool), 0);
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  qd_arena_pool_unref(pool);
}

static qdrant_status use_a_pool(void *user) {
  (void)user;
  qd_arena_pool *pool = qd_arena_pool_new(2, 1 << 20);
  qd_arena *arena = pool == NULL ? NULL : qd_arena_pool_take(pool);
  int is_fine = arena != NULL && qd_arena_alloc(arena, 3000) != NULL && qd_arena_zalloc(arena, 3000) != NULL &&
                qd_arena_alloc(arena, 3 << 20) != NULL && qd_arena_strndup(arena, "abc", 3) != NULL;
  if (arena != NULL)
    assert_int_equal(qd_arena_has_failed(arena), !is_fine);
  if (pool != NULL)
    qd_arena_pool_give(pool, arena);
  qd_arena_pool_unref(pool);
  return is_fine ? QDRANT_OK : QDRANT_NO_MEMORY;
}

static void test_qd_arena_pool_without_memory_says_so(void **state) {
  (void)state;
  torture(use_a_pool, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_arena_alloc_is_aligned_and_apart),
      cmocka_unit_test(test_qd_arena_alloc_of_too_much_is_null_and_remembered),
      cmocka_unit_test(test_qd_arena_rounds_of_one_size_come_to_need_no_new_block),
      cmocka_unit_test(test_qd_arena_alloc_of_a_large_block_leaves_the_current_one_in_use),
      cmocka_unit_test(test_qd_arena_allocator_unpacks_a_message),
      cmocka_unit_test(test_qdrant_arena_gives_zeroed_memory_and_copies_text),
      cmocka_unit_test(test_qdrant_arena_takes_null),
      cmocka_unit_test(test_qd_arena_pool_gives_the_warmest_first),
      cmocka_unit_test(test_qd_arena_pool_keeps_neither_too_many_nor_too_large),
      cmocka_unit_test(test_qd_arena_pool_lives_until_its_last_reference),
      cmocka_unit_test(test_qd_arena_pool_serves_threads),
      cmocka_unit_test(test_qd_arena_pool_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
