#include "memory/postings.h"
#include "tests/support/torture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N_SLOTS = 512, N_WORDS = N_SLOTS / 64, N_INDICES = 40, N_OF_VECTOR = 5, N_STEPS = 60000 };

/* The vectors as they are, beside the postings. */
typedef struct model {
  qd_postings *postings;
  uint32_t indices[N_SLOTS][N_OF_VECTOR];
  size_t n[N_SLOTS];
} model;

static int setup(void **state) {
  model *of = calloc(1, sizeof *of);
  if (of == NULL)
    return -1;
  *state = of;
  of->postings = qd_postings_new();
  return of->postings != NULL ? 0 : -1;
}

static int teardown(void **state) {
  model *of = *state;
  qd_postings_free(of->postings);
  free(of);
  return 0;
}

static int find_indices(const void *user, size_t slot, const uint32_t **indices, size_t *n) {
  const model *of = user;
  *indices = of->indices[slot];
  *n = of->n[slot];
  return *n > 0;
}

static void clear(model *of, size_t slot) {
  qd_postings_forget(of->postings, of->n[slot]);
  of->n[slot] = 0;
}

/* Ascending indices, spread wide, so that lists are many and of very different lengths. */
static void put(model *of, size_t slot) {
  clear(of, slot);
  of->n[slot] = (size_t)random() % N_OF_VECTOR + 1;
  uint32_t index = 0;
  for (size_t i = 0; i < of->n[slot]; i++) {
    index += (uint32_t)random() % (N_INDICES / N_OF_VECTOR) + 1;
    of->indices[slot][i] = index * 0x01000001U;
  }
  assert_true(qd_postings_add(of->postings, (uint32_t)slot, of->indices[slot], of->n[slot]));
  assert_true(qd_postings_tidy(of->postings, N_SLOTS, find_indices, of));
}

static int has_index(const model *of, size_t slot, uint32_t index) {
  for (size_t i = 0; i < of->n[slot]; i++)
    if (of->indices[slot][i] == index)
      return 1;
  return 0;
}

/* Every slot with the index is marked; says how many are marked without having it. */
static size_t check_index(const model *of, uint32_t index) {
  uint64_t is_marked[N_WORDS] = {0};
  size_t n_needless = 0;
  qd_postings_mark(of->postings, &index, 1, N_SLOTS, is_marked);
  for (size_t slot = 0; slot < N_SLOTS; slot++) {
    int is_there = (int)(is_marked[slot / 64] >> slot % 64 & 1);
    assert_true(is_there || !has_index(of, slot, index));
    n_needless += is_there && !has_index(of, slot, index);
  }
  return n_needless;
}

static void test_mark_finds_every_slot_that_has_an_index(void **state) {
  model *of = *state;
  srandom(5);
  for (size_t step = 0; step < N_STEPS; step++) {
    size_t slot = (size_t)random() % N_SLOTS;
    if (random() % 4 == 0)
      clear(of, slot);
    else
      put(of, slot);
    if (step % 500 == 0)
      for (uint32_t i = 0; i < N_INDICES; i++)
        check_index(of, i * 0x01000001U);
  }
}

static void test_mark_right_after_puts_marks_nothing_else(void **state) {
  model *of = *state;
  for (size_t slot = 0; slot < N_SLOTS; slot++)
    put(of, slot);
  for (uint32_t i = 0; i < N_INDICES; i++)
    assert_int_equal(check_index(of, i * 0x01000001U), 0);
}

/* One slot is written over so often that its old vectors would be marked for every index. */
static void test_tidy_drops_what_is_forgotten(void **state) {
  model *of = *state;
  for (size_t slot = 0; slot < N_SLOTS; slot++)
    put(of, slot);
  for (size_t i = 0; i < N_STEPS; i++)
    put(of, i % N_SLOTS);
  size_t n_before = 0;
  for (uint32_t i = 0; i < N_INDICES; i++)
    n_before += check_index(of, i * 0x01000001U);
  for (size_t slot = 0; slot < N_SLOTS; slot++)
    clear(of, slot);
  for (size_t i = 0; i < N_STEPS; i++)
    put(of, i % 2);
  size_t n_after = 0;
  for (uint32_t i = 0; i < N_INDICES; i++)
    n_after += check_index(of, i * 0x01000001U);
  assert_true(n_before > 1000);
  assert_true(n_after < 2 * N_INDICES);
}

static void test_mark_beyond_the_views_slots_leaves_them_out(void **state) {
  model *of = *state;
  uint32_t index = 7;
  uint64_t is_marked[1] = {0};
  for (uint32_t slot = 60; slot < 70; slot++)
    assert_true(qd_postings_add(of->postings, slot, &index, 1));
  qd_postings_mark(of->postings, &index, 1, 64, is_marked);
  assert_true(is_marked[0] == UINT64_C(0xf) << 60);
}

static void *mark_on_and_on(void *user) {
  uint64_t is_marked[N_WORDS];
  model *of = user;
  uint32_t indices[N_INDICES];
  for (uint32_t i = 0; i < N_INDICES; i++)
    indices[i] = i * 0x01000001U;
  size_t n_failed = 0;
  for (size_t round = 0; round < 300; round++) {
    memset(is_marked, 0, sizeof is_marked);
    qd_postings_mark(of->postings, indices, N_INDICES, N_SLOTS, is_marked);
    n_failed += (is_marked[0] & 1) == 0;
  }
  return n_failed > 0 ? user : NULL;
}

static void test_mark_while_written_finds_what_was_there(void **state) {
  model *of = *state;
  pthread_t readers[2];
  void *failed;
  put(of, 0);
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(pthread_create(&readers[i], NULL, mark_on_and_on, of), 0);
  for (size_t i = 0; i < N_STEPS; i++)
    put(of, 1 + i % (N_SLOTS - 1));
  for (size_t i = 0; i < 2; i++) {
    pthread_join(readers[i], &failed);
    assert_null(failed);
  }
}

static qdrant_status fill(void *user) {
  qd_postings *postings = qd_postings_new();
  (void)user;
  if (postings == NULL)
    return QDRANT_NO_MEMORY;
  int is_added = 1;
  for (uint32_t i = 0; i < 200 && is_added; i++)
    is_added = qd_postings_add(postings, i, &i, 1);
  qd_postings_free(postings);
  return is_added ? QDRANT_OK : QDRANT_NO_MEMORY;
}

static void test_add_without_memory_says_so(void **state) {
  (void)state;
  torture(fill, NULL);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_mark_finds_every_slot_that_has_an_index),
      QD_TEST(test_mark_right_after_puts_marks_nothing_else),
      QD_TEST(test_tidy_drops_what_is_forgotten),
      QD_TEST(test_mark_beyond_the_views_slots_leaves_them_out),
      QD_TEST(test_mark_while_written_finds_what_was_there),
      cmocka_unit_test(test_add_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
