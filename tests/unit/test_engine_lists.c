#include "tests/support/asked_engine.h"

#include "qdrant/pb/points.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Points/Scroll by a payload value, Points/Facet and the two matrix calls. */

#define QD_INDEX_HELP                                                                                                  \
  " Check https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas support "

static void declare_index(asked_engine *engine, const char *key, const char *type, const char *params) {
  char request[512];
  snprintf(request, sizeof request,
      "{'collection_name': 'c', 'wait': true, 'field_name': '%s', 'field_type': 'FieldType%s'%s}", key, type, params);
  ask_ok(engine, "Points/CreateFieldIndex", request);
}

static void add_point(asked_engine *engine, const char *id, const char *payload, const char *vector) {
  char request[512];
  snprintf(request, sizeof request,
      "{'collection_name': 'c', 'points': [{'id': %s, 'payload': {%s}, 'vectors': {'vector': {'dense': {'data': "
      "[%s]}}}}]}",
      id, payload, vector);
  ask_ok(engine, "Points/Upsert", request);
}

#define QD_UUID_A "'11111111-1111-4111-8111-111111111111'"

static int setup(void **state) {
  int failed = asked_engine_setup(state);
  if (failed != 0)
    return failed;
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params': {'size': 2, 'distance': 'Euclid'}},"
      "'sparse_vectors_config': {'map': {'s': {}}}}");
  add_point(*state, "1", "'n': 3, 'x': 0.5, 'k': 'b', 'ok': true, 'at': '2024-01-01'", "0, 0");
  add_point(*state, "2", "'n': [1, 9, 9], 'x': 2, 'k': ['a', 'b', 'a'], 'ok': false, 'at': '2023-01-01'", "0, 1");
  add_point(*state, "3", "'n': 3, 'x': -1.5, 'k': 7, 'ok': [true, false]", "0, 3");
  add_point(*state, QD_UUID_A, "'n': '4', 'x': 1e300, 'k': 'c', 'u': '11111111111141118111111111111111'", "4, 0");
  add_point(*state, "9", "'n': 9007199254740993, 'u': ['x', '11111111-1111-4111-8111-111111111111']", "9, 9");
  return 0;
}

#define QD_ORDERED(id, value) "{'id': " id ", 'order_value': {" value "}}"
#define QD_SCROLL(more) "{'collection_name': 'c', 'with_payload': {'enable': false}, " more "}"

static void test_scroll_orders_by_integer_and_repeats_points_of_many_values(void **state) {
  declare_index(*state, "n", "Integer", "");
  assert_answer(*state, "Points/Scroll", QD_SCROLL("'order_by': {'key': 'n'}"),
      "{'result': [" QD_ORDERED("2", "'int': 1") "," QD_ORDERED("1", "'int': 3") "," QD_ORDERED(
          "3", "'int': 3") "," QD_ORDERED("2", "'int': 9") "," QD_ORDERED("9", "'int': 9007199254740993") "]}");
  assert_answer(*state, "Points/Scroll", QD_SCROLL("'order_by': {'key': 'n', 'direction': 'Desc'}, 'limit': 3"),
      "{'result': [" QD_ORDERED("9", "'int': 9007199254740993") "," QD_ORDERED("2", "'int': 9") "," QD_ORDERED(
          "3", "'int': 3") "]}");
}

static void test_scroll_starts_from_a_value_of_either_kind(void **state) {
  declare_index(*state, "n", "Integer", "");
  declare_index(*state, "x", "Float", "");
  assert_answer(*state, "Points/Scroll",
      QD_SCROLL("'order_by': {'key': 'n', 'start_from': {'float': 8.5}, 'direction': 'Desc'}, 'limit': 1"),
      "{'result': [" QD_ORDERED("3", "'int': 3") "]}");
  assert_answer(*state, "Points/Scroll",
      QD_SCROLL("'order_by': {'key': 'n', 'start_from': {'float': 9007199254740992.0}}"),
      "{'result': [" QD_ORDERED("9", "'int': 9007199254740993") "]}");
  assert_answer(*state, "Points/Scroll", QD_SCROLL("'order_by': {'key': 'x', 'start_from': {'integer': 1}}"),
      "{'result': [" QD_ORDERED("2", "'float': 2") "," QD_ORDERED(QD_UUID_A, "'float': 1e300") "]}");
}

