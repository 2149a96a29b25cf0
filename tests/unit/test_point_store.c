#include "core/alloc.h"
#include "memory/view.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N_IDS = 150, N_VIEWS = 5, N_STEPS = 10000, ABSENT = 0 };

/* What a view should show: of each id the number that its payload and its vectors have, or ABSENT. */
typedef struct expected {
  size_t n_points;
  size_t numbers[N_IDS];
} expected;

typedef struct fixture {
  qd_point_store store;
  qd_vector_field *dense;
  qd_vector_field *sparse;
  expected now;
  qd_view views[N_VIEWS];
  expected seen[N_VIEWS];
  int is_open[N_VIEWS];
} fixture;

static qdrant_status make_fields(qd_field_list *fields) {
  Qdrant__VectorParams params = QDRANT__VECTOR_PARAMS__INIT;
  qd_vector_field *field;
  params.size = 2;
  params.has_distance = 1;
  params.distance = QDRANT__DISTANCE__Dot;
  if (qd_vector_field_new_dense("d", &params, &field, NULL) != QDRANT_OK)
    return QDRANT_NO_MEMORY;
  qd_field_list_add(fields, field);
  if (qd_vector_field_new_sparse("s", NULL, &field, NULL) != QDRANT_OK)
    return QDRANT_NO_MEMORY;
  qd_field_list_add(fields, field);
  return QDRANT_OK;
}

static qdrant_status make_store(qd_point_store *store) {
  qd_field_list *fields = qd_field_list_new(2);
  if (fields != NULL && make_fields(fields) == QDRANT_OK && qd_point_store_init(store, fields))
    return QDRANT_OK;
  qd_field_list_unref(fields);
  return QDRANT_NO_MEMORY;
}

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  if (f == NULL || make_store(&f->store) != QDRANT_OK)
    return -1;
  f->dense = f->store.fields->items[0];
  f->sparse = f->store.fields->items[1];
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  for (size_t i = 0; i < N_VIEWS; i++)
    if (f->is_open[i])
      qd_view_end(&f->views[i]);
  qd_point_store_free(&f->store);
  free(f);
  return 0;
}

/* Nothing looks into the payload, so that its number of fields can tell payloads apart. */
static Qdrant__Struct *payload_of(size_t number) {
  Qdrant__Struct *payload = qd_zalloc(sizeof *payload);
  assert_non_null(payload);
  payload->n_fields = number;
  return payload;
}

static void put_vectors(fixture *f, uint32_t slot, size_t number) {
  float row[2] = {(float)number, -(float)number};
  uint32_t index = (uint32_t)number;
  qd_vector sparse = {.kind = QDRANT_SPARSE, .n = 1, .values = row, .indices = &index};
  qd_vector_block *block = qd_vector_block_new(f->sparse, &sparse);
  assert_non_null(block);
  qd_vector_field_put_dense(f->dense, slot, row);
  qd_vector_field_put_block(f->sparse, slot, block);
}

static qd_id id_of(size_t number) {
  return (qd_id){.low = number};
}

static void put_point(fixture *f, size_t id_number, size_t number) {
  qd_id id = id_of(id_number);
  assert_true(qd_point_store_reserve(&f->store, 1));
  uint32_t slot = qd_point_store_add(&f->store, &id, number);
  put_vectors(f, slot, number);
  qd_point_store_put_payload(&f->store, slot, payload_of(number));
  f->now.n_points += f->now.numbers[id_number] == ABSENT;
  f->now.numbers[id_number] = number;
}

static uint32_t find_now(fixture *f, size_t id_number) {
  qd_view view = qd_view_of_writer(&f->store);
  qd_id id = id_of(id_number);
  return qd_view_find(&view, &id);
}

/* First the vectors, then the payload: between the two edits versions share the one or the other. */
static void edit_point(fixture *f, size_t id_number, size_t number) {
  assert_true(qd_point_store_reserve(&f->store, 1));
  uint32_t slot = qd_point_store_edit(&f->store, find_now(f, id_number), number);
  put_vectors(f, slot, number);
  slot = qd_point_store_edit(&f->store, slot, number);
  qd_point_store_put_payload(&f->store, slot, payload_of(number));
  f->now.numbers[id_number] = number;
}

static void remove_point(fixture *f, size_t id_number) {
  qd_point_store_remove(&f->store, find_now(f, id_number));
  f->now.numbers[id_number] = ABSENT;
  f->now.n_points--;
}

static void commit(fixture *f) {
  qd_point_store_commit(&f->store);
  qd_point_store_reclaim(&f->store);
}

