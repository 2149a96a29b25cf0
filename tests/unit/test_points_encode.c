#include "core/points_encode.h"

#include "tests/support/buffers.h"
#include "tests/support/points_model.h"
#include "tests/support/random_columns.h"
#include "tests/support/torture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define N_ROUNDS 1500
#define NO_LIMIT SIZE_MAX

/* Options that together show every field after the points. */
static qdrant_upsert_options random_options(random_source *random, qd_arena *arena) {
  qdrant_upsert_options options = QDRANT_UPSERT_OPTIONS_INIT;
  options.wait = random_is(random, 2) ? QDRANT_ON : QDRANT_OFF;
  options.ordering = (qdrant_write_ordering)random_below(random, 4);
  options.update_mode = (qdrant_update_mode)random_below(random, 4);
  if (random_is(random, 2)) {
    Qdrant__ShardKeySelector *selector = MODEL_NEW(arena, shard_key_selector);
    Qdrant__ShardKey *key = MODEL_NEW(arena, shard_key);
    key->key_case = QDRANT__SHARD_KEY__KEY_NUMBER;
    key->number = random_sized(random);
    selector->fallback = key;
    options.shard_key_selector = selector;
  }
  if (random_is(random, 2)) {
    Qdrant__Filter *filter = MODEL_NEW(arena, filter);
    filter->min_should = MODEL_NEW(arena, min_should);
    filter->min_should->has_min_count = 1;
    filter->min_should->min_count = random_sized(random);
    options.update_filter = filter;
  }
  return options;
}

static void assert_equals_model(
    const buffers *with, const qd_points_request *request, const qd_points_plan *plan, size_t first, size_t n) {
  size_t n_cut;
  size_t n_bytes;
  qdrant_error err = {0};
  qd_points_plan_cut(plan, first, n, NO_LIMIT, &n_cut, &n_bytes);
  assert_int_equal(n_cut, n);
  Qdrant__UpsertPoints *model = model_upsert(request, first, n, with->arena);
  size_t n_expected = protobuf_c_message_get_packed_size(&model->base);
  uint8_t *expected = qd_arena_alloc(with->arena, n_expected);
  protobuf_c_message_pack(&model->base, expected);
  assert_int_equal(n_bytes, n_expected);
  qd_body *body;
  if (qd_points_encode(plan, first, n, n_bytes, with->pool, &body, &err) != QDRANT_OK)
    fail_msg("%s", err.message);
  assert_int_equal(body->n_bytes, n_expected);
  assert_memory_equal(body->bytes, expected, n_expected);
  qd_body_unref(body);
}

static qd_points_plan *make_plan(const buffers *with, const qd_points_request *request) {
  qd_points_plan *plan;
  qdrant_error err = {0};
  if (qd_points_plan_make(request, with->arena, &plan, &err) != QDRANT_OK)
    fail_msg("%s", err.message);
  return plan;
}

static void test_qd_points_encode_random_batches_equal_protobuf_c(void **state) {
  buffers *with = *state;
  random_source random = random_begin(__func__);
  for (size_t round = 0; round < N_ROUNDS; round++) {
    qd_arena_reset(with->arena);
    qdrant_point_batch batch = random_batch(&random, with->arena, 12);
    qdrant_upsert_options options = random_options(&random, with->arena);
    qd_points_request request = {"collection \xc3\xa9", &batch, &options};
    qd_points_plan *plan = make_plan(with, &request);
    assert_equals_model(with, &request, plan, 0, batch.n_points);
    size_t first = random_below(&random, batch.n_points);
    assert_equals_model(with, &request, plan, first, 1 + random_below(&random, batch.n_points - first));
  }
}

/* Every size of a varint in ids and lengths. */
static void test_qd_points_encode_plain_batches_of_every_size_equal_protobuf_c(void **state) {
  buffers *with = *state;
  random_source random = random_begin(__func__);
  for (uint32_t dim = 1; dim <= 4500; dim = dim * 3 / 2 + 1) {
    qd_arena_reset(with->arena);
    uint64_t ids[65] = {0};
    for (size_t i = 1; i < 65; i++)
      ids[i] = UINT64_C(1) << (i - 1);
    qdrant_vector_column column = random_vector_column(&random, with->arena, QDRANT_DENSE, NULL, 65);
    float *values = qd_arena_alloc(with->arena, 65 * dim * sizeof *values);
    for (size_t i = 0; i < 65 * dim; i++)
      values[i] = random_float(&random);
    column.values = values;
    column.stride = 0;
    column.dim = dim;
    qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
    batch.n_points = 65;
    batch.ids = ids;
    batch.vectors = &column;
    batch.n_vectors = 1;
    qdrant_upsert_options options = QDRANT_UPSERT_OPTIONS_INIT;
    options.wait = QDRANT_ON;
    qd_points_request request = {"plain", &batch, &options};
    assert_equals_model(with, &request, make_plan(with, &request), 0, 65);
    column.name = "named";
    assert_equals_model(with, &request, make_plan(with, &request), 0, 65);
  }
}

