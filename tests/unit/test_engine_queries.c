#include "tests/support/asked_queries.h"

#include "qdrant/pb/points.pb-c.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_query_each_distance_orders_best_first(void **state) {
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'dot'", "3:7 2:2 1:1 4:-2");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'cos'", "3:0.9899 1:0.7071 2:0.7071 4:-1");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'euclid'", "1:1 2:1.414 4:2.828 3:3.606");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'man'", "1:1 2:2 4:4 3:5");
}

static void test_query_threshold_keeps_better_scores_only(void **state) {
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'dot', 'score_threshold': 1", "3:7 2:2");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'man', 'score_threshold': 4", "1:1 2:2");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'euclid', 'score_threshold': 1.5", "1:1 2:1.414");
}

static void test_query_limit_and_offset_cut_a_page(void **state) {
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'dot', 'limit': 2", "3:7 2:2");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'dot', 'limit': 2, 'offset': 1", "2:2 1:1");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'dot', 'offset': 3", "4:-2");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'dot', 'offset': 4", "");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'dot', 'offset': 18446744073709551615", "");
  assert_hits(*state, QD_NEAR("1", "1") ", 'using': 'dot', 'limit': 18446744073709551615, 'offset': 2", "1:1 4:-2");
}

static void test_query_filter_is_applied(void **state) {
  assert_hits(*state,
      QD_NEAR("1", "1") ", 'using': 'dot', 'limit': 2,"
                        "'filter': {'must': [{'field': {'key': 'n', 'range': {'lte': 1}}}]}",
      "2:2 1:1");
}

static void test_query_by_id_leaves_the_point_out(void **state) {
  assert_hits(*state, "'query': {'nearest': {'id': 3}}, 'using': 'dot'", "2:8 1:3 4:-7");
  assert_hits(*state, "'query': {'nearest': {'id': 1}}, 'using': 'cos', 'limit': 1", "3:0.6");
  assert_hits(*state, "'query': {'nearest': {'id': 2}}, 'using': 's'", "1:0.25 3:0.25 4:0.25");
}

static void test_query_sparse_needs_a_common_index(void **state) {
  assert_hits(
      *state, "'query': {'nearest': {'sparse': {'indices': [2, 1], 'values': [-1, 3]}}}, 'using': 's'", "2:6 3:-2");
  assert_hits(*state, "'query': {'nearest': {'sparse': {'indices': [77], 'values': [1]}}}, 'using': 's'", "");
  assert_hits(*state, "'query': {'nearest': {'sparse': {}}}, 'using': 's'", "");
}

static void test_query_idf_weighs_rare_indices_more(void **state) {
  /* Index 9 is in all four points, 0 in one: ln(0.5/4.5 + 1) and ln(3.5/1.5 + 1). */
  assert_hits(*state, "'query': {'nearest': {'sparse': {'indices': [9, 0], 'values': [1, 1]}}}, 'using': 'idf'",
      "1:1.309 2:0.1054 3:0.1054 4:0.1054");
}

static void test_query_multi_adds_best_rows(void **state) {
  assert_hits(*state,
      "'query': {'nearest': {'multi_dense': {'vectors': [{'data': [1, 0]}, {'data': [0, -1]}]}}},"
      "'using': 'multi'",
      "3:2 4:2 1:1 2:0");
  assert_hits(*state, QD_NEAR("0", "1") ", 'using': 'multi', 'limit': 2", "3:4 2:2");
}

static void test_query_without_query_lists_by_id(void **state) {
  assert_answer(*state, "Points/Query",
      "{'collection_name': 'c', 'limit': 2, 'offset': 1, 'with_payload': {'enable': true}}",
      "{'result': [{'id': 2, 'score': 1, 'version': 0, 'payload': {'n': 1}},"
      "{'id': 3, 'score': 1, 'version': 0, 'payload': {'n': 2}}]}");
}

