#include "tests/support/asked_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Groups of points by a payload value. Points lie on a line: the id is the score, and the distance from 0. */

static void add_point(asked_engine *engine, const char *collection, int number, const char *payload) {
  char request[512];
  snprintf(request, sizeof request,
      "{'collection_name': '%s', 'points': [{'id': %d, 'payload': {%s}, 'vectors': {'vectors': {'vectors': {'dot': "
      "{'dense': {'data': [%d]}}, 'far': {'dense': {'data': [%d]}}}}}}]}",
      collection, number, payload, number, number);
  ask_ok(engine, "Points/Upsert", request);
}

static void create_collection(asked_engine *engine, const char *name) {
  char request[512];
  snprintf(request, sizeof request,
      "{'collection_name': '%s', 'vectors_config': {'params_map': {'map': {'dot': {'size': 1, 'distance': 'Dot'},"
      "'far': {'size': 1, 'distance': 'Euclid'}}}}}",
      name);
  ask_ok(engine, "Collections/Create", request);
}

static int setup(void **state) {
  int failed = asked_engine_setup(state);
  if (failed != 0)
    return failed;
  create_collection(*state, "c");
  create_collection(*state, "artists");
  add_point(*state, "c", 1, "'g': 'a', 'n': -5");
  add_point(*state, "c", 2, "'g': ['a', 'b', 'a'], 'n': 1");
  add_point(*state, "c", 3, "'g': 'b', 'n': [1, 2]");
  add_point(*state, "c", 4, "'g': true");
  add_point(*state, "c", 5, "'g': ['b', 1.5], 'n': 2");
  add_point(*state, "c", 6, "'n': 2");
  add_point(*state, "artists", 1, "'name': 'one'");
  add_point(*state, "artists", 2, "'name': 'two'");
  return 0;
}

#define QD_NEAREST "'using': 'dot', 'query': {'nearest': {'dense': {'data': [1]}}}"
#define QD_HIT(id, version) "{'id': " id ", 'score': " id ", 'version': " version "}"
#define QD_TEXT_GROUP(key, hits) "{'id': {'string_value': '" key "'}, 'hits': [" hits "]}"

static void test_groups_come_by_their_best_point(void **state) {
  assert_answer(*state, "Points/QueryGroups", "{'collection_name': 'c', 'group_by': 'g', " QD_NEAREST "}",
      "{'result': {'groups': [" QD_TEXT_GROUP("b", QD_HIT("3", "3") "," QD_HIT("2", "2")) "," QD_TEXT_GROUP(
          "a", QD_HIT("2", "2") "," QD_HIT("1", "1")) "]}}");
  assert_answer(*state, "Points/QueryGroups",
      "{'collection_name': 'c', 'group_by': 'g', 'limit': 1, 'group_size': 1,"
      "'filter': {'must': [{'has_id': {'has_id': [1, 2, 3]}}]}, " QD_NEAREST "}",
      "{'result': {'groups': [" QD_TEXT_GROUP("b", QD_HIT("3", "3")) "]}}");
}

static void test_groups_of_distances_begin_with_the_smallest(void **state) {
  assert_answer(*state, "Points/SearchGroups",
      "{'collection_name': 'c', 'group_by': 'n', 'limit': 3, 'group_size': 1, 'vector': [0], 'vector_name': 'far'}",
      "{'result': {'groups': [{'id': {'integer_value': -5}, 'hits': [" QD_HIT(
          "1", "1") "]}, {'id': {'unsigned_value': 1}, 'hits': [" QD_HIT("2",
          "2") "]},"
               "{'id': {'unsigned_value': 2}, 'hits': [" QD_HIT("3", "3") "]}]}}");
}

static void test_groups_of_a_recommendation_leave_out_its_examples(void **state) {
  assert_answer(*state, "Points/RecommendGroups",
      "{'collection_name': 'c', 'group_by': 'n', 'limit': 1, 'group_size': 5, 'positive': [1], 'using': 'dot'}",
      "{'result': {'groups': [{'id': {'unsigned_value': 2}, 'hits': [" QD_HIT("6", "6") "," QD_HIT("5", "5") "," QD_HIT(
          "3", "3") "]}]}}");
}

static void test_groups_have_points_of_another_collection(void **state) {
  assert_answer(*state, "Points/QueryGroups",
      "{'collection_name': 'c', 'group_by': 'n', 'group_size': 1, 'with_lookup': {'collection': 'artists'},"
      "'filter': {'must': [{'has_id': {'has_id': [1, 3]}}]}, " QD_NEAREST "}",
      "{'result': {'groups': [{'id': {'unsigned_value': 1}, 'hits': [" QD_HIT(
          "3", "3") "], 'lookup': {'id': 1, 'payload': {'name': 'one'}}},"
                    "{'id': {'unsigned_value': 2}, 'hits': [" QD_HIT(
                        "3", "3") "], 'lookup': {'id': 2, 'payload': {'name': 'two'}}},"
                                  "{'id': {'integer_value': -5}, 'hits': [" QD_HIT("1", "1") "]}]}}");
  assert_refusal(*state, "Points/QueryGroups",
      "{'collection_name': 'c', 'group_by': 'n', 'with_lookup': {'collection': 'nope'}, " QD_NEAREST "}",
      QDRANT_NOT_FOUND, "Not found: Collection nope not found");
}

/* The first round brings points of one full group only: those of others are asked for anew. */
static void test_groups_hidden_behind_a_large_one_are_found(void **state) {
  for (int i = 100; i < 140; i++)
    add_point(*state, "c", i, "'big': 'x'");
  add_point(*state, "c", 50, "'big': 'y'");
  add_point(*state, "c", 40, "'big': 'y'");
  add_point(*state, "c", 30, "'big': 'z'");
  assert_answer(*state, "Points/QueryGroups",
      "{'collection_name': 'c', 'group_by': 'big', 'limit': 2, 'group_size': 2, " QD_NEAREST "}",
      "{'result': {'groups': [" QD_TEXT_GROUP("x", QD_HIT("139", "46") "," QD_HIT("138", "45")) "," QD_TEXT_GROUP(
          "y", QD_HIT("50", "47") "," QD_HIT("40", "48")) "]}}");
}

static void test_groups_of_nothing_are_none(void **state) {
  static const char *const keys[] = {"missing", "n[0]"};
  char request[256];
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', 'group_by': '%s', " QD_NEAREST "}", keys[i]);
    assert_answer(*state, "Points/QueryGroups", request, "{'result': {}}");
  }
}

static void test_groups_by_a_bad_key_are_refused(void **state) {
  assert_refusal(*state, "Points/QueryGroups", "{'collection_name': 'c', 'group_by': 'a[', " QD_NEAREST "}",
      QDRANT_INVALID_ARGUMENT, "Invalid json path: 'a['");
  assert_refusal(*state, "Points/QueryGroups", "{'collection_name': 'c', 'group_by': '', " QD_NEAREST "}",
      QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [group_by: value \"\" invalid, must be at least 1 characters]");
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_groups_come_by_their_best_point),
      QD_TEST(test_groups_of_distances_begin_with_the_smallest),
      QD_TEST(test_groups_of_a_recommendation_leave_out_its_examples),
      QD_TEST(test_groups_have_points_of_another_collection),
      QD_TEST(test_groups_hidden_behind_a_large_one_are_found),
      QD_TEST(test_groups_of_nothing_are_none),
      QD_TEST(test_groups_by_a_bad_key_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
