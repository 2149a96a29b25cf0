#include "tests/support/asked_queries.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* Queries by several examples: recommendations, discoveries, feedback and diversity. */

#define QD_RECOMMEND(members) "'query': {'recommend': {" members "}}, 'using': 'dot'"
#define QD_DENSE(x, y) "{'dense': {'data': [" x ", " y "]}}"

static void test_recommend_average_looks_between_the_examples(void **state) {
  assert_hits(*state, QD_RECOMMEND("'positive': [{'id': 1}, " QD_DENSE("0", "1") "]"), "3:3.5 2:1 4:-1");
  assert_hits(*state, QD_RECOMMEND("'positive': [{'id': 1}], 'negative': [{'id': 2}]"), "4:0 3:-2");
  assert_hits(*state,
      "'query': {'recommend': {'positive': [{'id': 1}], 'negative': [{'id': 2}]}}, 'using': 'euclid', "
      "'score_threshold': 4",
      "4:3.162");
  assert_hits(*state, "'query': {'recommend': {'positive': [{'id': 1}], 'negative': [{'id': 2}]}}, 'using': 'multi'",
      "4:7 3:6");
}

static void test_recommend_average_merges_sparse_vectors(void **state) {
  assert_hits(*state,
      "'query': {'recommend': {'positive': [{'sparse': {'indices': [0], 'values': [1]}}, {'sparse': {'indices': [2, "
      "0], "
      "'values': [2, 3]}}], 'negative': [{'sparse': {'indices': [2, 1], 'values': [1, 1]}}]}}, 'using': 's'",
      "1:8 3:2 2:-2");
}

static void test_recommend_best_score_lets_the_nearest_example_decide(void **state) {
  assert_hits(*state, QD_RECOMMEND("'positive': [{'id': 1}], 'strategy': 'BestScore'"), "3:0.875 2:0.5 4:0.25");
  assert_hits(*state, QD_RECOMMEND("'positive': [{'id': 1}], 'negative': [{'id': 3}], 'strategy': 'BestScore'"),
      "4:0.25 2:-0.9444");
  assert_hits(*state, QD_RECOMMEND("'negative': [{'id': 3}], 'strategy': 'BestScore'"), "4:-0.0625 1:-0.875 2:-0.9444");
}

static void test_recommend_sum_scores_adds_up_all_examples(void **state) {
  assert_hits(
      *state, QD_RECOMMEND("'positive': [{'id': 1}], 'negative': [{'id': 3}], 'strategy': 'SumScores'"), "4:6 2:-8");
  assert_hits(*state,
      "'query': {'recommend': {'positive': [{'id': 1}], 'strategy': 'SumScores'}}, 'using': 'man', 'limit': 2",
      "2:-3 4:-3");
}

static void test_discover_ranks_by_pairs_before_the_target(void **state) {
  assert_hits(*state,
      "'using': 'dot', 'query': {'discover': {'target': {'id': 1}, 'context': {'pairs': [{'positive': {'id': 2}, "
      "'negative': {'id': 4}}]}}}",
      "3:1.875");
  assert_hits(*state,
      "'using': 'dot', 'query': {'discover': {'target': " QD_DENSE("1",
          "0") ", 'context': {'pairs': [{'positive': " QD_DENSE("1", "0") ", 'negative': " QD_DENSE("0", "1") "}]}}}",
      "1:1.75 4:0.25 3:-0.125 2:-0.5");
}

static void test_context_scores_what_lacks_to_the_positive_side(void **state) {
  assert_hits(*state,
      "'using': 'dot', 'query': {'context': {'pairs': [{'positive': {'id': 2}, 'negative': {'id': 4}}]}}", "1:0 3:0");
  assert_hits(*state,
      "'using': 'dot', 'query': {'context': {'pairs': [{'positive': {'id': 4}, 'negative': {'id': 2}}]}}",
      "1:-0.5 3:-0.9375");
}

static void test_sparse_examples_score_points_without_a_common_index(void **state) {
  assert_hits(*state,
      "'using': 's', 'query': {'recommend': {'positive': [{'sparse': {'indices': [2], 'values': [1]}}], 'strategy': "
      "'BestScore'}}, 'limit': 2",
      "3:0.8333 1:0.5");
}

static void test_threshold_ends_a_list_by_examples_at_the_first_that_fails(void **state) {
  assert_hits(
      *state, QD_RECOMMEND("'positive': [{'id': 1}], 'strategy': 'BestScore'") ", 'score_threshold': 0.5", "3:0.875");
  /* Compared as distances are, so that the best score may fail, as on the server. */
  assert_hits(*state,
      "'query': {'recommend': {'positive': [{'id': 1}], 'strategy': 'BestScore'}}, 'using': 'euclid', "
      "'score_threshold': 0.01",
      "");
}

static void test_feedback_pulls_towards_better_examples(void **state) {
  assert_hits(*state,
      "'using': 'dot', 'query': {'relevance_feedback': {'target': " QD_DENSE(
          "1", "1") ", 'feedback': [{'example': " QD_DENSE("1", "0") ", 'score': 0.9}, {'example': " QD_DENSE("0",
          "1") ", 'score': 0.4}], 'strategy': {'naive': "
               "{'a': 0.5, 'b': 1, 'c': 2}}}}",
      "3:2.5 1:1.5 2:-1 4:-1");
}