static void test_query_hit_has_version_payload_and_vectors(void **state) {
  assert_answer(*state, "Points/Query",
      "{'collection_name': 'c', " QD_NEAR("1", "1") ", 'using': 'dot', 'limit': 1, 'with_payload': {'enable': true},"
                                                    "'with_vectors': {'include': {'names': ['s']}}}",
      "{'result': [{'id': 3, 'score': 7, 'version': 3, 'payload': {'n': 2}, 'vectors': {'vectors': {'vectors': {"
      "'s': {'sparse': {'indices': [2, 100], 'values': [2, 0.5]}}}}}}]}");
}

static void test_query_score_minus_zero_is_zero(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/Query", "{'collection_name': 'c', " QD_NEAR("-0.0", "-0.0") ", 'using': 'dot', 'limit': 1}");
  const Qdrant__QueryResponse *reply = (const Qdrant__QueryResponse *)engine->reply;
  assert_false(signbit(reply->result[0]->score));
}

static void test_query_batch_answers_in_order(void **state) {
  assert_answer(*state, "Points/QueryBatch",
      "{'collection_name': 'c', 'query_points': ["
      "{'collection_name': 'c', " QD_NEAR(
          "1", "1") ", 'using': 'dot', 'limit': 1},"
                    "{'collection_name': 'c', 'limit': 1},"
                    "{'collection_name': 'c', " QD_NEAR("1",
                        "1") ", 'using': 'man', 'limit': 2},"
                             "{'collection_name': 'c', 'query': {'nearest': {'sparse': {'indices': [3], 'values': "
                             "[1]}}}, 'using': 's'},"
                             "{'collection_name': 'c', 'query': {'nearest': {'id': 3}}, 'using': 'dot', 'limit': 1}]}",
      "{'result': [{'result': [{'id': 3, 'score': 7, 'version': 3}]}, {'result': [{'id': 1, 'score': 1}]},"
      "{'result': [{'id': 1, 'score': 1, 'version': 1}, {'id': 2, 'score': 2, 'version': 2}]},"
      "{'result': [{'id': 4, 'score': 2, 'version': 4}]}, {'result': [{'id': 2, 'score': 8, 'version': 2}]}]}");
  assert_answer(*state, "Points/QueryBatch", "{'collection_name': 'c'}", "{}");
}

static void test_query_batch_with_a_bad_query_answers_none(void **state) {
  assert_refusal(*state, "Points/QueryBatch",
      "{'collection_name': 'c', 'query_points': [{'collection_name': 'c'}, {'collection_name': 'c', 'limit': 0}]}",
      QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [query_points[1].limit: value 0 invalid, must be 1 or larger]");
}

static void test_search_deprecated_answers_like_query(void **state) {
  assert_answer(*state, "Points/Search",
      "{'collection_name': 'c', 'vector': [1, 1], 'vector_name': 'dot', 'limit': 1, 'offset': 1}",
      "{'result': [{'id': 2, 'score': 2, 'version': 2}]}");
  assert_answer(*state, "Points/SearchBatch",
      "{'collection_name': 'c', 'search_points': [{'collection_name': 'c', 'vector': [1], 'vector_name': 's',"
      "'sparse_indices': {'data': [1]}, 'limit': 5}]}",
      "{'result': [{'result': [{'id': 2, 'score': 2, 'version': 2}]}]}");
  assert_refusal(*state, "Points/Search", "{'collection_name': 'c', 'vector': [1], 'vector_name': 'dot'}",
      QDRANT_INVALID_ARGUMENT, "Validation error in body: [limit: value 0 invalid, must be 1 or larger]");
}

static void test_query_idf_counts_the_points_of_the_corpus(void **state) {
  /* ln(3.5 / 1.5 + 1) of four points of which one has the index; of two ln(1.5 / 1.5 + 1), of none ln(1 + 1). */
  static const char query[] = "'query': {'nearest': {'sparse': {'indices': [1], 'values': [1]}}}, 'using': 'idf'";
  static const struct {
    const char *params;
    const char *hits;
  } cases[] = {
      {"{}", "2:1.204"},
      {"{'idf': {}}", "2:1.204"},
      {"{'idf': {'corpus': {'must': [{'has_id': {'has_id': [1, 2]}}]}}}", "2:0.6931"},
      {"{'idf': {'corpus': {'must': [{'has_id': {'has_id': [9]}}]}}}", "2:0.6931"},
      {"{'idf': {'corpus': {'must_not': [{'has_id': {'has_id': [2]}}]}}}", "2:2.079"},
  };
  char question[512];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(question, sizeof question, "%s, 'params': %s", query, cases[i].params);
    assert_hits(*state, question, cases[i].hits);
  }
  assert_refusal(*state, "Points/Query",
      "{'collection_name': 'c', 'query': {'nearest': {'sparse': {'indices': [1], 'values': [1]}}}, 'using': 's',"
      "'params': {'idf': {}}}",
      QDRANT_INVALID_ARGUMENT,
      "Wrong input: Validation failed: search param `idf` requires a sparse vector with the `idf` modifier, which "
      "vector "
      "\"s\" is not");
}

