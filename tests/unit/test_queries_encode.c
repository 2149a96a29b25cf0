#include "core/queries_encode.h"

#include "tests/support/buffers.h"
#include "tests/support/points_model.h"
#include "tests/support/random_columns.h"
#include "tests/support/torture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define N_ROUNDS 1500
#define NO_LIMIT SIZE_MAX
#define COLLECTION "collection \xc3\xa9"

static Qdrant__Filter *random_filter(random_source *random, qd_arena *arena) {
  Qdrant__Filter *filter = MODEL_NEW(arena, filter);
  filter->min_should = MODEL_NEW(arena, min_should);
  filter->min_should->has_min_count = 1;
  filter->min_should->min_count = random_sized(random);
  return filter;
}

static void random_selectors(random_source *random, qd_arena *arena, qdrant_query_batch *queries) {
  queries->with_payload = (qdrant_toggle)random_below(random, 3);
  queries->with_vectors = (qdrant_toggle)random_below(random, 3);
  static char *fields[] = {"city", "price"};
  if (random_is(random, 3)) {
    Qdrant__WithPayloadSelector *selector = MODEL_NEW(arena, with_payload_selector);
    selector->selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_INCLUDE;
    selector->include = MODEL_NEW(arena, payload_include_selector);
    selector->include->fields = fields;
    selector->include->n_fields = 2;
    queries->payload_selector = selector;
  }
  if (random_is(random, 3)) {
    Qdrant__WithVectorsSelector *selector = MODEL_NEW(arena, with_vectors_selector);
    selector->selector_options_case = QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_INCLUDE;
    selector->include = MODEL_NEW(arena, vectors_selector);
    selector->include->names = fields;
    selector->include->n_names = 1;
    queries->vectors_selector = selector;
  }
}

static void random_messages(random_source *random, qd_arena *arena, qdrant_query_batch *queries) {
  if (random_is(random, 2)) {
    queries->filter = random_filter(random, arena);
  } else if (random_is(random, 2)) {
    const Qdrant__Filter **filters = qd_arena_zalloc(arena, queries->n_queries * sizeof *filters);
    for (size_t i = 0; i < queries->n_queries; i++)
      filters[i] = random_is(random, 3) ? NULL : random_filter(random, arena);
    queries->filters = filters;
  }
  if (random_is(random, 2)) {
    Qdrant__SearchParams *params = MODEL_NEW(arena, search_params);
    params->has_hnsw_ef = 1;
    params->hnsw_ef = random_sized(random);
    queries->params = params;
  }
  if (random_is(random, 2)) {
    Qdrant__ReadConsistency *consistency = MODEL_NEW(arena, read_consistency);
    consistency->value_case = QDRANT__READ_CONSISTENCY__VALUE_FACTOR;
    consistency->factor = random_sized(random);
    queries->read_consistency = consistency;
  }
  if (random_is(random, 2)) {
    Qdrant__ShardKeySelector *selector = MODEL_NEW(arena, shard_key_selector);
    selector->fallback = MODEL_NEW(arena, shard_key);
    selector->fallback->key_case = QDRANT__SHARD_KEY__KEY_NUMBER;
    selector->fallback->number = random_sized(random);
    queries->shard_key_selector = selector;
  }
}

static void random_searched(random_source *random, qd_arena *arena, qdrant_query_batch *queries) {
  static const char *const names[] = {NULL, "", "title", "image \xc3\xa9"};
  size_t n_rows = queries->first + queries->n_queries;
  const char *name = names[random_below(random, 4)];
  if (random_is(random, 4)) {
    qdrant_point_id *ids = qd_arena_zalloc(arena, n_rows * sizeof *ids);
    for (size_t i = 0; i < n_rows; i++) {
      ids[i].num = random_sized(random);
      ids[i].is_uuid = random_is(random, 2) ? 2 : 0;
      ids[i].uuid = random_uuid(random);
    }
    queries->ids = ids;
    queries->vector_name = name;
    return;
  }
  qdrant_vector_kind kind = (qdrant_vector_kind)random_below(random, 3);
  qdrant_vector_column *column = qd_arena_alloc(arena, sizeof *column);
  *column = random_vector_column(random, arena, kind, kind == QDRANT_SPARSE ? "words" : name, n_rows);
  queries->vectors = column;
}

