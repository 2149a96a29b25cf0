#include "tests/support/asked_queries.h"

#include "qdrant/pb/points.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* Queries over prefetches: 3, 1, 2, 4 by the dot product with (1, 0), and 1, 2, 4, 3 by their distance from (1, 1). */
#define QD_BY_DOT "{" QD_NEAR("1", "0") ", 'using': 'dot'}"
#define QD_BY_EUCLID "{" QD_NEAR("1", "1") ", 'using': 'euclid'}"
#define QD_BOTH "'prefetch': [" QD_BY_DOT ", " QD_BY_EUCLID "]"

static void test_rrf_adds_up_reciprocal_ranks(void **state) {
  assert_hits(*state, QD_BOTH ", 'query': {'fusion': 'RRF'}", "1:0.8333 3:0.7 2:0.5833 4:0.45");
  assert_hits(*state, QD_BOTH ", 'query': {'rrf': {}}", "1:0.8333 3:0.7 2:0.5833 4:0.45");
  assert_hits(*state, QD_BOTH ", 'query': {'rrf': {'k': 60}}", "1:0.03306 3:0.03254 2:0.03252 4:0.032");
}

static void test_rrf_weight_stretches_the_ranks_of_its_prefetch(void **state) {
  assert_hits(*state, QD_BOTH ", 'query': {'rrf': {'weights': [3, 1]}}", "1:1.1 3:0.95 2:0.8333 4:0.6786");
  assert_hits(*state, QD_BOTH ", 'query': {'rrf': {'weights': [1, 0]}}", "3:0.5 1:0.3333 2:0.25 4:0.2");
}

static void test_dbsf_adds_up_scores_relative_to_their_spread(void **state) {
  assert_hits(
      *state, "'prefetch': [" QD_BY_DOT "], 'query': {'fusion': 'DBSF'}", "3:0.7196 1:0.5244 2:0.4268 4:0.3292");
  assert_hits(*state,
      "'prefetch': [" QD_BY_DOT ", {" QD_NEAR("1", "1") ", 'using': 'dot', 'limit': 1}], 'query': {'fusion': 'DBSF'}",
      "3:1.22 1:0.5244 2:0.4268 4:0.3292");
}

static void test_fusion_threshold_limit_and_offset_cut_what_is_fused(void **state) {
  assert_hits(*state, QD_BOTH ", 'query': {'fusion': 'RRF'}, 'score_threshold': 0.6", "1:0.8333 3:0.7");
  assert_hits(*state, QD_BOTH ", 'query': {'fusion': 'RRF'}, 'limit': 2, 'offset': 1", "3:0.7 2:0.5833");
}

static void test_prefetch_leaves_only_its_points_to_be_rescored(void **state) {
  assert_hits(*state,
      "'prefetch': [{" QD_NEAR("1", "0") ", 'using': 'dot', 'limit': 2}], " QD_NEAR("1", "1") ", 'using': 'euclid'",
      "1:1 3:3.606");
  assert_hits(*state, "'prefetch': [{'limit': 3}], " QD_NEAR("1", "1") ", 'using': 'dot', 'limit': 2", "3:7 2:2");
}

static void test_prefetch_trees_nest(void **state) {
  assert_hits(*state,
      "'prefetch': [{'prefetch': [" QD_BY_DOT ", " QD_BY_EUCLID "], 'query': {'fusion': 'RRF'}, 'limit': 2}, {'query': "
      "{'nearest': {'sparse': {'indices': [3], 'values': [1]}}}, 'using': 's'}], " QD_NEAR("0", "1") ", 'using': 'dot'",
      "3:4 1:0 4:-1");
}

static void test_filters_are_handed_down_to_the_leaves(void **state) {
  assert_hits(*state,
      "'prefetch': [{" QD_NEAR("1", "0") ", 'using': 'dot', 'limit': 1}], 'query': {'fusion': 'RRF'}, "
                                         "'filter': {'must_not': [{'has_id': {'has_id': [3]}}]}",
      "1:0.5");
  /* `should` of two levels are alternatives of each other, as on the server. */
  assert_hits(*state,
      "'prefetch': [{" QD_NEAR(
          "1", "0") ", 'using': 'dot', 'filter': {'should': [{'has_id': {'has_id': [2]}}]}}], "
                    "'query': {'fusion': 'RRF'}, 'filter': {'should': [{'has_id': {'has_id': [4]}}]}",
      "2:0.5 4:0.3333");
}

static void test_points_named_as_examples_are_no_answers_anywhere(void **state) {
  assert_hits(*state,
      "'prefetch': [" QD_BY_DOT ", {'query': {'nearest': {'id': 3}}, 'using': 'dot', 'limit': 1}], "
      "'query': {'fusion': 'RRF'}",
      "2:0.8333 1:0.5 4:0.25");
}

