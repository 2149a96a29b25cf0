#include "tests/support/asked_engine.h"

#include "qdrant/pb/points.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Each condition counts the points of one collection. */

typedef struct filter_case {
  const char *filter;
  uint64_t n_matching;
} filter_case;

static int setup(void **state) {
  static const char *const payloads[] = {
      "'city': 'Rome', 'n': 1, 'price': 1.5, 'ok': true, 'when': '2024-01-01T00:00:00Z', 'tags': ['a', 'b'],"
      "'at': {'lon': 12.5, 'lat': 41.9}, 'parts': [{'size': 1, 'colour': 'red'}, {'size': 2, 'colour': 'blue'}]",
      "'city': 'Roma', 'n': 2, 'price': 2, 'ok': false, 'when': '2024-06-01T02:00:00+02:00', 'tags': ['c'],"
      "'at': [{'lon': -179.5, 'lat': 0}, {'lon': 2.3, 'lat': 48.9}], 'parts': [{'size': 2, 'colour': 'red'}]",
      "'city': ['Paris', 'Lyon'], 'n': [3, 4], 'price': -1e9, 'ok': null, 'when': '2024-12-31', 'tags': [],"
      "'text': 'the quick brown fox'",
      "'city': '', 'n': 9223372036854775807, 'tags': null, 'deep': {'er': {'x': [{'y': 5}, {'y': 6}]}},"
      "'text': 'slow foxes', 'a-b': {'c d': 1}",
      "'n': 5.0, 'city': 7, 'ok': 'true', 'tags': ['a', null]",
  };
  int failed = asked_engine_setup(state);
  char request[1024];
  if (failed != 0)
    return failed;
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params': {'size': 1, 'distance': 'Dot'}},"
      "'sparse_vectors_config': {'map': {'s': {}}}}");
  for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
    snprintf(request, sizeof request,
        "{'collection_name': 'c', 'points': [{'id': %zu, 'payload': {%s}, 'vectors': {'vectors': {'vectors': {%s}}}}]}",
        i + 1, payloads[i], i == 0 ? "'s': {'sparse': {}}" : "'': {'dense': {'data': [1]}}");
    ask_ok(*state, "Points/Upsert", request);
  }
  return 0;
}

static void check_cases(asked_engine *engine, const filter_case *cases, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint64_t n_matching = count_matching(engine, "c", cases[i].filter);
    if (n_matching != cases[i].n_matching)
      fail_msg("%s matches %d points", cases[i].filter, (int)n_matching);
  }
}

#define QD_MUST(condition) "{'must': [{" condition "}]}"
#define QD_FIELD(key, test) QD_MUST("'field': {'key': '" key "', " test "}")