static void open_view(fixture *f, size_t at) {
  qd_view_begin(&f->views[at], &f->store);
  f->seen[at] = f->now;
  f->is_open[at] = 1;
}

static void close_view(fixture *f, size_t at) {
  if (qd_view_end(&f->views[at]))
    qd_point_store_reclaim(&f->store);
  f->is_open[at] = 0;
}

static void check_point(const fixture *f, const qd_view *view, uint32_t slot, size_t number) {
  assert_true(qd_view_has(view, slot));
  assert_int_equal(qd_view_version(view, slot), number);
  assert_int_equal(qd_view_payload(view, slot)->n_fields, number);
  assert_true(qd_vector_field_has(f->dense, slot) && qd_vector_field_has(f->sparse, slot));
  assert_true(qd_vector_field_get(f->dense, slot).values[0] == (float)number);
  assert_int_equal(qd_vector_field_get(f->sparse, slot).indices[0], number);
}

static size_t count_bits(const qd_view *view) {
  size_t n = 0;
  for (size_t first = 0; first < view->n_slots; first += QD_RUN_SLOTS)
    n += (size_t)__builtin_popcountll(qd_view_run(view, first / QD_RUN_SLOTS));
  return n;
}

/* By ids, in order, and by slots. */
static void check_view(const fixture *f, const qd_view *view, const expected *seen) {
  uint32_t in_order = qd_view_first(view, NULL);
  assert_int_equal(view->n_points, seen->n_points);
  for (size_t i = 0; i < N_IDS; i++) {
    qd_id id = id_of(i);
    uint32_t slot = qd_view_find(view, &id);
    if (seen->numbers[i] == ABSENT) {
      assert_int_equal(slot, QD_NO_SLOT);
      continue;
    }
    check_point(f, view, slot, seen->numbers[i]);
    assert_int_equal(qd_view_run(view, slot / QD_RUN_SLOTS) >> slot % QD_RUN_SLOTS & 1, 1);
    assert_int_equal(in_order, slot);
    in_order = qd_view_next(view, in_order);
  }
  assert_int_equal(in_order, QD_NO_SLOT);
  assert_int_equal(count_bits(view), seen->n_points);
}

static void change_something(fixture *f, size_t number) {
  size_t id = (size_t)random() % N_IDS;
  int choice = (int)(random() % 4);
  if (f->now.numbers[id] == ABSENT || choice == 0)
    put_point(f, id, number);
  else if (choice == 1)
    remove_point(f, id);
  else
    edit_point(f, id, number);
}

static void test_views_of_many_ages_each_show_their_own_moment(void **state) {
  fixture *f = *state;
  srandom(7);
  for (size_t step = 1; step <= N_STEPS; step++) {
    change_something(f, step);
    if (random() % 3 != 0)
      continue;
    commit(f);
    size_t at = (size_t)random() % N_VIEWS;
    if (!f->is_open[at]) {
      open_view(f, at);
    } else if (random() % 4 == 0) {
      check_view(f, &f->views[at], &f->seen[at]);
      close_view(f, at);
    }
  }
  assert_true(f->store.capacity < QD_FIRST_CHUNK_SLOTS * 64);
}

static void test_write_before_commit_only_the_writer_sees_it(void **state) {
  fixture *f = *state;
  put_point(f, 1, 10);
  commit(f);
  expected before = f->now;
  put_point(f, 2, 20);
  edit_point(f, 1, 11);
  open_view(f, 0);
  check_view(f, &f->views[0], &before);
  qd_view writer = qd_view_of_writer(&f->store);
  check_view(f, &writer, &f->now);
  commit(f);
  check_view(f, &f->views[0], &before);
  open_view(f, 1);
  check_view(f, &f->views[1], &f->now);
}

static void test_point_removed_and_put_again_each_view_sees_its_own(void **state) {
  fixture *f = *state;
  put_point(f, 1, 10);
  commit(f);
  open_view(f, 0);
  remove_point(f, 1);
  commit(f);
  open_view(f, 1);
  put_point(f, 1, 12);
  commit(f);
  open_view(f, 2);
  for (size_t i = 0; i < 3; i++)
    check_view(f, &f->views[i], &f->seen[i]);
  close_view(f, 0);
  close_view(f, 1);
  check_view(f, &f->views[2], &f->seen[2]);
}

static void test_point_put_and_removed_in_one_write_never_shown(void **state) {
  fixture *f = *state;
  put_point(f, 1, 10);
  remove_point(f, 1);
  put_point(f, 1, 11);
  put_point(f, 1, 12);
  commit(f);
  open_view(f, 0);
  check_view(f, &f->views[0], &f->now);
}

