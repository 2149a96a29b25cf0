#include "tests/support/asked_engine.h"

#include "qdrant/pb/points.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A collection "c" with an unnamed vector of two floats and a sparse one, and "n" with named ones. */
static int setup(void **state) {
  int failed = asked_engine_setup(state);
  if (failed != 0)
    return failed;
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params': {'size': 2, 'distance': 'Dot'}},"
      "'sparse_vectors_config': {'map': {'s': {}}}}");
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'n', 'vectors_config': {'params_map': {'map': {'d': {'size': 2, 'distance': 'Cosine'},"
      "'m': {'size': 2, 'distance': 'Dot', 'multivector_config': {}},"
      "'h': {'size': 2, 'distance': 'Dot', 'datatype': 'Float16'},"
      "'u': {'size': 2, 'distance': 'Dot', 'datatype': 'Uint8'}}}}}");
  return 0;
}

#define QD_POINT(id, x, y, payload)                                                                                    \
  "{'id': " id ", 'vectors': {'vector': {'dense': {'data': [" x ", " y "]}}}, 'payload': {" payload "}}"
#define QD_UUID "'550e8400-e29b-41d4-a716-446655440000'"

static void upsert_three(asked_engine *engine) {
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'wait': true, 'points': [" QD_POINT("7", "1", "2", "'a': 1") "," QD_POINT(
          QD_UUID, "3", "4", "'a': 2") "," QD_POINT("5", "5", "6", "") "]}");
}

static void test_upsert_waiting_or_not_counts_operations(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Points/Upsert", "{'collection_name': 'c', 'points': [" QD_POINT("1", "1", "2", "") "]}",
      "{'result': {'operation_id': 1, 'status': 'Acknowledged'}}");
  assert_answer(engine, "Points/Upsert",
      "{'collection_name': 'c', 'wait': true, 'points': [" QD_POINT("1", "1", "2", "") "]}",
      "{'result': {'operation_id': 2, 'status': 'Completed'}}");
  assert_answer(engine, "Points/Delete", "{'collection_name': 'c', 'wait': true, 'points': {'points': {'ids': [1]}}}",
      "{'result': {'operation_id': 3, 'status': 'Completed'}}");
}

static void test_get_keeps_asked_order_and_drops_repeats_and_unknown(void **state) {
  asked_engine *engine = *state;
  upsert_three(engine);
  assert_answer(engine, "Points/Get",
      "{'collection_name': 'c', 'ids': [7, 99, " QD_UUID ", 7, 5], 'with_payload': {'enable': true},"
      "'with_vectors': {'enable': true}}",
      "{'result': [{'id': 7, 'payload': {'a': 1}, 'vectors': {'vector': {'dense': {'data': [1, 2]}}}},"
      "{'id': " QD_UUID ", 'payload': {'a': 2}, 'vectors': {'vector': {'dense': {'data': [3, 4]}}}},"
      "{'id': 5, 'vectors': {'vector': {'dense': {'data': [5, 6]}}}}]}");
  assert_answer(engine, "Points/Get", "{'collection_name': 'c', 'ids': [5]}", "{'result': [{'id': 5}]}");
}

