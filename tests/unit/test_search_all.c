#include "core/arena.h"
#include "memory/search.h"
#include "tests/support/torture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* More than two pieces' worth of comparisons for each kind of field. */
enum { N_POINTS = 3000, DIM = 16, N_SEARCHES = 64, LIMIT = 7, N_WEIGHTS = 5, N_INDICES = 50 };

typedef struct fixture {
  qd_point_store store;
  qd_helpers *helpers;
  qd_arena *arena;
  qd_search searches[N_SEARCHES];
} fixture;

/* Few different values, so that many scores are equal and the ids decide. */
static float random_value(void) {
  return (float)(random() % 5) - 2;
}

static void put_point(fixture *f, size_t number) {
  qd_id id = {.low = number};
  float row[DIM];
  uint32_t indices[N_WEIGHTS];
  for (size_t i = 0; i < DIM; i++)
    row[i] = random_value();
  for (size_t i = 0; i < N_WEIGHTS; i++)
    indices[i] = (uint32_t)(10 * i) + (uint32_t)random() % 10;
  qd_vector sparse = {.kind = QDRANT_SPARSE, .n = N_WEIGHTS, .values = row, .indices = indices};
  uint32_t slot = qd_point_store_add(&f->store, &id, 1);
  qd_vector_block *block = qd_vector_block_new(f->store.fields->items[1], &sparse);
  assert_non_null(block);
  qd_vector_field_put_dense(f->store.fields->items[0], slot, row);
  qd_vector_field_put_block(f->store.fields->items[1], slot, block);
}

static void fill_store(fixture *f) {
  Qdrant__VectorParams params = QDRANT__VECTOR_PARAMS__INIT;
  qd_vector_field *dense = NULL;
  qd_vector_field *sparse = NULL;
  qd_field_list *fields = qd_field_list_new(2);
  params.size = DIM;
  params.has_distance = 1;
  params.distance = QDRANT__DISTANCE__Dot;
  assert_int_equal(qd_vector_field_new_dense("d", &params, &dense, NULL), QDRANT_OK);
  assert_int_equal(qd_vector_field_new_sparse("s", NULL, &sparse, NULL), QDRANT_OK);
  qd_field_list_add(fields, dense);
  qd_field_list_add(fields, sparse);
  assert_true(qd_point_store_init(&f->store, fields));
  assert_true(qd_point_store_reserve(&f->store, N_POINTS));
  for (size_t i = 0; i < N_POINTS; i++)
    put_point(f, (i * 7919) % N_POINTS);
  qd_point_store_commit(&f->store);
}

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  if (f == NULL)
    return -1;
  *state = f;
  srandom(11);
  f->helpers = qd_helpers_new(3);
  f->arena = qd_arena_new(0);
  fill_store(f);
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  qd_point_store_free(&f->store);
  qd_helpers_free(f->helpers);
  qd_arena_free(f->arena);
  free(f);
  return 0;
}

static void prepare(fixture *f, const qd_view *view, const qd_vector_field *field, unsigned seed) {
  srandom(seed);
  for (size_t i = 0; i < N_SEARCHES; i++) {
    float *values = qd_arena_alloc(f->arena, DIM * sizeof *values);
    uint32_t *indices = qd_arena_alloc(f->arena, N_WEIGHTS * sizeof *indices);
    for (size_t j = 0; j < DIM; j++)
      values[j] = random_value();
    for (size_t j = 0; j < N_WEIGHTS; j++)
      indices[j] = (uint32_t)(10 * j) + (uint32_t)random() % 10;
    f->searches[i] = (qd_search){.field = field, .excluded = QD_NO_SLOT};
    f->searches[i].vector = (qd_vector){.kind = field->kind,
        .n = field->kind == QDRANT_SPARSE ? N_WEIGHTS : 1,
        .dim = DIM,
        .values = values,
        .indices = indices};
    assert_true(qd_top_init(&f->searches[i].top, LIMIT, view, f->arena));
  }
}