static qdrant_query_batch random_queries(random_source *random, qd_arena *arena) {
  qdrant_query_batch queries = QDRANT_QUERY_BATCH_INIT;
  queries.first = random_is(random, 2) ? 0 : random_below(random, 20);
  queries.n_queries = 1 + random_below(random, 12);
  queries.limit = random_is(random, 3) ? 0 : (uint32_t)random_sized(random);
  queries.offset = random_is(random, 2) ? 0 : (uint32_t)random_sized(random);
  queries.has_score_threshold = random_is(random, 2) ? 1 : 0;
  queries.score_threshold = random_float(random);
  random_searched(random, arena, &queries);
  random_selectors(random, arena, &queries);
  random_messages(random, arena, &queries);
  return queries;
}

static void assert_equals_model(const buffers *with, const qdrant_query_batch *queries, size_t first, size_t n) {
  Qdrant__QueryBatchPoints *model = model_queries(COLLECTION, queries, first, n, with->arena);
  size_t n_expected = protobuf_c_message_get_packed_size(&model->base);
  uint8_t *expected = qd_arena_alloc(with->arena, n_expected);
  protobuf_c_message_pack(&model->base, expected);
  qd_body *body;
  qdrant_error err = {0};
  if (qd_queries_encode(COLLECTION, queries, first, n, with->pool, n_expected, &body, &err) != QDRANT_OK)
    fail_msg("%s", err.message);
  assert_int_equal(body->n_bytes, n_expected);
  assert_memory_equal(body->bytes, expected, n_expected);
  qd_body_unref(body);
}

static void test_qd_queries_encode_random_batches_equal_protobuf_c(void **state) {
  buffers *with = *state;
  random_source random = random_begin(__func__);
  for (size_t round = 0; round < N_ROUNDS; round++) {
    qd_arena_reset(with->arena);
    qdrant_query_batch queries = random_queries(&random, with->arena);
    qdrant_error err = {0};
    assert_int_equal(qd_queries_check(COLLECTION, &queries, &err), QDRANT_OK);
    assert_equals_model(with, &queries, 0, queries.n_queries);
    size_t first = random_below(&random, queries.n_queries);
    assert_equals_model(with, &queries, first, 1 + random_below(&random, queries.n_queries - first));
  }
}

/* A batch of two queries that is right; each test spoils one part. */
typedef struct good_queries {
  float values[12];
  uint32_t indices[6];
  int64_t offsets[4];
  qdrant_vector_column column;
  qdrant_query_batch batch;
} good_queries;

static void fill(good_queries *good) {
  memset(good, 0, sizeof *good);
  for (uint32_t i = 0; i < 4; i++)
    good->offsets[i] = i * 2;
  for (uint32_t i = 0; i < 6; i++)
    good->indices[i] = i;
  good->column = (qdrant_vector_column){.name = "title", .dim = 4, .values = good->values};
  good->batch = (qdrant_query_batch){.size = sizeof good->batch, .first = 1, .n_queries = 2, .vectors = &good->column};
}