static void test_upsert_same_id_replaces_vectors_and_payload(void **state) {
  asked_engine *engine = *state;
  upsert_three(engine);
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [{'id': 7, 'vectors': {'vectors': {'vectors': {"
      "'s': {'sparse': {'indices': [9, 3], 'values': [0.9, 0.3]}}}}}}]}");
  assert_answer(engine, "Points/Get",
      "{'collection_name': 'c', 'ids': [7], 'with_payload': {'enable': true}, 'with_vectors': {'enable': true}}",
      "{'result': [{'id': 7, 'vectors': {'vectors': {'vectors': {"
      "'s': {'sparse': {'indices': [3, 9], 'values': [0.3, 0.9]}}}}}}]}");
}

static void test_upsert_id_twice_in_batch_last_wins(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [" QD_POINT("1", "1", "2", "'v': 1") "," QD_POINT(
          "1", "3", "4", "'v': 2") "]}");
  assert_answer(engine, "Points/Scroll", "{'collection_name': 'c'}", "{'result': [{'id': 1, 'payload': {'v': 2}}]}");
}

static void test_upsert_payload_of_every_kind_comes_back(void **state) {
  asked_engine *engine = *state;
  static const char payload[] = "'text': 'Zürich', 'empty': '', 'whole': -9007199254740993, 'real': 2.5, 'yes': true,"
                                "'none': null, 'list': [1, [2.0, 'x'], {}, []], 'object': {'a': {'b': [null]}}, '': 0";
  char request[1024];
  char reply[1024];
  snprintf(request, sizeof request,
      "{'collection_name': 'c', 'points': [{'id': 1, 'vectors': {'vector': {'dense':"
      "{'data': [1, 2]}}}, 'payload': {%s}}]}",
      payload);
  snprintf(reply, sizeof reply, "{'result': [{'id': 1, 'payload': {%s}}]}", payload);
  ask_ok(engine, "Points/Upsert", request);
  assert_answer(engine, "Points/Scroll", "{'collection_name': 'c'}", reply);
}

static void test_upsert_stores_vectors_as_their_fields_do(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'n', 'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {"
      "'d': {'dense': {'data': [3, 4]}}, 'h': {'dense': {'data': [0.1, 2049]}}, 'u': {'dense': {'data': [-5, 254.9]}},"
      "'m': {'multi_dense': {'vectors': [{'data': [1, 2]}, {'data': [3, 4]}]}}}}}}]}");
  assert_answer(engine, "Points/Get", "{'collection_name': 'n', 'ids': [1], 'with_vectors': {'enable': true}}",
      "{'result': [{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [0.6, 0.8]}},"
      "'h': {'dense': {'data': [0.0999755859375, 2048]}}, 'u': {'dense': {'data': [0, 254]}},"
      "'m': {'multi_dense': {'vectors': [{'data': [1, 2]}, {'data': [3, 4]}]}}}}}}]}");
  assert_answer(engine, "Points/Get",
      "{'collection_name': 'n', 'ids': [1], 'with_vectors': {'include': {'names': ['d']}}}",
      "{'result': [{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [0.6, 0.8]}}}}}}]}");
  assert_refusal(engine, "Points/Get",
      "{'collection_name': 'n', 'ids': [1], 'with_vectors': {'include': {'names': ['d', 'other']}}}",
      QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: other");
}

static void test_upsert_deprecated_vector_form_is_read(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'n', 'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'data': [0, 2]},"
      "'m': {'data': [1, 2, 3, 4], 'vectors_count': 2}}}}}]}");
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {"
      "'': {'data': [1, 2]}, 's': {'data': [0.5], 'indices': {'data': [4]}}}}}}]}");
  assert_answer(engine, "Points/Get", "{'collection_name': 'n', 'ids': [1], 'with_vectors': {'enable': true}}",
      "{'result': [{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [0, 1]}},"
      "'m': {'multi_dense': {'vectors': [{'data': [1, 2]}, {'data': [3, 4]}]}}}}}}]}");
  assert_answer(engine, "Points/Get", "{'collection_name': 'c', 'ids': [1], 'with_vectors': {'enable': true}}",
      "{'result': [{'id': 1, 'vectors': {'vectors': {'vectors': {'': {'dense': {'data': [1, 2]}},"
      "'s': {'sparse': {'indices': [4], 'values': [0.5]}}}}}}]}");
}

static void test_upsert_modes_and_filter_leave_points_out(void **state) {
  asked_engine *engine = *state;
  upsert_three(engine);
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'update_mode': 'InsertOnly', 'points': [" QD_POINT(
          "7", "0", "0", "'a': 9") "," QD_POINT("8", "0", "0", "'a': 8") "]}");
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'update_mode': 'UpdateOnly', 'points': [" QD_POINT(
          "5", "0", "0", "'a': 5") "," QD_POINT("9", "0", "0", "") "]}");
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'update_filter': {'must': [{'field': {'key': 'a', 'match': {'integer': 8}}}]},"
      "'points': [" QD_POINT("8", "0", "0", "'a': 80") "," QD_POINT("7", "0", "0", "'a': 70") "," QD_POINT(
          "10", "0", "0", "'a': 10") "]}");
  assert_answer(engine, "Points/Scroll", "{'collection_name': 'c'}",
      "{'result': [{'id': 5, 'payload': {'a': 5}}, {'id': 7, 'payload': {'a': 1}}, {'id': 8, 'payload': {'a': 80}},"
      "{'id': 10, 'payload': {'a': 10}}, {'id': " QD_UUID ", 'payload': {'a': 2}}]}");
}