static void test_qd_points_plan_cut_keeps_within_bytes_and_points(void **state) {
  buffers *with = *state;
  random_source random = random_begin(__func__);
  qdrant_point_batch batch = random_batch(&random, with->arena, 1);
  qdrant_vector_column column = random_vector_column(&random, with->arena, QDRANT_DENSE, NULL, 100);
  uint64_t ids[100];
  for (size_t i = 0; i < 100; i++)
    ids[i] = i;
  batch = (qdrant_point_batch){.size = sizeof batch, .n_points = 100, .ids = ids, .vectors = &column, .n_vectors = 1};
  qdrant_upsert_options options = QDRANT_UPSERT_OPTIONS_INIT;
  options.ordering = QDRANT_ORDERING_STRONG;
  qd_points_request request = {"cut", &batch, &options};
  qd_points_plan *plan = make_plan(with, &request);
  size_t n;
  size_t n_bytes;
  qd_points_plan_cut(plan, 0, 0, NO_LIMIT, &n, &n_bytes);
  assert_int_equal(n, 100);
  size_t n_all = n_bytes;
  qd_points_plan_cut(plan, 0, 0, n_all, &n, &n_bytes);
  assert_int_equal(n, 100);
  qd_points_plan_cut(plan, 0, 0, n_all - 1, &n, &n_bytes);
  assert_int_equal(n, 99);
  assert_true(n_bytes < n_all);
  qd_points_plan_cut(plan, 98, 7, NO_LIMIT, &n, &n_bytes);
  assert_int_equal(n, 2);
  qd_points_plan_cut(plan, 3, 7, NO_LIMIT, &n, &n_bytes);
  assert_int_equal(n, 7);
  qd_points_plan_cut(plan, 3, 1, NO_LIMIT, &n, &n_bytes);
  size_t n_one = n_bytes;
  qd_points_plan_cut(plan, 3, 0, n_one, &n, &n_bytes);
  assert_int_equal(n, 1);
  qd_points_plan_cut(plan, 3, 0, n_one - 1, &n, &n_bytes);
  assert_int_equal(n, 0);
  qd_points_plan_cut(plan, 3, 0, 1, &n, &n_bytes);
  assert_int_equal(n, 0);
}

typedef struct bad_float {
  qdrant_vector_kind kind;
  const char *name;
  size_t position; /* among all floats of the column */
  float value;
  const char *message;
} bad_float;

/* Rows of three floats or weights each; MULTI has rows of one float. */
static void assert_refused_float(const buffers *with, const bad_float *bad) {
  float values[12 * 40] = {0};
  uint32_t indices[12];
  int64_t offsets[5] = {0, 3, 6, 9, 12};
  uint64_t ids[4] = {4, 3, 2, 1};
  for (uint32_t i = 0; i < 12; i++)
    indices[i] = i;
  values[bad->position] = bad->value;
  qdrant_vector_column column = {.name = bad->name,
      .kind = bad->kind,
      .dim = bad->kind == QDRANT_DENSE ? 37 : 1,
      .values = values,
      .stride = bad->kind == QDRANT_DENSE ? 40 : 0,
      .indices = indices,
      .offsets = offsets};
  qdrant_point_batch batch = {
      .size = sizeof batch, .first = 1, .n_points = 3, .ids = ids, .vectors = &column, .n_vectors = 1};
  qdrant_upsert_options options = QDRANT_UPSERT_OPTIONS_INIT;
  qd_points_request request = {"floats", &batch, &options};
  qd_points_plan *plan = make_plan(with, &request);
  size_t n;
  size_t n_bytes;
  qd_points_plan_cut(plan, 0, 0, NO_LIMIT, &n, &n_bytes);
  qd_body *body;
  qdrant_error err = {0};
  qdrant_status status = qd_points_encode(plan, 0, n, n_bytes, with->pool, &body, &err);
  if (bad->message == NULL) {
    assert_int_equal(status, QDRANT_OK);
    qd_body_unref(body);
    return;
  }
  assert_int_equal(status, QDRANT_INVALID_ARGUMENT);
  assert_null(body);
  assert_string_equal(err.message, bad->message);
}