/* Alone, with helpers, and once sparse vectors are posted. */
static void compare_ways(fixture *f, const qd_vector_field *field) {
  qd_view view;
  qd_hit alone[N_SEARCHES][LIMIT];
  qd_view_begin(&view, &f->store);
  prepare(f, &view, field, 1);
  assert_int_equal(qd_search_all(&view, f->searches, N_SEARCHES, INT64_MAX, NULL), QDRANT_OK);
  for (size_t i = 0; i < N_SEARCHES; i++) {
    assert_int_equal(f->searches[i].top.n, LIMIT);
    memcpy(alone[i], f->searches[i].top.hits, sizeof alone[i]);
  }
  prepare(f, &view, field, 1);
  view.helpers = f->helpers;
  assert_int_equal(qd_search_all(&view, f->searches, N_SEARCHES, INT64_MAX, NULL), QDRANT_OK);
  for (size_t i = 0; i < N_SEARCHES; i++)
    assert_memory_equal(alone[i], f->searches[i].top.hits, sizeof alone[i]);
  prepare(f, &view, field, 1);
  assert_true(qd_point_store_reserve(&f->store, 0));
  assert_int_equal(qd_search_all(&view, f->searches, N_SEARCHES, INT64_MAX, NULL), QDRANT_OK);
  for (size_t i = 0; i < N_SEARCHES; i++)
    assert_memory_equal(alone[i], f->searches[i].top.hits, sizeof alone[i]);
  qd_view_end(&view);
}

static void test_search_with_helpers_finds_the_same(void **state) {
  fixture *f = *state;
  compare_ways(f, f->store.fields->items[0]);
  compare_ways(f, f->store.fields->items[1]);
}

static void test_search_deadline_passed_with_helpers_says_so(void **state) {
  fixture *f = *state;
  qd_view view;
  qdrant_error err = {0};
  qd_view_begin(&view, &f->store);
  view.helpers = f->helpers;
  prepare(f, &view, f->store.fields->items[0], 1);
  assert_int_equal(qd_search_all(&view, f->searches, N_SEARCHES, 1, &err), QDRANT_DEADLINE_EXCEEDED);
  assert_string_equal(err.message, "Timeout error: the deadline passed during a search");
  qd_view_end(&view);
}

typedef struct tortured {
  fixture *f;
  qd_view *view;
} tortured;

static qdrant_status search_again(void *user) {
  tortured *of = user;
  for (size_t i = 0; i < N_SEARCHES; i++)
    of->f->searches[i].top.n = 0;
  return qd_search_all(of->view, of->f->searches, N_SEARCHES, INT64_MAX, NULL);
}

static void test_search_without_memory_says_so(void **state) {
  fixture *f = *state;
  qd_view view;
  qd_view_begin(&view, &f->store);
  view.helpers = f->helpers;
  prepare(f, &view, f->store.fields->items[0], 1);
  torture(search_again, &(tortured){f, &view});
  qd_view_end(&view);
}

/* Every row has one number in all its places, that of the operation that wrote it; the sparse vector's only index comes
 * from it, too. */
static void write_numbers(fixture *f, uint64_t number) {
  float row[DIM];
  uint32_t index = (uint32_t)number % N_INDICES;
  qd_vector sparse = {.kind = QDRANT_SPARSE, .n = 1, .values = row, .indices = &index};
  assert_true(qd_point_store_reserve(&f->store, N_POINTS / 10));
  for (size_t i = 0; i < DIM; i++)
    row[i] = (float)number;
  for (size_t i = 0; i < N_POINTS / 10; i++) {
    qd_id id = {.low = (number * 13 + i * 10) % N_POINTS};
    uint32_t slot = qd_point_store_add(&f->store, &id, number);
    qd_vector_field_put_dense(f->store.fields->items[0], slot, row);
    qd_vector_field_put_block(f->store.fields->items[1], slot, qd_vector_block_new(f->store.fields->items[1], &sparse));
  }
  qd_point_store_commit(&f->store);
  qd_point_store_reclaim(&f->store);
}