static void test_match_values_compares_type_and_value(void **state) {
  static const filter_case cases[] = {
      {QD_FIELD("city", "'match': {'keyword': 'Rome'}"), 1},
      {QD_FIELD("city", "'match': {'keyword': 'Lyon'}"), 1},
      {QD_FIELD("city", "'match': {'keyword': ''}"), 1},
      {QD_FIELD("city", "'match': {'keyword': 'rome'}"), 0},
      {QD_FIELD("n", "'match': {'integer': 4}"), 1},
      {QD_FIELD("n", "'match': {'integer': 5}"), 0},
      {QD_FIELD("n", "'match': {'integer': 9223372036854775807}"), 1},
      {QD_FIELD("ok", "'match': {'boolean': true}"), 1},
      {QD_FIELD("ok", "'match': {'boolean': false}"), 1},
      {QD_FIELD("city", "'match': {'keywords': {'strings': ['Rome', 'Lyon', 'x']}}"), 2},
      {QD_FIELD("city", "'match': {'keywords': {}}"), 0},
      {QD_FIELD("n", "'match': {'integers': {'integers': [1, 3, 4]}}"), 2},
      {QD_FIELD("city", "'match': {'except_keywords': {'strings': ['Rome', 'Paris']}}"), 4},
      {QD_FIELD("n", "'match': {'except_integers': {'integers': [1, 2]}}"), 3},
      {QD_FIELD("ok", "'match': {'except_keywords': {'strings': ['true']}}"), 2},
      {QD_FIELD("missing", "'match': {'except_integers': {'integers': [1]}}"), 0},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

static void test_match_text_looks_for_the_text(void **state) {
  static const filter_case cases[] = {
      {QD_FIELD("text", "'match': {'text': 'quick brown'}"), 1},
      {QD_FIELD("text", "'match': {'text': 'brown quick'}"), 0},
      {QD_FIELD("text", "'match': {'text': 'fox'}"), 2},
      {QD_FIELD("text", "'match': {'phrase': 'brown fox'}"), 1},
      {QD_FIELD("text", "'match': {'text_any': ' cat  slow '}"), 1},
      {QD_FIELD("text", "'match': {'text_any': 'cat'}"), 0},
      {QD_FIELD("text", "'match': {'prefix': 'slow'}"), 1},
      {QD_FIELD("text", "'match': {'prefix': 'fox'}"), 0},
      {QD_FIELD("text", "'match': {'substring': 'k brown'}"), 1},
      {QD_FIELD("text", "'match': {'substring': 'Fox'}"), 0},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

static void test_range_compares_numbers_and_times(void **state) {
  static const filter_case cases[] = {
      {QD_FIELD("n", "'range': {'gt': 1}"), 4},
      {QD_FIELD("n", "'range': {'gte': 1, 'lt': 3}"), 2},
      {QD_FIELD("n", "'range': {'lte': 4}"), 3},
      {QD_FIELD("n", "'range': {}"), 5},
      {QD_FIELD("price", "'range': {'lt': 0}"), 1},
      {QD_FIELD("city", "'range': {'lt': 10}"), 1},
      {QD_FIELD("when", "'datetime_range': {'gte': {'seconds': 1704067200}}"), 3},
      {QD_FIELD("when", "'datetime_range': {'gt': {'seconds': 1704067200}}"), 2},
      {QD_FIELD("when", "'datetime_range': {'lte': {'seconds': 1717200000}}"), 2},
      {QD_FIELD("when", "'datetime_range': {'lt': {'seconds': 1717200000}}"), 1},
      {QD_FIELD("when", "'datetime_range': {'lt': {'seconds': 1717200000, 'nanos': 1}}"), 2},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

static void test_paths_reach_nested_values(void **state) {
  static const filter_case cases[] = {
      {QD_FIELD("deep.er.x[].y", "'match': {'integer': 6}"), 1},
      {QD_FIELD("deep.er.x[0].y", "'match': {'integer': 5}"), 1},
      {QD_FIELD("deep.er.x[0].y", "'match': {'integer': 6}"), 0},
      {QD_FIELD("deep.er.x[9].y", "'match': {'integer': 6}"), 0},
      {QD_FIELD("deep.er.x.y", "'match': {'integer': 6}"), 0},
      {QD_FIELD("a-b.\\\"c d\\\"", "'match': {'integer': 1}"), 1},
      {QD_FIELD("tags[]", "'match': {'keyword': 'a'}"), 2},
      {QD_FIELD("tags[1]", "'match': {'keyword': 'b'}"), 1},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

static void test_emptiness_tells_missing_null_and_empty_apart(void **state) {
  static const filter_case cases[] = {
      {QD_MUST("'is_empty': {'key': 'tags'}"), 2},
      {QD_MUST("'is_empty': {'key': 'ok'}"), 2},
      {QD_MUST("'is_null': {'key': 'tags'}"), 1},
      {QD_MUST("'is_null': {'key': 'missing'}"), 0},
      {QD_FIELD("tags", "'is_empty': true"), 2},
      {QD_FIELD("tags", "'is_empty': false"), 3},
      {QD_FIELD("tags", "'is_null': true"), 2},
      {QD_FIELD("missing", "'is_empty': true"), 5},
      {QD_FIELD("missing", "'is_null': true"), 0},
      {QD_FIELD("missing", "'is_null': false"), 5},
      {QD_FIELD("tags", "'values_count': {'gte': 2}"), 2},
      {QD_FIELD("tags", "'values_count': {'lt': 1}"), 2},
      {QD_FIELD("city", "'values_count': {'gt': 0, 'lte': 1}"), 4},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

static void test_geo_finds_positions(void **state) {
  static const filter_case cases[] = {
      {QD_FIELD("at", "'geo_radius': {'center': {'lon': 12.5, 'lat': 42}, 'radius': 12000}"), 1},
      {QD_FIELD("at", "'geo_radius': {'center': {'lon': 12.5, 'lat': 42}, 'radius': 11000}"), 0},
      {QD_FIELD(
           "at", "'geo_bounding_box': {'top_left': {'lon': 0, 'lat': 50}, 'bottom_right': {'lon': 20, 'lat': 40}}"),
          2},
      {QD_FIELD(
           "at", "'geo_bounding_box': {'top_left': {'lon': 170, 'lat': 5}, 'bottom_right': {'lon': -170, 'lat': -5}}"),
          1},
      {QD_FIELD("at", "'geo_polygon': {'exterior': {'points': [{'lon': 0, 'lat': 40}, {'lon': 20, 'lat': 40},"
                      "{'lon': 10, 'lat': 60}, {'lon': 0, 'lat': 40}]}}"),
          1},
      {QD_FIELD("at",
           "'geo_polygon': {'exterior': {'points': [{'lon': 0, 'lat': 40}, {'lon': 20, 'lat': 40},"
           "{'lon': 10, 'lat': 60}, {'lon': 0, 'lat': 40}]}, 'interiors': [{'points': [{'lon': 12, 'lat': 41},"
           "{'lon': 13, 'lat': 41}, {'lon': 12.5, 'lat': 43}, {'lon': 12, 'lat': 41}]}]}"),
          0},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

static void test_ids_and_vectors_are_looked_at(void **state) {
  static const filter_case cases[] = {
      {QD_MUST("'has_id': {'has_id': [5, 1, 77, '550e8400-e29b-41d4-a716-446655440000']}"), 2},
      {QD_MUST("'has_id': {}"), 0},
      {QD_MUST("'has_vector': {'has_vector': ''}"), 4},
      {QD_MUST("'has_vector': {'has_vector': 's'}"), 1},
      {QD_MUST("'has_vector': {'has_vector': 'x'}"), 0},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

#define QD_RED "{'field': {'key': 'colour', 'match': {'keyword': 'red'}}}"
#define QD_TWO "{'field': {'key': 'size', 'match': {'integer': 2}}}"

static void test_nested_needs_one_element_to_match_all(void **state) {
  static const filter_case cases[] = {
      {QD_MUST("'nested': {'key': 'parts', 'filter': {'must': [" QD_RED "," QD_TWO "]}}"), 1},
      {QD_MUST("'nested': {'key': 'parts[]', 'filter': {'must': [" QD_TWO "]}}"), 2},
      {QD_MUST("'nested': {'key': 'parts', 'filter': {'must_not': [" QD_RED "]}}"), 1},
      {QD_MUST("'nested': {'key': 'parts', 'filter': {'must': [{'has_id': {'has_id': [1]}}]}}"), 0},
      {QD_MUST("'nested': {'key': 'tags', 'filter': {}}"), 0},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

#define QD_ID(id) "{'has_id': {'has_id': [" id "]}}"

static void test_clauses_combine(void **state) {
  static const filter_case cases[] = {
      {"{}", 5},
      {"{'must': [" QD_ID("1,2,3") "," QD_ID("2,3,4") "]}", 2},
      {"{'must_not': [" QD_ID("1") "," QD_ID("2") "]}", 3},
      {"{'should': [" QD_ID("1") "," QD_ID("2") "]}", 2},
      {"{'should': []}", 5},
      {"{'must': [" QD_ID("1,2,3") "], 'should': [" QD_ID("3,4") "], 'must_not': [" QD_ID("1") "]}", 1},
      {"{'min_should': {'conditions': [" QD_ID("1,2") "," QD_ID("2,3") "," QD_ID("2,3,4") "], 'min_count': 2}}", 2},
      {"{'min_should': {'conditions': [], 'min_count': 1}}", 0},
      {"{'must': [{'filter': {'should': [" QD_ID("1") ", {'filter': {'must_not': [" QD_ID("1,2,3") "]}}]}}]}", 3},
      {"{'must': [{}]}", 5},
      {"{'must': [{'field': {'key': 'n', 'match': {'integer': 1}, 'range': {'gte': 4}}}]}", 4},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

/* The slices of the ids 1 to 5 were computed with another implementation of SipHash-2-4. */
static void test_slices_divide_the_ids(void **state) {
  static const filter_case cases[] = {
      {QD_MUST("'slice': {'total': 1, 'index': 0}"), 5},
      {QD_MUST("'slice': {'total': 3, 'index': 0}"), 1},
      {QD_MUST("'slice': {'total': 3, 'index': 1}"), 1},
      {QD_MUST("'slice': {'total': 3, 'index': 2}"), 3},
      {"{'must': [{'slice': {'total': 3, 'index': 0}}, " QD_ID("5") "]}", 1},
      {"{'must': [{'slice': {'total': 3, 'index': 1}}, " QD_ID("3") "]}", 1},
      {QD_MUST("'nested': {'key': 'parts', 'filter': {'must': [{'slice': {'total': 1, 'index': 0}}]}}"), 0},
  };
  check_cases(*state, cases, sizeof cases / sizeof cases[0]);
}

static void test_bad_conditions_are_refused(void **state) {
  static const struct {
    const char *condition;
    qdrant_status status;
    const char *message;
  } cases[] = {
      {"'slice': {'total': 0, 'index': 0}", QDRANT_INVALID_ARGUMENT,
          "Validation error in body: [filter.must[0].condition_one_of.total: Validation error: must be greater than 0 "
          "[{}]]"},
      {"'slice': {'total': 2, 'index': 2}", QDRANT_INVALID_ARGUMENT,
          "Validation error in body: [filter.must[0].condition_one_of.index: Validation error: must be less than the "
          "total number of slices [{}]]"},
      {"'field': {'key': 'a', 'match': {}}", QDRANT_INVALID_ARGUMENT, "Malformed Match condition"},
      {"'field': {'key': 'a[', 'match': {'integer': 1}}", QDRANT_INVALID_ARGUMENT, "Invalid json path: 'a['"},
      {"'field': {'key': '', 'match': {'integer': 1}}", QDRANT_INVALID_ARGUMENT, "Invalid json path: ''"},
      {"'is_null': {'key': 'a..b'}", QDRANT_INVALID_ARGUMENT, "Invalid json path: 'a..b'"},
      {"'nested': {'key': 'a b'}", QDRANT_INVALID_ARGUMENT, "Invalid json path: 'a b'"},
      {"'has_id': {'has_id': ['x']}", QDRANT_INVALID_ARGUMENT, "Unable to parse UUID: x"},
      {"'field': {'key': 'a', 'geo_radius': {'radius': 1}}", QDRANT_INVALID_ARGUMENT, "Malformed GeoRadius type"},
      {"'field': {'key': 'a'}", QDRANT_INVALID_ARGUMENT,
          "Validation error in body: [filter.must[0].condition_one_of.match: Validation error: At least one field "
          "condition must be specified [{}]]"},
      {"'filter': {'min_should': {'min_count': 0}}", QDRANT_INVALID_ARGUMENT,
          "Validation error in body: [filter.must[0].condition_one_of.min_should.min_count: min_count must be greater "
          "than 0]"},
  };
  char request[256];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', 'filter': " QD_MUST("%s") "}", cases[i].condition);
    assert_refusal(*state, "Points/Count", request, cases[i].status, cases[i].message);
  }
}

static void test_filter_nested_too_deep_is_refused(void **state) {
  char request[4096] = "{'collection_name': 'c', 'filter': ";
  for (int i = 0; i < 70; i++)
    strcat(request, "{'must': [{'filter': ");
  strcat(request, "{}");
  for (int i = 0; i < 70; i++)
    strcat(request, "}]}");
  strcat(request, "}");
  assert_int_equal(ask(*state, "Points/Count", request), QDRANT_INVALID_ARGUMENT);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_match_values_compares_type_and_value),
      QD_TEST(test_match_text_looks_for_the_text),
      QD_TEST(test_range_compares_numbers_and_times),
      QD_TEST(test_paths_reach_nested_values),
      QD_TEST(test_emptiness_tells_missing_null_and_empty_apart),
      QD_TEST(test_geo_finds_positions),
      QD_TEST(test_ids_and_vectors_are_looked_at),
      QD_TEST(test_nested_needs_one_element_to_match_all),
      QD_TEST(test_clauses_combine),
      QD_TEST(test_slices_divide_the_ids),
      QD_TEST(test_bad_conditions_are_refused),
      QD_TEST(test_filter_nested_too_deep_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