static void test_upsert_refused_stores_nothing(void **state) {
  asked_engine *engine = *state;
  assert_refusal(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [" QD_POINT("1", "1", "2", "") ", {'id': 2, 'vectors': {'vector':"
                                                                         "{'dense': {'data': [1, 2, 3]}}}}]}",
      QDRANT_INVALID_ARGUMENT, "Wrong input: Vector dimension error: expected dim: 2, got 3");
  assert_int_equal(count_matching(engine, "c", "{}"), 0);
  assert_answer(engine, "Points/Upsert", "{'collection_name': 'c', 'points': [" QD_POINT("1", "1", "2", "") "]}",
      "{'result': {'operation_id': 1, 'status': 'Acknowledged'}}");
}

/* One bad point each, and the server's words for it. */
static void test_upsert_bad_point_is_refused_in_the_servers_words(void **state) {
  static const struct {
    const char *point;
    const char *message;
  } cases[] = {
      {"{'id': 1}", "Expected some vectors"},
      {"{'vectors': {'vector': {'dense': {'data': [1, 2]}}}}", "Empty ID is not allowed"},
      {"{'id': 'abc', 'vectors': {'vector': {'dense': {'data': [1, 2]}}}}", "Unable to parse UUID: abc"},
      {"{'id': 1, 'vectors': {'vector': {'dense': {}}}}",
          "Wrong input: points[0].vector.vector: dense vector must not be empty"},
      {"{'id': 1, 'vectors': {'vectors': {'vectors': {'s': {'dense': {}}}}}}",
          "Wrong input: points[0].vector.?.vector: dense vector must not be empty"},
      {"{'id': 1, 'vectors': {'vectors': {'vectors': {'x': {'dense': {'data': [1, 2]}}}}}}",
          "Wrong input: Not existing vector name error: x"},
      {"{'id': 1, 'vectors': {'vectors': {'vectors': {'s': {'sparse': {'indices': [1, 2], 'values': [1]}}}}}}",
          "Validation error in body: [points[0].vectors.vectors_options.vectors.[].values: Validation error: must be "
          "the "
          "same length as indices [{}]]"},
      {"{'id': 1, 'vectors': {'vectors': {'vectors': {'s': {'sparse': {'indices': [2, 2], 'values': [1, 1]}}}}}}",
          "Validation error in body: [points[0].vectors.vectors_options.vectors.[].indices: Validation error: must be "
          "unique [{}]]"},
      {"{'id': 1, 'vectors': {'vectors': {'vectors': {'': {'multi_dense': {'vectors': [{'data': [1, 2]},"
       "{'data': [1]}]}}}}}}",
          "Validation error in body: [points[0].vectors.vectors_options.data: all vectors must have the same "
          "dimension, "
          "found vector with dimension 1]"},
      {"{'id': 1, 'vectors': {'vectors': {'vectors': {'s': {'dense': {'data': [1, 2]}}}}}}",
          "Wrong input: Conversion between sparse and regular vectors failed"},
      {"{'id': 1, 'vectors': {'vector': {'multi_dense': {'vectors': [{'data': [1, 2]}]}}}}",
          "Wrong input: Conversion between multi and regular vectors failed"},
  };
  asked_engine *engine = *state;
  char request[512];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', 'wait': true, 'points': [%s]}", cases[i].point);
    assert_refusal(engine, "Points/Upsert", request, QDRANT_INVALID_ARGUMENT, cases[i].message);
  }
  assert_refusal(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [{'id': 1, 'vectors': {'vector': {'document': {'text': 'a'}}}}]}",
      QDRANT_INTERNAL,
      "Service internal error: InferenceService URL not configured - please provide valid address in config");
  assert_int_equal(count_matching(engine, "c", "{}"), 0);
}

static void test_upsert_named_dimension_error_tells_the_name(void **state) {
  assert_refusal(*state, "Points/Upsert",
      "{'collection_name': 'n', 'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data':"
      "[1, 2, 3]}}}}}}]}",
      QDRANT_INVALID_ARGUMENT, "Wrong input: Vector dimension error: expected dim: 2, got 3 for vector 'd'");
}

static void test_upsert_nothing_is_refused(void **state) {
  asked_engine *engine = *state;
  assert_refusal(engine, "Points/Upsert", "{'collection_name': 'c'}", QDRANT_INVALID_ARGUMENT,
      "Bad request: Empty update request");
  assert_refusal(engine, "Points/Upsert", "{'collection_name': 'nope'}", QDRANT_NOT_FOUND,
      "Not found: Collection `nope` doesn't exist!");
}

static void test_upsert_shard_key_is_refused(void **state) {
  assert_refusal(*state, "Points/Upsert",
      "{'collection_name': 'c', 'points': [" QD_POINT(
          "1", "1", "2", "") "], 'shard_key_selector': {'shard_keys': [{'keyword': 'a'}]}}",
      QDRANT_INVALID_ARGUMENT, "Wrong input: Shard key \"a\" not found");
}

static void test_delete_ids_or_filter_removes_what_is_meant(void **state) {
  asked_engine *engine = *state;
  upsert_three(engine);
  ask_ok(engine, "Points/Delete", "{'collection_name': 'c', 'points': {'points': {'ids': [7, 7, 1234]}}}");
  assert_answer(engine, "Points/Scroll", "{'collection_name': 'c', 'with_payload': {'enable': false}}",
      "{'result': [{'id': 5}, {'id': " QD_UUID "}]}");
  ask_ok(engine, "Points/Delete",
      "{'collection_name': 'c', 'points': {'filter': {'must': [{'field': {'key': 'a', 'match': {'integer': 2}}}]}}}");
  assert_answer(engine, "Points/Scroll", "{'collection_name': 'c', 'with_payload': {'enable': false}}",
      "{'result': [{'id': 5}]}");
  ask_ok(engine, "Points/Delete", "{'collection_name': 'c', 'points': {'filter': {}}}");
  assert_int_equal(count_matching(engine, "c", "{}"), 0);
}

static void test_delete_without_selection_is_refused(void **state) {
  asked_engine *engine = *state;
  assert_refusal(
      engine, "Points/Delete", "{'collection_name': 'c'}", QDRANT_INVALID_ARGUMENT, "PointSelector is missing");
  assert_refusal(engine, "Points/Delete", "{'collection_name': 'c', 'points': {'points': {}}}", QDRANT_INVALID_ARGUMENT,
      "Bad request: Empty update request");
}

static void test_deleted_slot_is_used_again_without_old_content(void **state) {
  asked_engine *engine = *state;
  upsert_three(engine);
  ask_ok(engine, "Points/Delete", "{'collection_name': 'c', 'points': {'points': {'ids': [7]}}}");
  ask_ok(engine, "Points/Upsert", "{'collection_name': 'c', 'points': [{'id': 6, 'vectors': {'vectors': {}}}]}");
  assert_answer(engine, "Points/Get",
      "{'collection_name': 'c', 'ids': [6, 7], 'with_payload': {'enable': true}, 'with_vectors': {'enable': true}}",
      "{'result': [{'id': 6, 'vectors': {'vectors': {}}}]}");
}

static void test_payload_selectors_choose_paths(void **state) {
  static const struct {
    const char *selector;
    const char *payload;
  } cases[] = {
      {"{'include': {'fields': ['a']}}", "{'a': {'b': 1, 'c': [{'d': 2, 'e': 3}, 4]}}"},
      {"{'include': {'fields': ['a.b', 'f']}}", "{'a': {'b': 1}, 'f': 5}"},
      {"{'include': {'fields': ['a.c[].d']}}", "{'a': {'c': [{'d': 2}, 4]}}"},
      {"{'include': {'fields': ['nothing']}}", "{}"},
      {"{'include': {'fields': []}}", "{}"},
      {"{'exclude': {'fields': ['a.c[].d', 'f']}}", "{'a': {'b': 1, 'c': [{'e': 3}, 4]}}"},
      {"{'exclude': {'fields': ['a.c']}}", "{'a': {'b': 1}, 'f': 5}"},
      {"{'exclude': {'fields': []}}", "{'a': {'b': 1, 'c': [{'d': 2, 'e': 3}, 4]}, 'f': 5}"},
      {"{'enable': false}", "{}"},
  };
  asked_engine *engine = *state;
  char request[256];
  char reply[256];
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [" QD_POINT(
          "1", "1", "2", "'a': {'b': 1, 'c': [{'d': 2, 'e': 3}, 4]}, 'f': 5") "]}");
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', 'with_payload': %s}", cases[i].selector);
    snprintf(reply, sizeof reply, "{'result': [{'id': 1, 'payload': %s}]}", cases[i].payload);
    assert_answer(engine, "Points/Scroll", request, reply);
  }
  assert_refusal(engine, "Points/Scroll", "{'collection_name': 'c', 'with_payload': {}}", QDRANT_INVALID_ARGUMENT,
      "No PayloadSelector");
  assert_refusal(engine, "Points/Scroll", "{'collection_name': 'c', 'with_payload': {'include': {'fields': ['a[']}}}",
      QDRANT_INVALID_ARGUMENT, "Invalid json path: 'a['");
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_upsert_waiting_or_not_counts_operations),
      QD_TEST(test_get_keeps_asked_order_and_drops_repeats_and_unknown),
      QD_TEST(test_upsert_same_id_replaces_vectors_and_payload),
      QD_TEST(test_upsert_id_twice_in_batch_last_wins),
      QD_TEST(test_upsert_payload_of_every_kind_comes_back),
      QD_TEST(test_upsert_stores_vectors_as_their_fields_do),
      QD_TEST(test_upsert_deprecated_vector_form_is_read),
      QD_TEST(test_upsert_modes_and_filter_leave_points_out),
      QD_TEST(test_upsert_refused_stores_nothing),
      QD_TEST(test_upsert_bad_point_is_refused_in_the_servers_words),
      QD_TEST(test_upsert_named_dimension_error_tells_the_name),
      QD_TEST(test_upsert_nothing_is_refused),
      QD_TEST(test_upsert_shard_key_is_refused),
      QD_TEST(test_delete_ids_or_filter_removes_what_is_meant),
      QD_TEST(test_delete_without_selection_is_refused),
      QD_TEST(test_deleted_slot_is_used_again_without_old_content),
      QD_TEST(test_payload_selectors_choose_paths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