static void test_query_bad_is_refused_in_the_servers_words(void **state) {
  static const struct {
    const char *question;
    qdrant_status status;
    const char *message;
  } cases[] = {
      {QD_NEAR("1", "1"), QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: "},
      {"'query': {'nearest': {'dense': {'data': [1]}}}, 'using': 'dot'", QDRANT_INVALID_ARGUMENT,
          "Wrong input: Vector dimension error: expected dim: 2, got 1"},
      {"'query': {'nearest': {'dense': {}}}, 'using': 'dot'", QDRANT_INVALID_ARGUMENT,
          "Wrong input: Vector dimension error: expected dim: 2, got 0"},
      {"'query': {'nearest': {'id': 99}}, 'using': 'dot'", QDRANT_NOT_FOUND, "Not found: No point with id 99 found"},
      {QD_NEAR("1", "1") ", 'using': 's'", QDRANT_INVALID_ARGUMENT,
          "Wrong input: Conversion between sparse and regular vectors failed"},
      {"'query': {}", QDRANT_INVALID_ARGUMENT, "Query variant is missing"},
      {"'query': {'fusion': 'RRF'}", QDRANT_INVALID_ARGUMENT,
          "Wrong input: Validation failed: cannot apply Fusion without prefetches"},
      {"'query': {'formula': {'expression': {'constant': 1}}}", QDRANT_INVALID_ARGUMENT,
          "Wrong input: Validation failed: cannot apply Formula without prefetches"},
      {"'prefetch': [{}]", QDRANT_INVALID_ARGUMENT,
          "Bad request: A query is needed to merge the prefetches. Can't have prefetches without defining a query."},
      {"'query': {'nearest': {'id': 1}}, 'lookup_from': {'collection_name': 'd'}", QDRANT_NOT_FOUND,
          "Not found: Collection d not found"},
      {"'timeout': 0, 'params': {'quantization': {'oversampling': 0.5}}", QDRANT_INVALID_ARGUMENT,
          "Validation error in body: [params.quantization.oversampling: value 0.5 invalid, must be 1.0 or larger; "
          "timeout: value 0 invalid, must be 1 or larger]"},
  };
  char request[512];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', %s}", cases[i].question);
    assert_refusal(*state, "Points/Query", request, cases[i].status, cases[i].message);
  }
}

/* Many points, so that blocks, the heap and pages are met; checked against the plain definition. */
enum { N_MANY = 3000, DIM = 37, N_WANTED = 25 };

typedef struct many {
  float vectors[N_MANY][DIM];
  float query[DIM];
} many;

