#include "tests/support/asked_queries.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* Queries by the words of a text: points 1 "fox fox Dog", 2 "dog", 3 a number, 4 "a" and "fox"; two words on average.
 */

static int setup(void **state) {
  static const char *const texts[] = {"'fox fox Dog'", "'dog'", "7", "['a', 'fox']"};
  char request[256];
  int failed = asked_queries_setup(state);
  if (failed != 0)
    return failed;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    snprintf(request, sizeof request,
        "{'collection_name': 'c', 'payload': {'t': %s, 'u': 'fox'}, 'points_selector': {'points': {'ids': [%zu]}}}",
        texts[i], i + 1);
    ask_ok(*state, "Points/SetPayload", request);
  }
  ask_ok(*state, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'field_name': 't', 'field_type': 'FieldTypeText', 'field_index_params': "
      "{'text_index_params': {'tokenizer': 'Word', 'scoring': {'type': 'Bm25'}}}}");
  ask_ok(*state, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'field_name': 'u', 'field_type': 'FieldTypeText', 'field_index_params': "
      "{'text_index_params': {'tokenizer': 'Word'}}}");
  return 0;
}

static void test_words_score_by_how_often_and_how_rare_they_are(void **state) {
  assert_hits(*state, "'query': {'text': {'query': 'fox'}}, 'using': 't'", "1:0.5666 4:0.47");
  assert_hits(*state, "'query': {'text': {'query': 'FOX, fox'}}, 'using': 't'", "1:0.5666 4:0.47");
  assert_hits(*state, "'query': {'text': {'query': 'fox', 'bm25': {'k': 0}}}, 'using': 't'", "1:0.47 4:0.47");
  assert_hits(*state, "'query': {'text': {'query': 'fox', 'bm25': {'b': 0}}}, 'using': 't'", "1:0.6463 4:0.47");
  assert_hits(*state, "'query': {'text': {'query': 'dog fox'}}, 'using': 't'", "1:0.9568 2:0.5909 4:0.47");
}

static void test_words_none_of_which_is_there_find_nothing(void **state) {
  assert_hits(*state, "'query': {'text': {'query': 'cat'}}, 'using': 't'", "");
  assert_hits(*state, "'query': {'text': {'query': ' . '}}, 'using': 't'", "");
}

static void test_words_filter_threshold_and_corpus_choose_points(void **state) {
  assert_hits(*state,
      "'query': {'text': {'query': 'fox'}}, 'using': 't', 'filter': {'must_not': [{'has_id': {'has_id': [1]}}]}",
      "4:0.47");
  assert_hits(*state, "'query': {'text': {'query': 'fox'}}, 'using': 't', 'score_threshold': 0.5", "1:0.5666");
  assert_hits(*state,
      "'query': {'text': {'query': 'fox'}}, 'using': 't', 'params': {'idf': {'corpus': {'must': [{'has_id': {'has_id': "
      "[1, 2]}}]}}}",
      "1:0.8356 4:0.6931");
}

static void test_words_rescore_what_was_prefetched(void **state) {
  assert_hits(*state,
      "'prefetch': [{" QD_NEAR(
          "-1", "-1") ", 'using': 'dot', 'limit': 2}], 'query': {'text': {'query': 'fox'}}, 'using': 't'",
      "1:0.5666 4:0.47");
  assert_hits(*state,
      "'prefetch': [{" QD_NEAR(
          "-1", "-1") ", 'using': 'dot', 'limit': 1}], 'query': {'text': {'query': 'fox'}}, 'using': 't'",
      "4:0.47");
  assert_hits(*state,
      "'prefetch': [{'query': {'text': {'query': 'fox'}}, 'using': 't', 'limit': 1}], " QD_NEAR(
          "1", "1") ", 'using': 'dot'",
      "1:1");
}

static void test_words_bad_are_refused(void **state) {
  static const struct {
    const char *question;
    const char *message;
  } cases[] = {
      {"'query': {'text': {'query': 'x'}}",
          "Wrong input: A text query needs `using` to name the payload field to search"},
      {"'query': {'text': {'query': 'x'}}, 'using': 'n'",
          "Wrong input: A text query needs a text index with `scoring` on `n`"},
      {"'query': {'text': {'query': 'x'}}, 'using': 'u'",
          "Wrong input: A text query needs a text index with `scoring` on `u`"},
      {"'query': {'text': {'query': 'x', 'bm25': {'k': -1}}}, 'using': 't'",
          "Wrong input: BM25 k value -1 is invalid. Must be 0.0 or larger."},
      {"'query': {'text': {'query': 'x', 'bm25': {'b': 1.5}}}, 'using': 't'",
          "Wrong input: BM25 b value 1.5 is invalid. Must be from 0.0 to 1.0."},
  };
  char request[512];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', %s}", cases[i].question);
    assert_refusal(*state, "Points/Query", request, QDRANT_INVALID_ARGUMENT, cases[i].message);
  }
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_words_score_by_how_often_and_how_rare_they_are),
      QD_TEST(test_words_none_of_which_is_there_find_nothing),
      QD_TEST(test_words_filter_threshold_and_corpus_choose_points),
      QD_TEST(test_words_rescore_what_was_prefetched),
      QD_TEST(test_words_bad_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
