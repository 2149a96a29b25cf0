#include "memory/id_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N_SLOTS = 500, N_STEPS = 20000 };

/* A tree beside a plain table that says which slots are in it. */
typedef struct model {
  qd_id_tree tree;
  qd_id ids[N_SLOTS];
  uint8_t is_in[N_SLOTS];
} model;

static int setup(void **state) {
  model *of = calloc(1, sizeof *of);
  if (of == NULL)
    return -1;
  *state = of;
  qd_id_tree_init(&of->tree);
  return qd_id_tree_reserve(&of->tree, N_SLOTS) ? 0 : -1;
}

static int teardown(void **state) {
  model *of = *state;
  qd_id_tree_free(&of->tree);
  free(of);
  return 0;
}

static int has_id(const model *of, const qd_id *id) {
  for (size_t slot = 0; slot < N_SLOTS; slot++)
    if (of->is_in[slot] && qd_id_compare(&of->ids[slot], id) == 0)
      return 1;
  return 0;
}

/* Few different ids, so that finding and not finding both happen. */
static qd_id random_id(void) {
  qd_id id = {.low = (uint64_t)random() % 700, .is_uuid = random() % 2 == 0};
  if (id.is_uuid)
    id.high = UINT64_MAX - (uint64_t)random() % 2;
  return id;
}

static void check_order(const model *of, size_t n_in) {
  size_t n = 0;
  uint32_t before = QD_NO_SLOT;
  for (uint32_t slot = qd_id_tree_first(&of->tree, NULL); slot != QD_NO_SLOT; slot = qd_id_tree_next(&of->tree, slot)) {
    assert_true(of->is_in[slot]);
    if (before != QD_NO_SLOT)
      assert_true(qd_id_compare(&of->ids[before], &of->ids[slot]) < 0);
    before = slot;
    n++;
  }
  assert_int_equal(n, n_in);
}

static void test_tree_random_changes_stays_in_order(void **state) {
  model *of = *state;
  size_t n_in = 0;
  srandom(3);
  for (size_t step = 0; step < N_STEPS; step++) {
    uint32_t slot = (uint32_t)random() % N_SLOTS;
    qd_id id = random_id();
    assert_int_equal(qd_id_tree_find(&of->tree, &id) != QD_NO_SLOT, has_id(of, &id));
    if (of->is_in[slot]) {
      qd_id_tree_remove(&of->tree, slot);
      of->is_in[slot] = 0;
      n_in--;
    } else if (!has_id(of, &id)) {
      of->ids[slot] = id;
      qd_id_tree_set_id(&of->tree, slot, &id);
      qd_id_tree_insert(&of->tree, slot);
      of->is_in[slot] = 1;
      n_in++;
    }
    if (step % 500 == 0)
      check_order(of, n_in);
  }
  check_order(of, n_in);
}

static void test_first_from_an_id_is_the_next_at_or_above(void **state) {
  model *of = *state;
  qd_id between = {.low = 15};
  qd_id equal = {.low = 20};
  qd_id above = {.low = 31};
  for (uint32_t slot = 0; slot < 3; slot++) {
    qd_id id = {.low = 10 + 10 * slot};
    qd_id_tree_set_id(&of->tree, slot, &id);
    qd_id_tree_insert(&of->tree, slot);
  }
  assert_int_equal(qd_id_tree_first(&of->tree, &between), 1);
  assert_int_equal(qd_id_tree_first(&of->tree, &equal), 1);
  assert_int_equal(qd_id_tree_first(&of->tree, &above), QD_NO_SLOT);
  assert_int_equal(qd_id_tree_first(&of->tree, NULL), 0);
}

static void test_empty_tree_has_nothing(void **state) {
  model *of = *state;
  qd_id id = {0};
  assert_int_equal(qd_id_tree_first(&of->tree, NULL), QD_NO_SLOT);
  assert_int_equal(qd_id_tree_find(&of->tree, &id), QD_NO_SLOT);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_tree_random_changes_stays_in_order),
      QD_TEST(test_first_from_an_id_is_the_next_at_or_above),
      QD_TEST(test_empty_tree_has_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
