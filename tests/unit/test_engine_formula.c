#include "tests/support/asked_queries.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* Formulas over the dot product with (1, 1) of four points: 3:7 2:2 1:1 4:-2, and over payloads. */

static int setup(void **state) {
  int failed = asked_queries_setup(state);
  if (failed != 0)
    return failed;
  ask_ok(*state, "Points/SetPayload",
      "{'collection_name': 'c', 'payload': {'one': [2.5], 'many': [1, 2], 'text': 'x', 'at': {'lon': 0, 'lat': 1},"
      "'when': '1970-01-01T00:01:40Z', 'a': {'b': 3}}, 'points_selector': {'points': {'ids': [1, 2, 3, 4]}}}");
  return 0;
}

static void ask_formula(char *request, size_t n_bytes, const char *formula) {
  snprintf(request, n_bytes,
      "'prefetch': [{" QD_NEAR("1", "1") ", 'using': 'dot'}], 'limit': 2, 'query': {'formula': {%s}}", formula);
}

#define QD_SCORE "{'variable': '$score'}"
#define QD_NUMBER(x) "{'constant': " x "}"

static void test_formula_each_expression_has_its_value(void **state) {
  static const struct {
    const char *expression;
    const char *hits; /* the best two */
  } cases[] = {
      {QD_NUMBER("1.5"), "1:1.5 2:1.5"},
      {QD_SCORE, "3:7 2:2"},
      {"{'variable': 'n'}", "4:3 3:2"},
      {"{'variable': 'one'}", "1:2.5 2:2.5"},
      {"{'variable': 'a.b'}", "1:3 2:3"},
      {"{'condition': {'has_id': {'has_id': [2]}}}", "2:1 1:0"},
      {"{'condition': {'field': {'key': 'n', 'range': {'gte': 2}}}}", "3:1 4:1"},
      {"{'geo_distance': {'origin': {'lon': 0, 'lat': 0}, 'to': 'at'}}", "1:1.112e+05 2:1.112e+05"},
      {"{'datetime': '1970-01-01T00:00:10Z'}", "1:10 2:10"},
      {"{'datetime_key': 'when'}", "1:100 2:100"},
      {"{'mult': {'mult': [" QD_SCORE ", " QD_NUMBER("3") "]}}", "3:21 2:6"},
      {"{'mult': {'mult': [" QD_NUMBER("0") ", {'variable': 'missing'}]}}", "1:0 2:0"},
      {"{'sum': {'sum': [" QD_SCORE ", " QD_NUMBER("3") "]}}", "3:10 2:5"},
      {"{'max': {'max': [" QD_SCORE ", " QD_NUMBER("1.5") "]}}", "3:7 2:2"},
      {"{'min': {'min': [" QD_SCORE ", " QD_NUMBER("1.5") "]}}", "2:1.5 3:1.5"},
      {"{'div': {'left': " QD_SCORE ", 'right': " QD_NUMBER("2") "}}", "3:3.5 2:1"},
      {"{'div': {'left': " QD_SCORE ", 'right': " QD_NUMBER("0") ", 'by_zero_default': 4}}", "1:4 2:4"},
      {"{'neg': " QD_SCORE "}", "4:2 1:-1"},
      {"{'abs': {'neg': " QD_SCORE "}}", "3:7 2:2"},
      {"{'sqrt': {'abs': " QD_SCORE "}}", "3:2.646 2:1.414"},
      {"{'pow': {'base': " QD_SCORE ", 'exponent': " QD_NUMBER("2") "}}", "3:49 2:4"},
      {"{'exp': " QD_SCORE "}", "3:1097 2:7.389"},
      {"{'log10': {'abs': " QD_SCORE "}}", "3:0.8451 2:0.301"},
      {"{'ln': {'abs': " QD_SCORE "}}", "3:1.946 2:0.6931"},
      {"{'acosh': {'abs': " QD_SCORE "}}", "3:2.634 2:1.317"},
      {"{'exp_decay': {'x': " QD_SCORE ", 'target': " QD_NUMBER("7") ", 'scale': 5}}", "3:1 2:0.5"},
      {"{'gauss_decay': {'x': " QD_SCORE ", 'target': " QD_NUMBER("7") ", 'scale': 5, 'midpoint': 0.25}}",
          "3:1 2:0.25"},
      {"{'lin_decay': {'x': " QD_SCORE ", 'scale': 4}}", "1:0.875 2:0.75"},
  };
  char formula[512];
  char question[1024];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(formula, sizeof formula, "'expression': %s", cases[i].expression);
    ask_formula(question, sizeof question, formula);
    assert_hits(*state, question, cases[i].hits);
  }
}