static void test_qd_points_encode_float_not_finite_is_named(void **state) {
  static const bad_float rows[] = {
      {QDRANT_DENSE, NULL, 40, NAN, "point 0: the unnamed vector: float 0 is nan; floats must be finite"},
      {QDRANT_DENSE, NULL, 40 + 36, INFINITY, "point 0: the unnamed vector: float 36 is inf; floats must be finite"},
      {QDRANT_DENSE, "title", 3 * 40 + 17, -INFINITY,
          "point 2: vector \"title\": float 17 is -inf; floats must be finite"},
      {QDRANT_DENSE, NULL, 40 + 37, NAN, NULL}, /* between two rows */
      {QDRANT_DENSE, NULL, 0, NAN, NULL},       /* before the first row of the batch */
      {QDRANT_SPARSE, "words", 4, NAN, "point 0: vector \"words\": float 1 is nan; floats must be finite"},
      {QDRANT_SPARSE, "words", 11, INFINITY, "point 2: vector \"words\": float 2 is inf; floats must be finite"},
      {QDRANT_MULTI, NULL, 8, INFINITY, "point 1: the unnamed vector: float 2 is inf; floats must be finite"},
      {QDRANT_MULTI, NULL, 2, INFINITY, NULL},
      {QDRANT_DENSE, NULL, 45, 3.4028235e38F, NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_refused_float(*state, &rows[i]);
}

/* What a point does not have is not looked at. */
static void test_qd_points_encode_absent_vector_may_be_nan(void **state) {
  buffers *with = *state;
  const float values[] = {1, NAN};
  const uint8_t validity = 1;
  const uint64_t ids[] = {1, 2};
  qdrant_vector_column column = {.dim = 1, .values = values, .validity = &validity};
  qdrant_point_batch batch = {.size = sizeof batch, .n_points = 2, .ids = ids, .vectors = &column, .n_vectors = 1};
  qdrant_upsert_options options = QDRANT_UPSERT_OPTIONS_INIT;
  options.wait = QDRANT_ON;
  qd_points_request request = {"absent", &batch, &options};
  assert_equals_model(with, &request, make_plan(with, &request), 0, 2);
}

typedef struct torture_case {
  const qd_points_request *request;
} torture_case;

static qdrant_status encode_once(void *user) {
  torture_case *with = user;
  qdrant_error err = {0};
  qd_points_plan *plan = NULL;
  qd_body *body = NULL;
  qd_arena *arena = qd_arena_new(0);
  qd_body_pool *pool = qd_body_pool_new(0);
  qdrant_status status = QDRANT_NO_MEMORY;
  if (arena != NULL && pool != NULL)
    status = qd_points_plan_make(with->request, arena, &plan, &err);
  if (status == QDRANT_OK) {
    size_t n;
    size_t n_bytes;
    qd_points_plan_cut(plan, 0, 0, NO_LIMIT, &n, &n_bytes);
    status = qd_points_encode(plan, 0, n, n_bytes, pool, &body, &err);
  }
  qd_body_unref(body);
  qd_body_pool_unref(pool);
  qd_arena_free(arena);
  return status;
}

static void test_qd_points_encode_out_of_memory_says_so(void **state) {
  buffers *with = *state;
  random_source random = random_begin(__func__);
  for (size_t round = 0; round < 20; round++) {
    qd_arena_reset(with->arena);
    qdrant_point_batch batch = random_batch(&random, with->arena, 12);
    qdrant_upsert_options options = random_options(&random, with->arena);
    qd_points_request request = {"torture", &batch, &options};
    torture_case each = {&request};
    torture(encode_once, &each);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(
          test_qd_points_encode_random_batches_equal_protobuf_c, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(
          test_qd_points_encode_plain_batches_of_every_size_equal_protobuf_c, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(
          test_qd_points_plan_cut_keeps_within_bytes_and_points, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(
          test_qd_points_encode_float_not_finite_is_named, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(
          test_qd_points_encode_absent_vector_may_be_nan, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(test_qd_points_encode_out_of_memory_says_so, buffers_set_up, buffers_tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
