#include "core/points_encode.h"

#include "tests/support/points_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A batch of three points that is right, in parts that each test spoils. Rows 1 to 3 of its columns are meant. */
typedef struct good_batch {
  uint64_t ids[4];
  qdrant_uuid uuids[4];
  uint8_t is_uuid;
  uint8_t validity;
  float values[64];
  uint32_t indices[8];
  int64_t offsets[5];
  qdrant_vector_column vectors[3]; /* dense, multi, sparse */
  qdrant_point_batch batch;
  qdrant_upsert_options options;
  qd_points_request request;
} good_batch;

static void fill(good_batch *good) {
  memset(good, 0, sizeof *good);
  for (uint32_t i = 0; i < 4; i++) {
    good->ids[i] = 10 - i; /* falling: through the hash table */
    good->uuids[i].bytes[15] = (uint8_t)i;
    good->offsets[i + 1] = good->offsets[i] + 2;
  }
  for (uint32_t i = 0; i < 8; i++)
    good->indices[i] = 100 - i;
  good->vectors[0] = (qdrant_vector_column){.kind = QDRANT_DENSE, .dim = 4, .values = good->values};
  good->vectors[1] = (qdrant_vector_column){
      .name = "multi", .kind = QDRANT_MULTI, .dim = 4, .values = good->values, .offsets = good->offsets};
  good->vectors[2] = (qdrant_vector_column){.name = "sparse",
      .kind = QDRANT_SPARSE,
      .values = good->values,
      .indices = good->indices,
      .offsets = good->offsets};
  good->batch = (qdrant_point_batch){.size = sizeof good->batch,
      .first = 1,
      .n_points = 3,
      .ids = good->ids,
      .vectors = good->vectors,
      .n_vectors = 3};
  good->options = (qdrant_upsert_options)QDRANT_UPSERT_OPTIONS_INIT;
  good->request = (qd_points_request){"books", &good->batch, &good->options};
}

static qdrant_status plan(const good_batch *good, qdrant_error *err) {
  qd_arena *arena = qd_arena_new(0);
  qd_points_plan *made;
  *err = (qdrant_error){0};
  qdrant_status status = qd_points_plan_make(&good->request, arena, &made, err);
  assert_int_equal(made == NULL, status != QDRANT_OK);
  qd_arena_free(arena);
  return status;
}

static void assert_taken(const good_batch *good) {
  qdrant_error err;
  if (plan(good, &err) != QDRANT_OK)
    fail_msg("%s", err.message);
}

static void assert_refused(const good_batch *good, const char *message) {
  qdrant_error err;
  assert_int_equal(plan(good, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, message);
}

static void test_qd_points_plan_make_good_batch_is_taken(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  assert_taken(&good);
}

static void test_qd_points_plan_make_bad_collection_is_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.request.collection = NULL;
  assert_refused(&good, "the collection's name is NULL");
  good.request.collection = "";
  assert_refused(&good, "the collection's name is empty");
  good.request.collection = "caf\xe9";
  assert_refused(&good, "the collection's name \"caf?\" is not UTF-8");
  char name[257];
  memset(name, 'n', 256);
  name[255] = '\0';
  good.request.collection = name;
  assert_taken(&good);
  name[255] = 'n';
  name[256] = '\0';
  assert_refused(&good, "the collection's name \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...\" has 256 bytes; at most 255");
}

static void test_qd_points_plan_make_bad_options_are_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.options.ordering = (qdrant_write_ordering)4;
  assert_refused(&good, "options.ordering is 4, which is none");
  fill(&good);
  good.options.update_mode = (qdrant_update_mode)-1;
  assert_refused(&good, "options.update_mode is -1, which is none");
  fill(&good);
  Qdrant__Filter filter = QDRANT__FILTER__INIT;
  Qdrant__Condition condition = QDRANT__CONDITION__INIT;
  Qdrant__Condition *conditions[] = {&condition};
  Qdrant__IsNullCondition is_null = QDRANT__IS_NULL_CONDITION__INIT;
  condition.condition_one_of_case = QDRANT__CONDITION__CONDITION_ONE_OF_IS_NULL;
  condition.is_null = &is_null;
  is_null.key = (char[]){"\xff"};
  filter.must = conditions;
  filter.n_must = 1;
  good.options.update_filter = &filter;
  assert_refused(&good, "update_filter.must[0].is_null.key must be UTF-8");
}

static void test_qd_points_plan_make_bad_shape_is_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.batch.size = 0;
  char message[160];
  snprintf(message, sizeof message, "batch.size is 0; begin with QDRANT_POINT_BATCH_INIT, which says %zu",
      sizeof(qdrant_point_batch));
  assert_refused(&good, message);
  fill(&good);
  good.batch.n_points = 0;
  assert_refused(&good, "batch.n_points is 0; the server refuses an empty update");
  fill(&good);
  good.batch.n_points = (size_t)1 << 31;
  assert_refused(&good, "batch.first is 1, batch.n_points 2147483648; at most 1073741824 points");
  fill(&good);
  good.batch.vectors = NULL;
  assert_refused(&good, "batch.vectors is NULL, batch.n_vectors is 3");
  fill(&good);
  good.batch.n_payload = 2;
  assert_refused(&good, "batch.payload is NULL, batch.n_payload is 2");
  fill(&good);
  good.batch.n_vectors = 0;
  assert_taken(&good);
}