static void test_points_written_over_without_readers_use_two_slots_each(void **state) {
  fixture *f = *state;
  for (size_t round = 1; round <= 1000; round++) {
    for (size_t id = 0; id < 30; id++)
      put_point(f, id, round);
    commit(f);
  }
  assert_int_equal(f->store.n_slots, 60);
}

static void test_write_of_very_many_points_needs_room_for_a_part(void **state) {
  enum { N_MANY = 100000 };
  fixture *f = *state;
  assert_true(qd_point_store_reserve(&f->store, N_MANY));
  for (size_t i = 0; i < N_MANY; i++) {
    qd_id id = id_of(i);
    qd_point_store_add(&f->store, &id, 1);
  }
  commit(f);
  size_t n_slots = f->store.n_slots;
  assert_true(qd_point_store_reserve_many(&f->store, n_slots));
  for (uint32_t slot = 0; slot < n_slots; slot++) {
    assert_true(qd_point_store_reserve_next(&f->store));
    qd_point_store_edit(&f->store, slot, 2);
  }
  commit(f);
  qd_view view = qd_view_of_writer(&f->store);
  assert_int_equal(view.n_points, N_MANY);
  for (uint32_t slot = qd_view_first(&view, NULL); slot != QD_NO_SLOT; slot = qd_view_next(&view, slot))
    assert_int_equal(qd_view_version(&view, slot), 2);
  assert_true(f->store.n_slots < n_slots + n_slots / 2);
}

static void test_slots_are_used_again_once_the_last_view_ends(void **state) {
  fixture *f = *state;
  put_point(f, 1, 1);
  commit(f);
  open_view(f, 0);
  open_view(f, 1);
  for (size_t round = 2; round <= 50; round++) {
    put_point(f, 1, round);
    commit(f);
  }
  assert_int_equal(f->store.n_slots, 50);
  close_view(f, 1);
  assert_int_equal(f->store.n_free, 0);
  check_view(f, &f->views[0], &f->seen[0]);
  close_view(f, 0);
  assert_int_equal(f->store.n_free, 49);
}

static void test_field_taken_away_stays_for_views_that_have_it(void **state) {
  fixture *f = *state;
  qd_vector_field *added;
  put_point(f, 1, 10);
  commit(f);
  open_view(f, 0);
  assert_true(qd_point_store_remove_field(&f->store, f->sparse));
  assert_int_equal(qd_vector_field_new_sparse("new", NULL, &added, NULL), QDRANT_OK);
  assert_true(qd_point_store_add_field(&f->store, added));
  commit(f);
  check_view(f, &f->views[0], &f->seen[0]);
  assert_ptr_equal(qd_view_field(&f->views[0], "s"), f->sparse);
  assert_null(qd_view_field(&f->views[0], "new"));
  open_view(f, 1);
  assert_null(qd_view_field(&f->views[1], "s"));
  assert_ptr_equal(qd_view_field(&f->views[1], "new"), added);
  assert_false(qd_vector_field_has(added, qd_view_first(&f->views[1], NULL)));
}

static qdrant_status make_and_fill(void *user) {
  qd_point_store store;
  qd_vector_field *added = NULL;
  (void)user;
  qdrant_status status = make_store(&store);
  if (status != QDRANT_OK)
    return status;
  if (qd_vector_field_new_sparse("new", NULL, &added, NULL) != QDRANT_OK)
    status = QDRANT_NO_MEMORY;
  else if (!qd_point_store_reserve(&store, 100) || !qd_point_store_add_field(&store, added))
    status = QDRANT_NO_MEMORY;
  else if (!qd_point_store_reserve(&store, 1000) || !qd_point_store_remove_field(&store, store.fields->items[0]))
    status = QDRANT_NO_MEMORY;
  if (added != NULL && !qd_field_list_has(store.fields, added))
    qd_vector_field_unref(added);
  qd_point_store_free(&store);
  return status;
}

static void test_store_without_memory_says_so_and_stays_whole(void **state) {
  (void)state;
  torture(make_and_fill, NULL);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_views_of_many_ages_each_show_their_own_moment),
      QD_TEST(test_write_before_commit_only_the_writer_sees_it),
      QD_TEST(test_point_removed_and_put_again_each_view_sees_its_own),
      QD_TEST(test_point_put_and_removed_in_one_write_never_shown),
      QD_TEST(test_points_written_over_without_readers_use_two_slots_each),
      QD_TEST(test_write_of_very_many_points_needs_room_for_a_part),
      QD_TEST(test_slots_are_used_again_once_the_last_view_ends),
      QD_TEST(test_field_taken_away_stays_for_views_that_have_it),
      cmocka_unit_test(test_store_without_memory_says_so_and_stays_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