typedef struct writer {
  pthread_t thread;
  fixture *f;
  atomic_int is_told_to_stop;
} writer;

static void *write_on_and_on(void *user) {
  writer *self = user;
  for (uint64_t number = 100; !atomic_load(&self->is_told_to_stop); number++)
    write_numbers(self->f, number % 1000 + 100);
  return NULL;
}

static void check_hits(const qd_view *view, const qd_search *search, float sum) {
  for (size_t i = 0; i < search->top.n; i++) {
    uint32_t slot = search->top.hits[i].slot;
    const float *row = qd_vector_field_get(search->field, slot).values;
    assert_true(qd_view_has(view, slot));
    assert_true(row[0] == (float)qd_view_version(view, slot) && row[DIM - 1] == row[0]);
    assert_true(search->top.hits[i].score == row[0] * sum);
  }
}

static int has_index(const qd_vector *vector, uint32_t index) {
  for (size_t i = 0; i < vector->n; i++)
    if (vector->indices[i] == index)
      return 1;
  return 0;
}

/* All points that have an index of the query are hits, and no others. */
static void check_sparse_hits(const qd_view *view, const qd_search *search) {
  size_t n_expected = 0;
  for (uint32_t slot = 0; slot < view->n_slots; slot++)
    n_expected +=
        qd_view_has(view, slot) && has_index(&search->vector, (uint32_t)qd_view_version(view, slot) % N_INDICES);
  assert_int_equal(search->top.n, n_expected);
  for (size_t i = 0; i < search->top.n; i++)
    assert_true(has_index(&search->vector, (uint32_t)qd_view_version(view, search->top.hits[i].slot) % N_INDICES));
}

static void search_sparse_while_written(fixture *f, qd_view *view) {
  prepare(f, view, view->fields->items[1], 5);
  for (size_t i = 0; i < N_SEARCHES; i++)
    assert_true(qd_top_init(&f->searches[i].top, N_POINTS, view, f->arena));
  assert_int_equal(qd_search_all(view, f->searches, 4, INT64_MAX, NULL), QDRANT_OK);
  for (size_t i = 0; i < 4; i++)
    check_sparse_hits(view, &f->searches[i]);
}

static void search_while_written(fixture *f) {
  qd_view view;
  qd_view_begin(&view, &f->store);
  view.helpers = f->helpers;
  prepare(f, &view, view.fields->items[0], 5);
  assert_int_equal(qd_search_all(&view, f->searches, N_SEARCHES, INT64_MAX, NULL), QDRANT_OK);
  for (size_t i = 0; i < N_SEARCHES; i++) {
    float sum = 0;
    for (size_t j = 0; j < DIM; j++)
      sum += f->searches[i].vector.values[j];
    if (sum > 0)
      check_hits(&view, &f->searches[i], sum);
  }
  search_sparse_while_written(f, &view);
  qd_view_end(&view);
  qd_arena_reset(f->arena);
}

static void test_search_while_written_finds_what_its_view_shows(void **state) {
  fixture *f = *state;
  writer self = {.f = f};
  for (uint64_t number = 100; number < 110; number++)
    write_numbers(f, number);
  assert_int_equal(pthread_create(&self.thread, NULL, write_on_and_on, &self), 0);
  for (size_t round = 0; round < 50; round++)
    search_while_written(f);
  atomic_store(&self.is_told_to_stop, 1);
  pthread_join(self.thread, NULL);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_search_with_helpers_finds_the_same),
      QD_TEST(test_search_while_written_finds_what_its_view_shows),
      QD_TEST(test_search_deadline_passed_with_helpers_says_so),
      QD_TEST(test_search_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