static void test_scroll_orders_by_datetime_in_microseconds(void **state) {
  declare_index(*state, "at", "Datetime", "");
  assert_answer(*state, "Points/Scroll", QD_SCROLL("'order_by': {'key': 'at'}"),
      "{'result': [" QD_ORDERED("2", "'int': 1672531200000000") "," QD_ORDERED("1", "'int': 1704067200000000") "]}");
  assert_answer(*state, "Points/Scroll",
      QD_SCROLL("'order_by': {'key': 'at', 'start_from': {'datetime': '2023-06-01T00:00:00Z'}}"),
      "{'result': [" QD_ORDERED("1", "'int': 1704067200000000") "]}");
  assert_answer(*state, "Points/Scroll",
      QD_SCROLL("'order_by': {'key': 'at', 'start_from': {'timestamp': {'seconds': 1672531200}}, 'direction': 'Desc'}"),
      "{'result': [" QD_ORDERED("2", "'int': 1672531200000000") "]}");
}

static void test_scroll_by_value_refuses_what_the_server_does(void **state) {
  declare_index(*state, "k", "Keyword", "");
  declare_index(*state, "n", "Integer", ", 'field_index_params': {'integer_index_params': {'range': false}}");
  declare_index(*state, "x", "Float", "");
  static const char *const keys[] = {"k", "n", "missing"};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    char request[256];
    char message[512];
    snprintf(request, sizeof request, QD_SCROLL("'order_by': {'key': '%s'}"), keys[i]);
    snprintf(message, sizeof message,
        "Wrong input: No range index for `order_by` key: `%s`. Please create one to use `order_by`." QD_INDEX_HELP
        "Range conditions",
        keys[i]);
    assert_refusal(*state, "Points/Scroll", request, QDRANT_INVALID_ARGUMENT, message);
  }
  assert_refusal(*state, "Points/Scroll", QD_SCROLL("'order_by': {'key': 'x'}, 'offset': 1"), QDRANT_INVALID_ARGUMENT,
      "Wrong input: Cannot use an `offset` when using `order_by`. The alternative for paging is to use "
      "`order_by.start_from` and a filter to exclude the IDs that you've already seen for the `order_by.start_from` "
      "value");
  assert_refusal(*state, "Points/Scroll", QD_SCROLL("'order_by': {'key': 'x['}"), QDRANT_INVALID_ARGUMENT,
      "Invalid json path: 'x['");
  assert_refusal(*state, "Points/Scroll",
      QD_SCROLL("'order_by': {'key': 'x', 'start_from': {'timestamp': {'seconds': 9000000000000}}}"),
      QDRANT_INVALID_ARGUMENT, "Unable to parse timestamp: 9000000000000 s");
}

/* More places than twice the limit, so that the worse ones are dropped on the way. */
static void test_scroll_of_many_points_keeps_the_first_places(void **state) {
  char payload[64];
  char id[16];
  declare_index(*state, "many", "Integer", "");
  for (int i = 0; i < 500; i++) {
    snprintf(id, sizeof id, "%d", 1000 + i);
    snprintf(payload, sizeof payload, "'many': %d", (i * 7919) % 500);
    add_point(*state, id, payload, "1, 1");
  }
  for (int direction = 0; direction < 2; direction++) {
    char request[256];
    snprintf(request, sizeof request, QD_SCROLL("'order_by': {'key': 'many', 'direction': '%s'}, 'limit': 20"),
        direction == 0 ? "Asc" : "Desc");
    ask_ok(*state, "Points/Scroll", request);
    const Qdrant__ScrollResponse *reply = (const Qdrant__ScrollResponse *)((asked_engine *)*state)->reply;
    assert_int_equal(reply->n_result, 20);
    for (int i = 0; i < 20; i++)
      assert_int_equal(reply->result[i]->order_value->int_, direction == 0 ? i : 499 - i);
  }
}

static void test_facets_count_points_by_value(void **state) {
  declare_index(*state, "k", "Keyword", "");
  declare_index(*state, "n", "Integer", "");
  declare_index(*state, "ok", "Bool", "");
  declare_index(*state, "u", "Uuid", "");
  assert_answer(*state, "Points/Facet", "{'collection_name': 'c', 'key': 'k'}",
      "{'hits': [{'value': {'string_value': 'b'}, 'count': 2}, {'value': {'string_value': 'a'}, 'count': 1},"
      "{'value': {'string_value': 'c'}, 'count': 1}]}");
  assert_answer(*state, "Points/Facet", "{'collection_name': 'c', 'key': 'n', 'limit': 2}",
      "{'hits': [{'value': {'integer_value': 3}, 'count': 2}, {'value': {'integer_value': 1}, 'count': 1}]}");
  assert_answer(*state, "Points/Facet",
      "{'collection_name': 'c', 'key': 'ok', 'exact': true, 'filter': {'must_not': [{'has_id': {'has_id': [2]}}]}}",
      "{'hits': [{'value': {'bool_value': true}, 'count': 2}, {'value': {'bool_value': false}, 'count': 1}]}");
  assert_answer(*state, "Points/Facet", "{'collection_name': 'c', 'key': 'u'}",
      "{'hits': [{'value': {'string_value': " QD_UUID_A "}, 'count': 2}]}");
  assert_answer(*state, "Points/Facet", "{'collection_name': 'c', 'key': 'missing', 'limit': 0}", "{}");
}