static void test_order_by_and_sample_list_what_was_prefetched(void **state) {
  const Qdrant__QueryResponse *reply;
  ask_ok(*state, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'field_name': 'n', 'field_type': 'FieldTypeInteger'}");
  assert_hits(*state,
      "'prefetch': [{" QD_NEAR("1", "0") ", 'using': 'dot', 'limit': 3}], "
                                         "'query': {'order_by': {'key': 'n', 'direction': 'Desc'}}, 'limit': 2",
      "3:1 2:1");
  reply = (const Qdrant__QueryResponse *)((asked_engine *)*state)->reply;
  assert_int_equal(reply->result[0]->order_value->int_, 2);
  assert_int_equal(reply->result[0]->version, 0);
  ask_ok(*state, "Points/Query",
      "{'collection_name': 'c', 'prefetch': [{" QD_NEAR("1", "0") ", 'using': 'dot', 'limit': 1}], "
                                                                  "'query': {'sample': 'Random'}}");
  reply = (const Qdrant__QueryResponse *)((asked_engine *)*state)->reply;
  assert_int_equal(reply->n_result, 1);
  assert_int_equal(reply->result[0]->id->num, 3);
}

static void test_mmr_picks_from_what_was_prefetched(void **state) {
  assert_hits(*state,
      "'prefetch': [{" QD_NEAR(
          "1", "1") ", 'using': 'dot', 'limit': 3}], 'using': 'dot', 'query': {"
                    "'nearest_with_mmr': {'nearest': {'dense': {'data': [1, 1]}}, 'mmr': {'diversity': 0.5}}}",
      "3:7 1:1 2:2");
}

static void test_lookup_from_takes_the_vectors_of_another_collection(void **state) {
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'other', 'vectors_config': {'params_map': {'map': {'v': {'size': 2, 'distance': 'Dot'},"
      "'long': {'size': 3, 'distance': 'Dot'}}}}}");
  ask_ok(*state, "Points/Upsert",
      "{'collection_name': 'other', 'points': [{'id': 3, 'vectors': {'vectors': {'vectors': {'v': {'dense': {'data': "
      "[1, 1]}}, 'long': {'dense': {'data': [1, 1, 1]}}}}}}]}");
  assert_hits(*state,
      "'query': {'nearest': {'id': 3}}, 'using': 'dot', 'lookup_from': {'collection_name': 'other', 'vector_name': "
      "'v'}",
      "3:7 2:2 1:1 4:-2");
  assert_refusal(*state, "Points/Query",
      "{'collection_name': 'c', 'query': {'nearest': {'id': 3}}, 'using': 'dot', 'lookup_from': {'collection_name': "
      "'other', 'vector_name': 'long'}}",
      QDRANT_INVALID_ARGUMENT, "Wrong input: Vector dimension error: expected dim: 2, got 3");
  assert_refusal(*state, "Points/Query",
      "{'collection_name': 'c', 'query': {'nearest': {'id': 4}}, 'using': 'dot', 'lookup_from': {'collection_name': "
      "'other', 'vector_name': 'v'}}",
      QDRANT_NOT_FOUND, "Not found: No point with id 4 found");
}

static void test_prefetch_bad_is_refused_in_the_servers_words(void **state) {
  static const struct {
    const char *question;
    const char *message;
  } cases[] = {
      {QD_BOTH ", 'query': {'rrf': {'weights': [1]}}",
          "Wrong input: Validation failed: RRF weights length (1) does not match number of prefetches (2)"},
      {QD_BOTH ", 'query': {'fusion': 'RRF'}, 'using': 'dot'",
          "Bad request: Fusion queries cannot be combined with the 'using' field."},
      {"'prefetch': [{'query': {'fusion': 'DBSF'}}], " QD_NEAR("1", "1") ", 'using': 'dot'",
          "Wrong input: Validation failed: cannot apply Fusion without prefetches"},
      {"'score_threshold': 1", "Bad request: A query is needed to use the score_threshold. Can't have score_threshold "
                               "without defining a query."},
      {"'query': {'order_by': {'key': 'n'}}, 'score_threshold': 1",
          "Bad request: Can't use score_threshold with an order_by query."},
  };
  char request[1024];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', %s}", cases[i].question);
    assert_refusal(*state, "Points/Query", request, QDRANT_INVALID_ARGUMENT, cases[i].message);
  }
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, asked_queries_setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_rrf_adds_up_reciprocal_ranks),
      QD_TEST(test_rrf_weight_stretches_the_ranks_of_its_prefetch),
      QD_TEST(test_dbsf_adds_up_scores_relative_to_their_spread),
      QD_TEST(test_fusion_threshold_limit_and_offset_cut_what_is_fused),
      QD_TEST(test_prefetch_leaves_only_its_points_to_be_rescored),
      QD_TEST(test_prefetch_trees_nest),
      QD_TEST(test_filters_are_handed_down_to_the_leaves),
      QD_TEST(test_points_named_as_examples_are_no_answers_anywhere),
      QD_TEST(test_order_by_and_sample_list_what_was_prefetched),
      QD_TEST(test_mmr_picks_from_what_was_prefetched),
      QD_TEST(test_lookup_from_takes_the_vectors_of_another_collection),
      QD_TEST(test_prefetch_bad_is_refused_in_the_servers_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