static void fill_many(asked_engine *engine, many *points) {
  ask_ok(engine, "Collections/Create",
      "{'collection_name': 'many', 'vectors_config': {'params': {'size': 37, 'distance': 'Dot'}}}");
  srandom(7);
  for (size_t i = 0; i < N_MANY; i++)
    for (size_t j = 0; j < DIM; j++)
      points->vectors[i][j] = (float)(random() % 2001 - 1000) / 1000.0F;
  for (size_t j = 0; j < DIM; j++)
    points->query[j] = (float)(random() % 2001 - 1000) / 1000.0F;
  Qdrant__UpsertPoints request = QDRANT__UPSERT_POINTS__INIT;
  Qdrant__PointStruct point = QDRANT__POINT_STRUCT__INIT;
  Qdrant__PointId id = QDRANT__POINT_ID__INIT;
  Qdrant__Vectors vectors = QDRANT__VECTORS__INIT;
  Qdrant__Vector vector = QDRANT__VECTOR__INIT;
  Qdrant__PointStruct *list[] = {&point};
  request.collection_name = (char *)(uintptr_t) "many";
  request.points = list;
  request.n_points = 1;
  point.id = &id;
  point.vectors = &vectors;
  id.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  vectors.vectors_options_case = QDRANT__VECTORS__VECTORS_OPTIONS_VECTOR;
  vectors.vector = &vector;
  vector.n_data = DIM;
  for (size_t i = 0; i < N_MANY; i++) {
    /* Ids go up and down, so that slots and ids are in different orders. */
    id.num = i * 1013 % N_MANY;
    vector.data = points->vectors[id.num];
    qd_arena_reset(engine->arena);
    assert_int_equal(qd_engine_call(engine->engine, rpc_named("Points/Upsert"), &request.base, INT64_MAX, engine->arena,
                         &engine->reply, &engine->err),
        QDRANT_OK);
  }
}

static double dot_of(const many *points, size_t i) {
  double sum = 0;
  for (size_t j = 0; j < DIM; j++)
    sum += (double)points->vectors[i][j] * (double)points->query[j];
  return sum;
}

static const many *compared; /* qsort has no room for it */

static int compare_points(const void *a, const void *b) {
  double left = dot_of(compared, *(const size_t *)a);
  double right = dot_of(compared, *(const size_t *)b);
  return (left < right) - (left > right);
}

static void test_query_many_points_finds_the_exact_best(void **state) {
  asked_engine *engine = *state;
  many *points = malloc(sizeof *points);
  size_t order[N_MANY];
  char request[1024] = "{'collection_name': 'many', 'limit': 25, 'query': {'nearest': {'dense': {'data': [";
  assert_non_null(points);
  fill_many(engine, points);
  for (size_t i = 0; i < N_MANY; i++)
    order[i] = i;
  compared = points;
  qsort(order, N_MANY, sizeof order[0], compare_points);
  for (size_t j = 0; j < DIM; j++)
    snprintf(request + strlen(request), sizeof request - strlen(request), "%s%.9g", j > 0 ? "," : "",
        (double)points->query[j]);
  strcat(request, "]}}}}");
  ask_ok(engine, "Points/Query", request);
  const Qdrant__QueryResponse *reply = (const Qdrant__QueryResponse *)engine->reply;
  assert_int_equal(reply->n_result, N_WANTED);
  for (size_t i = 0; i < N_WANTED; i++)
    assert_float_equal(reply->result[i]->score, (float)dot_of(points, order[i]), 1e-4F);
  free(points);
}