static void test_mmr_picks_points_unlike_those_picked(void **state) {
  assert_hits(*state,
      "'using': 'dot', 'query': {'nearest_with_mmr': {'nearest': " QD_DENSE("1", "1") ", 'mmr': {}}}, 'limit': 3",
      "3:7 1:1 2:2");
  assert_hits(*state,
      "'using': 'dot', 'query': {'nearest_with_mmr': {'nearest': " QD_DENSE("1", "1") ", 'mmr': {'candidates_limit': "
                                                                                      "100}}}, 'limit': 3",
      "3:7 4:-2 1:1");
  assert_hits(*state,
      "'using': 'dot', 'query': {'nearest_with_mmr': {'nearest': " QD_DENSE(
          "1", "1") ", 'mmr': {'diversity': 0, "
                    "'candidates_limit': 100}}}, 'limit': 2, 'offset': 1",
      "2:2 1:1");
}

static void test_recommend_deprecated_answers_like_the_query(void **state) {
  assert_hits_of(*state, "Points/Recommend",
      "'positive': [1], 'negative_vectors': [{'data': [0, 2]}], 'using': 'dot', 'limit': 3", "4:0 3:-2 2:-4");
}

static void test_recommend_deprecated_passes_over_points_without_the_vector(void **state) {
  ask_ok(*state, "Points/Upsert",
      "{'collection_name': 'c', 'points': [{'id': 5, 'vectors': {'vectors': {'vectors': {'cos': {'dense': {'data': [1, "
      "1]}}}}}}]}");
  assert_hits_of(*state, "Points/Recommend", "'positive': [1, 5], 'using': 'dot', 'limit': 2, 'strategy': 'BestScore'",
      "3:0.875 2:0.5");
  assert_refusal(*state, "Points/Recommend", "{'collection_name': 'c', 'positive': [5], 'using': 'dot', 'limit': 2}",
      QDRANT_INVALID_ARGUMENT, "Wrong input: Positive vectors should not be empty with `average` strategy");
  assert_refusal(*state, "Points/Query", "{'collection_name': 'c', 'query': {'nearest': {'id': 5}}, 'using': 'dot'}",
      QDRANT_NOT_FOUND, "Not found: Vector with name \"dot\" for point not found");
  assert_hits_of(*state, "Points/Discover",
      "'target': {'single': {'id': 5}}, 'context': [{'positive': {'id': 2}, 'negative': {'id': 4}}, {'positive': "
      "{'id': "
      "5}, 'negative': {'id': 2}}], 'using': 'dot', 'limit': 5",
      "1:0 3:0");
}

static void test_discover_deprecated_answers_like_the_query(void **state) {
  assert_hits_of(*state, "Points/Discover",
      "'target': {'single': {'id': 1}}, 'context': [{'positive': {'id': 2}, 'negative': {'vector': {'data': [-1, "
      "-1]}}}], "
      "'using': 'dot', 'limit': 1",
      "3:1.875");
}

static void test_examples_bad_are_refused_in_the_servers_words(void **state) {
  static const struct {
    const char *rpc;
    const char *question;
    const char *message;
  } cases[] = {
      {"Points/Query", QD_RECOMMEND("'negative': [{'id': 1}]"),
          "Wrong input: Positive vectors should not be empty with `average` strategy"},
      {"Points/Query", "'query': {'discover': {'context': {}}}", "DiscoverInput target is missing"},
      {"Points/Query", "'query': {'discover': {'target': {'id': 1}}}", "DiscoverInput context is missing"},
      {"Points/Query", "'query': {'context': {'pairs': [{'positive': {'id': 1}}]}}", "ContextPair negative is missing"},
      {"Points/Query", "'query': {'nearest_with_mmr': {'nearest': {'id': 1}}}", "mmr is missing"},
      {"Points/Query", "'query': {'relevance_feedback': {'target': {'id': 1}}}", "strategy is missing"},
      {"Points/Query", QD_RECOMMEND("'positive': [" QD_DENSE("1", "1") "], 'negative': [{'dense': {'data': [1]}}]"),
          "Wrong input: Vector dimension error: expected dim: 2, got 1"},
      {"Points/Recommend", "'using': 'dot', 'limit': 1",
          "Bad request: At least one positive vector ID required with this strategy"},
      {"Points/Recommend", "'using': 'dot', 'limit': 1, 'strategy': 'SumScores'",
          "Bad request: At least one positive or negative vector ID required with this strategy"},
      {"Points/Discover", "'using': 'dot', 'limit': 1", "Bad request: target and/or context_pairs must be specified"},
      {"Points/Discover", "'using': 'dot', 'limit': 1, 'target': {}", "Target vector is malformed"},
      {"Points/Discover", "'using': 'dot', 'limit': 1, 'context': [{'positive': {'id': 1}}]",
          "Both positive and negative are required in a context pair"},
  };
  char request[512];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', %s}", cases[i].question);
    assert_refusal(*state, cases[i].rpc, request, QDRANT_INVALID_ARGUMENT, cases[i].message);
  }
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, asked_queries_setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_recommend_average_looks_between_the_examples),
      QD_TEST(test_recommend_average_merges_sparse_vectors),
      QD_TEST(test_recommend_best_score_lets_the_nearest_example_decide),
      QD_TEST(test_recommend_sum_scores_adds_up_all_examples),
      QD_TEST(test_discover_ranks_by_pairs_before_the_target),
      QD_TEST(test_context_scores_what_lacks_to_the_positive_side),
      QD_TEST(test_sparse_examples_score_points_without_a_common_index),
      QD_TEST(test_threshold_ends_a_list_by_examples_at_the_first_that_fails),
      QD_TEST(test_feedback_pulls_towards_better_examples),
      QD_TEST(test_mmr_picks_points_unlike_those_picked),
      QD_TEST(test_recommend_deprecated_answers_like_the_query),
      QD_TEST(test_recommend_deprecated_passes_over_points_without_the_vector),
      QD_TEST(test_discover_deprecated_answers_like_the_query),
      QD_TEST(test_examples_bad_are_refused_in_the_servers_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