static void test_formula_default_stands_for_what_a_point_lacks(void **state) {
  char question[1024];
  ask_formula(question, sizeof question,
      "'expression': {'sum': {'sum': [{'variable': 'missing.deep'}, {'variable': '$score[1]'}]}},"
      "'defaults': {'missing.deep': 2, '$score[1]': 0.5}");
  assert_hits(*state, question, "1:2.5 2:2.5");
  ask_formula(question, sizeof question,
      "'expression': {'geo_distance': {'origin': {'lon': 0, 'lat': 0}, 'to': 'where'}},"
      "'defaults': {'where': {'lon': 0, 'lat': 0}}");
  assert_hits(*state, question, "1:0 2:0");
}

static void test_formula_names_the_score_of_each_prefetch(void **state) {
  assert_hits(*state,
      "'prefetch': [{" QD_NEAR("1", "1") ", 'using': 'dot', 'limit': 1}, {" QD_NEAR(
          "1", "0") ", 'using': 'dot', 'limit': 2}],"
                    "'query': {'formula': {'expression': {'sum': {'sum': [{'variable': '$score'},"
                    "{'mult': {'mult': [{'constant': 10}, {'variable': '$score[1]'}]}}]}}}}",
      "3:37 1:10");
}

static void test_formula_threshold_keeps_good_scores(void **state) {
  assert_hits(*state,
      "'prefetch': [{" QD_NEAR(
          "1", "1") ", 'using': 'dot'}], 'score_threshold': 2, 'query': {'formula': {'expression': "
                    "{'variable': '$score'}}}",
      "3:7 2:2");
}

static void test_formula_bad_is_refused_in_the_servers_words(void **state) {
  static const struct {
    const char *expression;
    const char *message;
  } cases[] = {
      {"{}", "missing field: variant"},
      {"{'variable': 'missing'}", "Wrong input: Expected number value for missing in the payload and/or in the formula "
                                  "defaults. Error: No value found in a payload nor defaults"},
      {"{'variable': 'many'}", "Wrong input: Expected number value for many in the payload and/or in the formula "
                               "defaults. Error: Value is not a number"},
      {"{'variable': 'text'}", "Wrong input: Expected number value for text in the payload and/or in the formula "
                               "defaults. Error: Value is not a number"},
      {"{'datetime_key': 'n'}", "Wrong input: Expected datetime value for n in the payload and/or in the formula "
                                "defaults. Error: Value is not a string"},
      {"{'geo_distance': {'origin': {'lon': 0, 'lat': 0}, 'to': 'n'}}",
          "Wrong input: Expected geo point value for n in the payload and/or in the formula defaults. Error: Value is "
          "not a geo point"},
      {"{'variable': '$rank'}", "Wrong input: Validation failed: failed to parse variable ID $rank: Invalid reserved "
                                "word: $rank"},
      {"{'variable': '$score.x'}", "Wrong input: Validation failed: failed to parse variable ID $score.x: Invalid "
                                   "reserved variable: $score.x"},
      {"{'variable': ''}", "Wrong input: Validation failed: failed to parse variable ID : Invalid payload variable: "},
      {"{'datetime': 'soon'}",
          "Wrong input: Validation failed: failed to parse date-time soon: input contains invalid characters"},
      {"{'div': {'left': {'constant': 1}}}", "missing field: right"},
      {"{'div': {'left': {'constant': 1}, 'right': {'constant': 0}}}",
          "Wrong input: The expression 1/0 = inf produced a non-finite number"},
      {"{'sqrt': {'constant': -2.5}}", "Wrong input: The expression √-2.5 = NaN produced a non-finite number"},
      {"{'ln': {'constant': 0}}", "Wrong input: The expression ln(0) = -inf produced a non-finite number"},
      {"{'pow': {'base': {'constant': -1}, 'exponent': {'constant': 0.5}}}",
          "Wrong input: The expression -1^0.5 = NaN produced a non-finite number"},
      {"{'max': {}}", "Wrong input: Validation failed: `max` needs at least one operand"},
      {"{'lin_decay': {'x': {'constant': 1}, 'scale': -1}}",
          "Wrong input: Validation failed: Decay scale should be non-zero positive, got -1."},
      {"{'exp_decay': {'x': {'constant': 1}, 'midpoint': 1.5}}",
          "Wrong input: Validation failed: Decay midpoint should be in the range (0.0, 1.0), got 1.5."},
      {"{'lin_decay': {'x': {'constant': 1}, 'midpoint': 1.5}}",
          "Wrong input: Validation failed: Linear decay midpoint should be in the range [0.0, 1.0], got 1.5."},
  };
  char formula[512];
  char question[1024];
  char request[1200];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(formula, sizeof formula, "'expression': %s", cases[i].expression);
    ask_formula(question, sizeof question, formula);
    snprintf(request, sizeof request, "{'collection_name': 'c', %s}", question);
    assert_refusal(*state, "Points/Query", request, QDRANT_INVALID_ARGUMENT, cases[i].message);
  }
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_formula_each_expression_has_its_value),
      QD_TEST(test_formula_default_stands_for_what_a_point_lacks),
      QD_TEST(test_formula_names_the_score_of_each_prefetch),
      QD_TEST(test_formula_threshold_keeps_good_scores),
      QD_TEST(test_formula_bad_is_refused_in_the_servers_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