static void test_qd_points_plan_make_missing_ids_are_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.batch.ids = NULL;
  assert_refused(&good, "batch.ids and batch.uuids are both NULL; each point needs an id");
  fill(&good);
  good.is_uuid = 1 << 3;
  good.batch.is_uuid = &good.is_uuid;
  assert_refused(&good, "point 2: batch.is_uuid says that its id is a UUID, but batch.uuids is NULL");
  good.batch.uuids = good.uuids;
  assert_taken(&good);
  good.batch.ids = NULL;
  assert_refused(&good, "point 0: batch.is_uuid says that its id is a number, but batch.ids is NULL");
}

static void test_qd_points_plan_make_equal_ids_are_refused_unless_allowed(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.ids[3] = good.ids[1];
  assert_refused(&good, "point 2: id 9 is the id of point 0 too; with allow_duplicates the last one wins");
  good.options.allow_duplicates = QDRANT_ON;
  assert_taken(&good);
  fill(&good);
  good.ids[0] = good.ids[1]; /* before the first row */
  assert_taken(&good);
  good.ids[1] = 1;
  good.ids[2] = 2;
  good.ids[3] = 2; /* rising until here */
  assert_refused(&good, "point 2: id 2 is the id of point 1 too; with allow_duplicates the last one wins");
  fill(&good);
  good.batch.ids = NULL;
  good.batch.uuids = good.uuids;
  good.uuids[2] = good.uuids[1];
  assert_refused(&good, "point 1: id 00000000-0000-0000-0000-000000000001 is the id of point 0 too; with "
                        "allow_duplicates the last one wins");
  fill(&good);
  good.batch.uuids = good.uuids;
  good.batch.is_uuid = &good.is_uuid;
  good.is_uuid = 1 << 2;
  good.ids[1] = good.ids[2]; /* number and UUID: not the same */
  assert_taken(&good);
  good.is_uuid = 0;
  assert_refused(&good, "point 1: id 8 is the id of point 0 too; with allow_duplicates the last one wins");
}

/* Enough ids that the table has long chains; each equal pair must be found wherever it is. */
static void test_qd_points_plan_make_equal_ids_among_many_are_found(void **state) {
  (void)state;
  enum { N = 5000 };
  static uint64_t ids[N];
  good_batch good;
  fill(&good);
  good.batch = (qdrant_point_batch){.size = sizeof good.batch, .n_points = N, .ids = ids};
  for (unsigned shift = 0; shift <= 48; shift += 16) {
    for (size_t i = 0; i < N; i++)
      ids[i] = (uint64_t)(N - i) << shift;
    assert_taken(&good);
    ids[N - 1] = ids[17];
    qdrant_error err;
    assert_int_equal(plan(&good, &err), QDRANT_INVALID_ARGUMENT);
    assert_non_null(strstr(err.message, "point 4999: id "));
    assert_non_null(strstr(err.message, " is the id of point 17 too"));
  }
}

static void test_qd_points_plan_make_bad_names_are_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.vectors[2].name = "multi";
  assert_refused(&good, "vector columns 1 and 2 are both vector \"multi\"; names must be unique");
  fill(&good);
  good.vectors[1].name = ""; /* as NULL */
  assert_refused(&good, "vector columns 0 and 1 are both the unnamed vector; names must be unique");
  fill(&good);
  good.vectors[1].name = "\xc3";
  assert_refused(&good, "the name of a vector column is not UTF-8");
  fill(&good);
  good.vectors[2].name = NULL;
  good.vectors[0].name = "dense";
  assert_refused(&good, "a sparse vector column has no name; sparse vectors are always named");
  fill(&good);
  good.vectors[0].kind = (qdrant_vector_kind)9;
  assert_refused(&good, "the unnamed vector: unknown column type 9");
}

static void test_qd_points_plan_make_bad_dense_column_is_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.vectors[0].dim = 0;
  assert_refused(&good, "the unnamed vector: dim is 0; it must be from 1 to 65536");
  good.vectors[0].dim = 65537;
  assert_refused(&good, "the unnamed vector: dim is 65537; it must be from 1 to 65536");
  good.vectors[0].dim = 4;
  good.vectors[0].stride = 3;
  assert_refused(&good, "the unnamed vector: stride is 3 floats; it must be 0 or at least dim, 4");
  good.vectors[0].stride = SIZE_MAX / 8;
  assert_refused(&good, "the unnamed vector: 4 rows with a stride of 2305843009213693951 floats are beyond all memory");
  good.vectors[0].stride = 4;
  good.vectors[0].values = NULL;
  assert_refused(&good, "the unnamed vector: values is NULL");
}