static void test_scroll_pages_through_all_in_id_order(void **state) {
  asked_engine *engine = *state;
  many *points = malloc(sizeof *points);
  char request[128];
  uint64_t next = 0;
  size_t n_seen = 0;
  assert_non_null(points);
  fill_many(engine, points);
  for (int has_more = 1; has_more;) {
    snprintf(request, sizeof request, "{'collection_name': 'many', 'limit': 701, 'offset': %d}", (int)next);
    ask_ok(engine, "Points/Scroll", request);
    const Qdrant__ScrollResponse *reply = (const Qdrant__ScrollResponse *)engine->reply;
    for (size_t i = 0; i < reply->n_result; i++)
      assert_int_equal(reply->result[i]->id->num, n_seen++);
    has_more = reply->next_page_offset != NULL;
    next = has_more ? reply->next_page_offset->num : 0;
    assert_int_equal(has_more ? next : n_seen, n_seen);
  }
  assert_int_equal(n_seen, N_MANY);
  free(points);
}

static void test_scroll_filter_and_offset_find_the_next_page(void **state) {
  assert_answer(*state, "Points/Scroll",
      "{'collection_name': 'c', 'limit': 1, 'offset': 2, 'with_payload': {'enable': false},"
      "'filter': {'must_not': [{'has_id': {'has_id': [3]}}]}}",
      "{'result': [{'id': 2}], 'next_page_offset': 4}");
  assert_answer(*state, "Points/Scroll", "{'collection_name': 'c', 'offset': 5}", "{}");
  assert_refusal(*state, "Points/Scroll", "{'collection_name': 'c', 'limit': 0}", QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [limit: value 0 invalid, must be 1 or larger]");
}

/* Bytes are not normalised: the cosine is of what is stored. */
static void test_query_cosine_of_bytes_divides_by_both_lengths(void **state) {
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'b', 'vectors_config': {'params': {'size': 2, 'distance': 'Cosine', 'datatype': 'Uint8'}}}");
  ask_ok(*state, "Points/Upsert",
      "{'collection_name': 'b', 'points': [{'id': 1, 'vectors': {'vector': {'data': [3, 4]}}},"
      "{'id': 2, 'vectors': {'vector': {'data': [8.9, 6]}}}, {'id': 3, 'vectors': {'vector': {'data': [0, -1]}}}]}");
  assert_answer(*state, "Points/Query",
      "{'collection_name': 'b', 'query': {'nearest': {'dense': {'data': [3, 4]}}}, 'with_vectors': {'enable': true}}",
      "{'result': [{'id': 1, 'score': 1, 'version': 1, 'vectors': {'vector': {'dense': {'data': [3, 4]}}}},"
      "{'id': 2, 'score': 0.96, 'version': 1, 'vectors': {'vector': {'dense': {'data': [8, 6]}}}},"
      "{'id': 3, 'score': 0, 'version': 1, 'vectors': {'vector': {'dense': {'data': [0, 0]}}}}]}");
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, asked_queries_setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_query_each_distance_orders_best_first),
      QD_TEST(test_query_threshold_keeps_better_scores_only),
      QD_TEST(test_query_limit_and_offset_cut_a_page),
      QD_TEST(test_query_filter_is_applied),
      QD_TEST(test_query_by_id_leaves_the_point_out),
      QD_TEST(test_query_sparse_needs_a_common_index),
      QD_TEST(test_query_idf_weighs_rare_indices_more),
      QD_TEST(test_query_multi_adds_best_rows),
      QD_TEST(test_query_cosine_of_bytes_divides_by_both_lengths),
      QD_TEST(test_query_without_query_lists_by_id),
      QD_TEST(test_query_hit_has_version_payload_and_vectors),
      QD_TEST(test_query_score_minus_zero_is_zero),
      QD_TEST(test_query_batch_answers_in_order),
      QD_TEST(test_query_batch_with_a_bad_query_answers_none),
      QD_TEST(test_search_deprecated_answers_like_query),
      QD_TEST(test_query_idf_counts_the_points_of_the_corpus),
      QD_TEST(test_query_bad_is_refused_in_the_servers_words),
      QD_TEST(test_query_many_points_finds_the_exact_best),
      QD_TEST(test_scroll_pages_through_all_in_id_order),
      QD_TEST(test_scroll_filter_and_offset_find_the_next_page),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