/* By the check of all and by the encoder, which sees the last query only. */
static void assert_refused(const buffers *with, const good_queries *good, const char *message) {
  qdrant_error err = {0};
  qd_body *body = NULL;
  assert_int_equal(qd_queries_check(COLLECTION, &good->batch, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, message);
  err = (qdrant_error){0};
  qdrant_status status = qd_queries_encode(COLLECTION, &good->batch, 1, 1, with->pool, NO_LIMIT, &body, &err);
  assert_int_equal(status, QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, message);
  assert_null(body);
}

static void test_qd_queries_encode_bad_shape_is_refused(void **state) {
  buffers *with = *state;
  good_queries good;
  char message[160];
  fill(&good);
  good.batch.size = 1;
  snprintf(message, sizeof message, "queries.size is 1; begin with QDRANT_QUERY_BATCH_INIT, which says %zu",
      sizeof(qdrant_query_batch));
  assert_refused(with, &good, message);
  fill(&good);
  good.batch.n_queries = 0;
  assert_refused(with, &good, "queries.n_queries is 0");
  fill(&good);
  good.batch.n_queries = SIZE_MAX;
  assert_refused(with, &good, "queries.first is 1, queries.n_queries 18446744073709551615: beyond all memory");
  fill(&good);
  good.batch.vectors = NULL;
  assert_refused(with, &good, "queries.vectors and queries.ids are both NULL; set one of them");
  qdrant_point_id ids[3] = {0};
  good.batch.ids = ids;
  good.batch.vector_name = "\xff";
  assert_refused(with, &good, "queries.vector_name is not UTF-8");
  good.batch.vectors = &good.column;
  assert_refused(with, &good, "queries.vectors and queries.ids are both set; set one of them");
  fill(&good);
  good.batch.has_score_threshold = 1;
  good.batch.score_threshold = NAN;
  assert_refused(with, &good, "queries.score_threshold is nan; it must be finite");
}

static void test_qd_queries_encode_bad_collection_is_refused(void **state) {
  (void)state;
  good_queries good;
  qdrant_error err = {0};
  fill(&good);
  assert_int_equal(qd_queries_check("", &good.batch, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "the collection's name is empty");
}

static void test_qd_queries_encode_bad_column_is_refused(void **state) {
  buffers *with = *state;
  good_queries good;
  uint8_t validity = 7;
  fill(&good);
  good.column.validity = &validity;
  assert_refused(with, &good, "queries.vectors has validity bits; every query needs a vector");
  fill(&good);
  good.column.dim = 0;
  assert_refused(with, &good, "vector \"title\": dim is 0; it must be from 1 to 65536");
  fill(&good);
  good.values[11] = NAN;
  assert_refused(with, &good, "query 1: vector \"title\": float 3 is nan; floats must be finite");
  fill(&good);
  good.column.kind = QDRANT_SPARSE;
  good.column.indices = good.indices;
  good.column.offsets = good.offsets;
  good.indices[5] = good.indices[4];
  assert_refused(
      with, &good, "query 1: vector \"title\": index 4 occurs twice; indices must be unique within a vector");
  good.indices[5] = 9;
  good.values[4] = -INFINITY;
  assert_refused(with, &good, "query 1: vector \"title\": float 0 is -inf; floats must be finite");
  good.offsets[3] = 1;
  assert_refused(with, &good, "query 1: vector \"title\": offsets go from 4 to 1; they must be >= 0 and never fall");
}

static void test_qd_queries_encode_bad_messages_are_refused(void **state) {
  buffers *with = *state;
  good_queries good;
  Qdrant__Filter *filter = random_filter(&(random_source){0}, with->arena);
  Qdrant__Condition *condition = NULL;
  filter->must = &condition;
  filter->n_must = 1;
  fill(&good);
  good.batch.filter = filter;
  assert_refused(with, &good, "filter.must[0] is NULL");
  const Qdrant__Filter *filters[] = {NULL, filter};
  good.batch.filters = filters;
  assert_refused(with, &good, "queries.filter and queries.filters are both set; set one of them");
  good.batch.filter = NULL;
  assert_refused(with, &good, "query 1: filter: must[0] is NULL");
}

static void test_qd_queries_encode_more_than_max_bytes_is_refused(void **state) {
  buffers *with = *state;
  good_queries good;
  qdrant_error err = {0};
  qd_body *body;
  fill(&good);
  assert_int_equal(qd_queries_encode("books", &good.batch, 0, 2, with->pool, 90, &body, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "2 queries take 91 bytes, the limit is 90: send fewer at once");
}

static qdrant_status encode_once(void *user) {
  const qdrant_query_batch *queries = user;
  qdrant_error err = {0};
  qd_body *body = NULL;
  qd_body_pool *pool = qd_body_pool_new(0);
  qdrant_status status = pool != NULL ? qd_queries_check(COLLECTION, queries, &err) : QDRANT_NO_MEMORY;
  if (status == QDRANT_OK)
    status = qd_queries_encode(COLLECTION, queries, 0, queries->n_queries, pool, NO_LIMIT, &body, &err);
  qd_body_unref(body);
  qd_body_pool_unref(pool);
  return status;
}

static void test_qd_queries_encode_out_of_memory_says_so(void **state) {
  buffers *with = *state;
  random_source random = random_begin(__func__);
  for (size_t round = 0; round < 30; round++) {
    qdrant_query_batch queries = random_queries(&random, with->arena);
    torture(encode_once, &queries);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(
          test_qd_queries_encode_random_batches_equal_protobuf_c, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(test_qd_queries_encode_bad_shape_is_refused, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(
          test_qd_queries_encode_bad_collection_is_refused, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(test_qd_queries_encode_bad_column_is_refused, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(
          test_qd_queries_encode_bad_messages_are_refused, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(
          test_qd_queries_encode_more_than_max_bytes_is_refused, buffers_set_up, buffers_tear_down),
      cmocka_unit_test_setup_teardown(test_qd_queries_encode_out_of_memory_says_so, buffers_set_up, buffers_tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