static void test_qd_points_plan_make_bad_multi_column_is_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.vectors[1].dim = 0;
  assert_refused(&good, "vector \"multi\": dim is 0; it must be from 1 to 65536");
  fill(&good);
  good.vectors[1].values = NULL;
  assert_refused(&good, "vector \"multi\": values is NULL");
  fill(&good);
  good.offsets[2] = good.offsets[1];
  assert_refused(&good, "point 0: vector \"multi\" has no rows; a multi-vector needs at least one");
  good.validity = 0xfd; /* but row 1 */
  good.vectors[1].validity = &good.validity;
  assert_taken(&good);
}

static void test_qd_points_plan_make_bad_offsets_are_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.vectors[1].offsets = NULL;
  assert_refused(&good, "vector \"multi\": offsets is NULL");
  fill(&good);
  good.offsets[1] = -1;
  assert_refused(&good, "point 0: vector \"multi\": offsets go from -1 to 4; they must be >= 0 and never fall");
  fill(&good);
  good.offsets[3] = 3;
  assert_refused(&good, "point 1: vector \"multi\": offsets go from 4 to 3; they must be >= 0 and never fall");
  good.batch.vectors = &good.vectors[2];
  good.batch.n_vectors = 1;
  assert_refused(&good, "point 1: vector \"sparse\": offsets go from 4 to 3; they must be >= 0 and never fall");
  good.offsets[4] = good.offsets[3] = INT64_MAX;
  assert_refused(&good, "point 1: vector \"sparse\": offsets span 9223372036854775803; one vector can have 268435456");
}

static void test_qd_points_plan_make_bad_sparse_column_is_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  good.vectors[2].indices = NULL;
  assert_refused(&good, "vector \"sparse\": indices is NULL");
  fill(&good);
  good.vectors[2].values = NULL;
  assert_refused(&good, "vector \"sparse\": values is NULL");
  fill(&good);
  good.indices[5] = good.indices[4];
  assert_refused(&good, "point 1: vector \"sparse\": index 96 occurs twice; indices must be unique within a vector");
  good.validity = 0xfb; /* but row 2 */
  good.vectors[2].validity = &good.validity;
  assert_taken(&good);
  fill(&good);
  good.indices[6] = good.indices[5]; /* of two points */
  assert_taken(&good);
}

/* Empty columns need no memory behind them. */
static void test_qd_points_plan_make_empty_sparse_vectors_are_taken(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  memset(good.offsets, 0, sizeof good.offsets);
  good.vectors[2].indices = NULL;
  good.vectors[2].values = NULL;
  good.batch.vectors = &good.vectors[2];
  good.batch.n_vectors = 1;
  assert_taken(&good);
}

/* Nothing of the values is read before they are encoded, so that there need not be any. */
static void test_qd_points_plan_make_point_larger_than_a_message_is_refused(void **state) {
  (void)state;
  good_batch good;
  fill(&good);
  for (size_t i = 0; i < 5; i++)
    good.offsets[i] = i < 3 ? 0 : 1 << 28;
  for (size_t i = 0; i < 3; i++) {
    static const char *const names[] = {"a", "b", "c"};
    good.vectors[i] = good.vectors[1];
    good.vectors[i].name = names[i];
    good.vectors[i].dim = 1;
  }
  good.validity = 1 << 2;
  good.vectors[0].validity = good.vectors[1].validity = good.vectors[2].validity = &good.validity;
  assert_refused(&good, "point 1 takes 6442451026 bytes; a message can have 2147483647");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_points_plan_make_good_batch_is_taken),
      cmocka_unit_test(test_qd_points_plan_make_bad_collection_is_refused),
      cmocka_unit_test(test_qd_points_plan_make_bad_options_are_refused),
      cmocka_unit_test(test_qd_points_plan_make_bad_shape_is_refused),
      cmocka_unit_test(test_qd_points_plan_make_missing_ids_are_refused),
      cmocka_unit_test(test_qd_points_plan_make_equal_ids_are_refused_unless_allowed),
      cmocka_unit_test(test_qd_points_plan_make_equal_ids_among_many_are_found),
      cmocka_unit_test(test_qd_points_plan_make_bad_names_are_refused),
      cmocka_unit_test(test_qd_points_plan_make_bad_dense_column_is_refused),
      cmocka_unit_test(test_qd_points_plan_make_bad_multi_column_is_refused),
      cmocka_unit_test(test_qd_points_plan_make_bad_offsets_are_refused),
      cmocka_unit_test(test_qd_points_plan_make_bad_sparse_column_is_refused),
      cmocka_unit_test(test_qd_points_plan_make_empty_sparse_vectors_are_taken),
      cmocka_unit_test(test_qd_points_plan_make_point_larger_than_a_message_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