static void test_facets_need_an_index_of_values(void **state) {
  declare_index(*state, "x", "Float", "");
  declare_index(
      *state, "n", "Integer", ", 'field_index_params': {'integer_index_params': {'lookup': false, 'range': true}}");
  static const char *const keys[] = {"x", "n", "missing"};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    char request[128];
    char message[512];
    snprintf(request, sizeof request, "{'collection_name': 'c', 'key': '%s'}", keys[i]);
    snprintf(message, sizeof message,
        "Wrong input: No appropriate index for faceting: `%s`. Please create one to facet on this field." QD_INDEX_HELP
        "Match conditions",
        keys[i]);
    assert_refusal(*state, "Points/Facet", request, QDRANT_INVALID_ARGUMENT, message);
  }
  assert_refusal(*state, "Points/Facet", "{'collection_name': 'c', 'key': ''}", QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [key: value \"\" invalid, must be at least 1 characters]");
}

static void test_matrix_of_all_points_has_the_nearest_of_each(void **state) {
  static const char few[] = "{'collection_name': 'c', 'limit': 1, 'filter': {'must': [{'has_id': {'has_id': [3, 1, "
                            "2]}}]}}";
  assert_answer(*state, "Points/SearchMatrixPairs", few,
      "{'result': {'pairs': [{'a': 1, 'b': 2, 'score': 1}, {'a': 2, 'b': 1, 'score': 1}, {'a': 3, 'b': 2, 'score': "
      "2}]}}");
  assert_answer(*state, "Points/SearchMatrixOffsets", few,
      "{'result': {'offsets_row': [0, 1, 2], 'offsets_col': [1, 0, 1], 'scores': [1, 1, 2], 'ids': [1, 2, 3]}}");
  assert_answer(*state, "Points/SearchMatrixOffsets",
      "{'collection_name': 'c', 'filter': {'must': [{'has_id': {'has_id': [1]}}]}}", "{'result': {}}");
  assert_answer(*state, "Points/SearchMatrixPairs", "{'collection_name': 'c', 'using': 's'}", "{'result': {}}");
}

static void test_matrix_of_a_sample_takes_so_many_points(void **state) {
  asked_engine *engine = *state;
  int is_seen[10] = {0};
  for (int round = 0; round < 60; round++) {
    ask_ok(engine, "Points/SearchMatrixOffsets", "{'collection_name': 'c', 'sample': 3, 'limit': 9}");
    const Qdrant__SearchMatrixOffsets *result = ((const Qdrant__SearchMatrixOffsetsResponse *)engine->reply)->result;
    assert_int_equal(result->n_ids, 3);
    assert_int_equal(result->n_scores, 6);
    for (size_t i = 0; i < 3; i++)
      if (result->ids[i]->point_id_options_case == QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM)
        is_seen[result->ids[i]->num] = 1;
  }
  assert_true(is_seen[1] && is_seen[2] && is_seen[3] && is_seen[9]);
}

static void test_matrix_refuses_what_the_server_does(void **state) {
  assert_refusal(*state, "Points/SearchMatrixPairs", "{'collection_name': 'c', 'using': 'nope'}",
      QDRANT_INVALID_ARGUMENT,
      "Wrong input: Vector with name `nope` is not configured in this collection, available names: , s");
  assert_refusal(*state, "Points/SearchMatrixOffsets", "{'collection_name': 'c', 'sample': 1}", QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [sample: value 1 invalid, must be 2 or larger]");
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_scroll_orders_by_integer_and_repeats_points_of_many_values),
      QD_TEST(test_scroll_starts_from_a_value_of_either_kind),
      QD_TEST(test_scroll_orders_by_datetime_in_microseconds),
      QD_TEST(test_scroll_by_value_refuses_what_the_server_does),
      QD_TEST(test_scroll_of_many_points_keeps_the_first_places),
      QD_TEST(test_facets_count_points_by_value),
      QD_TEST(test_facets_need_an_index_of_values),
      QD_TEST(test_matrix_of_all_points_has_the_nearest_of_each),
      QD_TEST(test_matrix_of_a_sample_takes_so_many_points),
      QD_TEST(test_matrix_refuses_what_the_server_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
