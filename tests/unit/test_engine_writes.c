#include "qdrant/pb/collections.pb-c.h"
#include "tests/support/asked_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* A collection "c" with a dense vector "d", a multi-vector "m" and a sparse one "s", and three points in it. */
static int setup(void **state) {
  int failed = asked_engine_setup(state);
  if (failed != 0)
    return failed;
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params_map': {'map': {'d': {'size': 2, 'distance': 'Dot'},"
      "'m': {'size': 2, 'distance': 'Dot', 'multivector_config': {}}}}}, 'sparse_vectors_config': {'map': {'s': {}}}}");
  ask_ok(*state, "Points/Upsert",
      "{'collection_name': 'c', 'points': ["
      "{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [1, 1]}}, 's': {'sparse': {'indices': [4],"
      "'values': [4]}}}}}, 'payload': {'n': 1, 'deep': {'x': 1, 'list': [{'v': 1}, 2]}}},"
      "{'id': 2, 'vectors': {'vectors': {}}, 'payload': {'n': 2}},"
      "{'id': 3, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [3, 3]}}}}}}]}");
  return 0;
}

#define QD_IDS(ids) "'points_selector': {'points': {'ids': [" ids "]}}"
#define QD_WHERE(key, value) "{'filter': {'must': [{'field': {'key': '" key "', 'match': {'integer': " value "}}}]}}"

static void assert_payload(asked_engine *engine, const char *id, const char *payload) {
  char request[128];
  char reply[1024];
  snprintf(request, sizeof request, "{'collection_name': 'c', 'ids': [%s], 'with_payload': {'enable': true}}", id);
  snprintf(reply, sizeof reply, "{'result': [{'id': %s, 'payload': %s}]}", id, payload);
  assert_answer(engine, "Points/Get", request, reply);
}

static void assert_vectors(asked_engine *engine, const char *id, const char *vectors) {
  char request[128];
  char reply[1024];
  snprintf(request, sizeof request, "{'collection_name': 'c', 'ids': [%s], 'with_vectors': {'enable': true}}", id);
  snprintf(reply, sizeof reply, "{'result': [{'id': %s, 'vectors': {'vectors': {'vectors': %s}}}]}", id, vectors);
  assert_answer(engine, "Points/Get", request, reply);
}

static void test_set_payload_merges_at_the_top_and_null_takes_away(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Points/SetPayload",
      "{'collection_name': 'c', 'wait': true, 'payload': {'n': null, 'deep': {'y': null}, 'new': [1]}, " QD_IDS(
          "1, 1") "}",
      "{'result': {'operation_id': 2, 'status': 'Completed'}}");
  assert_payload(engine, "1", "{'deep': {'y': null}, 'new': [1]}");
  assert_payload(engine, "2", "{'n': 2}");
}

/* One key each, set at point 1 or 3, and the payload that comes of it. */
static void test_set_payload_at_a_key_makes_way(void **state) {
  static const struct {
    const char *id;
    const char *key;
    const char *payload;
  } cases[] = {
      {"1", "deep", "{'n': 1, 'deep': {'x': 1, 'list': [{'v': 1}, 2], 'k': 'v'}}"},
      {"1", "deep.x", "{'n': 1, 'deep': {'x': {'k': 'v'}, 'list': [{'v': 1}, 2]}}"},
      {"1", "deep.list[0]", "{'n': 1, 'deep': {'x': 1, 'list': [{'v': 1, 'k': 'v'}, 2]}}"},
      {"1", "deep.list[7]", "{'n': 1, 'deep': {'x': 1, 'list': [{'v': 1}, 2]}}"},
      {"1", "deep.list[]", "{'n': 1, 'deep': {'x': 1, 'list': [{'v': 1, 'k': 'v'}, {'k': 'v'}]}}"},
      {"1", "n[]", "{'n': [], 'deep': {'x': 1, 'list': [{'v': 1}, 2]}}"},
      {"3", "a.'b.c'.d", "{'a': {'b.c': {'d': {'k': 'v'}}}}"},
      {"3", "a[].b", "{'a': []}"},
  };
  char request[256];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    asked_engine *engine = *state;
    char key[64];
    size_t n = 0;
    for (const char *c = cases[i].key; *c != '\0'; c++)
      n += (size_t)snprintf(key + n, sizeof key - n, *c == '\'' ? "\\\"" : "%c", *c);
    snprintf(request, sizeof request,
        "{'collection_name': 'c', 'wait': true, 'key': '%s', 'payload': {'k': 'v'}, " QD_IDS("%s") "}", key,
        cases[i].id);
    ask_ok(engine, "Points/SetPayload", request);
    assert_payload(engine, cases[i].id, cases[i].payload);
    assert_int_equal(asked_engine_teardown(state), 0);
    assert_int_equal(setup(state), 0);
  }
}

static void test_set_payload_deeper_than_can_be_stored_is_refused(void **state) {
  asked_engine *engine = *state;
  char request[512];
  char key[256] = "a";
  for (size_t n = 1; n < 2 * (size_t)101; n += 2)
    snprintf(key + n, sizeof key - n, ".a");
  snprintf(request, sizeof request,
      "{'collection_name': 'c', 'wait': true, 'key': '%s', 'payload': {'k': 1}, " QD_IDS("3") "}", key);
  assert_refusal(engine, "Points/SetPayload", request, QDRANT_INVALID_ARGUMENT,
      "Wrong input: a payload may be nested 100 levels deep");
  assert_int_equal(count_matching(engine, "c", "{'must': [{'is_empty': {'key': 'a'}}]}"), 3);
}

static void test_overwrite_payload_replaces_and_ignores_the_key(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/OverwritePayload",
      "{'collection_name': 'c', 'key': 'deep', 'payload': {'only': null}, 'points_selector': " QD_WHERE("n", "1") "}");
  assert_payload(engine, "1", "{'only': null}");
}

static void test_delete_payload_takes_paths_away_but_no_single_elements(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/DeletePayload",
      "{'collection_name': 'c', 'keys': ['deep.list[].v', 'deep.list[1]', 'n.none', 'deep.x', 'other'], " QD_IDS(
          "1, 2") "}");
  assert_payload(engine, "1", "{'n': 1, 'deep': {'list': [{}, 2]}}");
  assert_payload(engine, "2", "{'n': 2}");
  ask_ok(engine, "Points/DeletePayload", "{'collection_name': 'c', 'keys': ['deep.list[]', 'n'], " QD_IDS("1, 2") "}");
  assert_payload(engine, "1", "{'deep': {'list': []}}");
  assert_answer(engine, "Points/Get", "{'collection_name': 'c', 'ids': [2], 'with_payload': {'enable': true}}",
      "{'result': [{'id': 2}]}");
}

static void test_clear_payload_clears_what_matches(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/ClearPayload", "{'collection_name': 'c', 'points': " QD_WHERE("n", "2") "}");
  assert_answer(engine, "Points/Get", "{'collection_name': 'c', 'ids': [2], 'with_payload': {'enable': true}}",
      "{'result': [{'id': 2}]}");
  assert_int_equal(count_matching(engine, "c", "{'must': [{'is_empty': {'key': 'n'}}]}"), 2);
}

/* What is there is changed; who does not wait is not told. */
static void test_payload_of_a_missing_point_not_found_after_the_others(void **state) {
  asked_engine *engine = *state;
  assert_refusal(engine, "Points/SetPayload",
      "{'collection_name': 'c', 'wait': true, 'payload': {'a': 1}, " QD_IDS("99, 3, 98") "}", QDRANT_NOT_FOUND,
      "Not found: No point with id 99 found");
  assert_payload(engine, "3", "{'a': 1}");
  assert_answer(engine, "Points/ClearPayload", "{'collection_name': 'c', 'points': {'points': {'ids': [99, 3]}}}",
      "{'result': {'operation_id': 3, 'status': 'Acknowledged'}}");
  assert_answer(engine, "Points/Get", "{'collection_name': 'c', 'ids': [3], 'with_payload': {'enable': true}}",
      "{'result': [{'id': 3}]}");
}

static void test_payload_bad_request_is_refused_in_the_servers_words(void **state) {
  static const struct {
    const char *rpc;
    const char *request;
    const char *message;
  } cases[] = {
      {"Points/SetPayload", "{'collection_name': 'c', 'payload': {'a': 1}}", "points_selector is expected"},
      {"Points/DeletePayload", "{'collection_name': 'c', 'keys': ['a']}", "points_selector is expected"},
      {"Points/ClearPayload", "{'collection_name': 'c'}", "PointSelector is missing"},
      {"Points/SetPayload", "{'collection_name': 'c', 'points_selector': {}}", "Malformed PointsSelector type"},
      {"Points/SetPayload", "{'collection_name': 'c', 'key': 'a[', " QD_IDS("1") "}", "Invalid json path: 'a['"},
      {"Points/DeletePayload", "{'collection_name': 'c', 'keys': ['a..b'], " QD_IDS("1") "}",
          "Invalid json path: 'a..b'"},
      {"Points/SetPayload", "{'collection_name': 'c', " QD_IDS("") "}", "Bad request: Empty update request"},
      {"Points/SetPayload",
          "{'collection_name': 'c', " QD_IDS("1") ", 'shard_key_selector': {'shard_keys': [{'keyword': 'k'}]}}",
          "Wrong input: Shard key \"k\" not found"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_refusal(*state, cases[i].rpc, cases[i].request, QDRANT_INVALID_ARGUMENT, cases[i].message);
}

static void test_update_vectors_keeps_the_others_and_the_payload(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Points/UpdateVectors",
      "{'collection_name': 'c', 'wait': true, 'points': ["
      "{'id': 1, 'vectors': {'vectors': {'vectors': {'m': {'multi_dense': {'vectors': [{'data': [1, 2]}]}}}}}},"
      "{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [7, 8]}}}}}}]}",
      "{'result': {'operation_id': 2, 'status': 'Completed'}}");
  assert_vectors(engine, "1",
      "{'d': {'dense': {'data': [7, 8]}}, 'm': {'multi_dense': {'vectors': [{'data': [1, 2]}]}},"
      "'s': {'sparse': {'indices': [4], 'values': [4]}}}");
  assert_payload(engine, "1", "{'n': 1, 'deep': {'x': 1, 'list': [{'v': 1}, 2]}}");
}

static void test_update_vectors_filter_leaves_points_out(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/UpdateVectors",
      "{'collection_name': 'c', 'wait': true, 'update_filter': {'must': [{'has_id': {'has_id': [3]}}]}, 'points': ["
      "{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [9, 9]}}}}}},"
      "{'id': 3, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [9, 9]}}}}}}]}");
  assert_vectors(engine, "1", "{'d': {'dense': {'data': [1, 1]}}, 's': {'sparse': {'indices': [4], 'values': [4]}}}");
  assert_vectors(engine, "3", "{'d': {'dense': {'data': [9, 9]}}}");
}

static void test_update_vectors_bad_vector_is_refused_and_changes_nothing(void **state) {
  asked_engine *engine = *state;
#define QD_UPDATE(id, vectors)                                                                                         \
  "{'collection_name': 'c', 'wait': true, 'points': [{'id': 3, 'vectors': {'vectors': {'vectors': {'d': {'dense': "    \
  "{'data': [5, 5]}}}}}}, {'id': " id ", 'vectors': {'vectors': {'vectors': {" vectors "}}}}]}"
  assert_refusal(engine, "Points/UpdateVectors", QD_UPDATE("1", "'d': {'dense': {'data': [1]}}"),
      QDRANT_INVALID_ARGUMENT, "Wrong input: Vector dimension error: expected dim: 2, got 1");
  assert_refusal(engine, "Points/UpdateVectors", QD_UPDATE("1", "'x': {'dense': {'data': [1]}}"),
      QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: x");
  assert_refusal(engine, "Points/UpdateVectors", QD_UPDATE("1", "'s': {'dense': {'data': [1]}}"),
      QDRANT_INVALID_ARGUMENT, "Wrong input: Conversion between sparse and regular vectors failed");
#undef QD_UPDATE
  assert_vectors(engine, "3", "{'d': {'dense': {'data': [3, 3]}}}");
  assert_refusal(engine, "Points/UpdateVectors", "{'collection_name': 'c', 'points': [{'id': 1}]}",
      QDRANT_INVALID_ARGUMENT, "vectors is expected");
  assert_refusal(engine, "Points/UpdateVectors", "{'collection_name': 'c', 'points': [{'vectors': {}}]}",
      QDRANT_INVALID_ARGUMENT, "id is expected");
  assert_refusal(engine, "Points/UpdateVectors",
      "{'collection_name': 'c', 'wait': true, 'points': [{'id': 77, 'vectors': {'vectors': {}}}]}", QDRANT_NOT_FOUND,
      "Not found: No point with id 77 found");
}

static void test_delete_vectors_takes_the_named_away(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Points/DeleteVectors",
      "{'collection_name': 'c', 'wait': true, 'vectors': {'names': ['d', 'm']}, " QD_IDS("1, 2") "}");
  assert_vectors(engine, "1", "{'s': {'sparse': {'indices': [4], 'values': [4]}}}");
  assert_int_equal(count_matching(engine, "c", "{'must': [{'has_vector': {'has_vector': 'd'}}]}"), 1);
  assert_refusal(engine, "Points/DeleteVectors",
      "{'collection_name': 'c', 'wait': true, 'vectors': {'names': ['x']}, " QD_IDS("1") "}", QDRANT_INVALID_ARGUMENT,
      "Wrong input: Not existing vector name error: x");
  assert_refusal(engine, "Points/DeleteVectors", "{'collection_name': 'c', " QD_IDS("1") "}", QDRANT_INVALID_ARGUMENT,
      "vectors is expected");
}

static void test_update_batch_carries_out_one_after_the_other_until_one_fails(void **state) {
  asked_engine *engine = *state;
  assert_refusal(engine, "Points/UpdateBatch",
      "{'collection_name': 'c', 'wait': true, 'operations': ["
      "{'set_payload': {'payload': {'a': 1}, " QD_IDS("3") "}},"
                                                           "{'upsert': {'points': [{'id': 4, 'vectors': {'vectors': "
                                                           "{'vectors': {'d': {'dense': {'data': [1]}}}}}}]}},"
                                                           "{'delete_points': {'points': {'points': {'ids': [1]}}}}]}",
      QDRANT_INVALID_ARGUMENT, "Wrong input: Vector dimension error: expected dim: 2, got 1 for vector 'd'");
  assert_payload(engine, "3", "{'a': 1}");
  assert_int_equal(count_matching(engine, "c", "{}"), 3);
}

static void test_update_batch_every_operation_is_there(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Points/UpdateBatch",
      "{'collection_name': 'c', 'operations': ["
      "{'upsert': {'points': [{'id': 4, 'vectors': {'vectors': {}}, 'payload': {'n': 4}}], 'update_mode': "
      "'InsertOnly'}},"
      "{'set_payload': {'key': 'k', 'payload': {'a': 1}, " QD_IDS(
          "4") "}},"
               "{'overwrite_payload': {'payload': {'n': 30}, " QD_IDS(
                   "3") "}},"
                        "{'delete_payload': {'keys': ['n'], " QD_IDS(
                            "4") "}},"
                                 "{'update_vectors': {'points': [{'id': 4, 'vectors': {'vectors': {'vectors': {'d': "
                                 "{'dense': {'data': [4, 4]}}}}}}]}},"
                                 "{'delete_vectors': {'vectors': {'names': ['s']}, " QD_IDS(
                                     "1") "}},"
                                          "{'clear_payload': {'points': {'points': {'ids': [1]}}}},"
                                          "{'clear_payload_deprecated': {'points': {'ids': [2]}}},"
                                          "{'delete_points': {'points': {'points': {'ids': [2]}}}}, "
                                          "{'delete_deprecated': {'points': {'ids': [2]}}}]}",
      "{'result': [{'operation_id': 2, 'status': 'Acknowledged'}, {'operation_id': 3, 'status': 'Acknowledged'},"
      "{'operation_id': 4, 'status': 'Acknowledged'}, {'operation_id': 5, 'status': 'Acknowledged'},"
      "{'operation_id': 6, 'status': 'Acknowledged'}, {'operation_id': 7, 'status': 'Acknowledged'},"
      "{'operation_id': 8, 'status': 'Acknowledged'}, {'operation_id': 9, 'status': 'Acknowledged'},"
      "{'operation_id': 10, 'status': 'Acknowledged'}, {'operation_id': 11, 'status': 'Acknowledged'}]}");
  assert_answer(engine, "Points/Scroll", "{'collection_name': 'c', 'with_vectors': {'enable': true}}",
      "{'result': [{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [1, 1]}}}}}},"
      "{'id': 3, 'payload': {'n': 30}, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [3, 3]}}}}}},"
      "{'id': 4, 'payload': {'k': {'a': 1}}, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [4, "
      "4]}}}}}}]}");
}

static void test_update_batch_without_operations_or_with_an_empty_one_is_refused(void **state) {
  assert_refusal(*state, "Points/UpdateBatch", "{'collection_name': 'c'}", QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [operations: value [] invalid, must be at least 1 characters]");
  assert_refusal(*state, "Points/UpdateBatch", "{'collection_name': 'c', 'operations': [{}]}", QDRANT_INVALID_ARGUMENT,
      "Operation is missing");
}

static void test_field_index_is_checked_and_told_with_its_points(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'wait': true, 'field_name': 'n', 'field_type': 'FieldTypeInteger',"
      "'field_index_params': {'integer_index_params': {'lookup': true, 'range': false}}}",
      "{'result': {'operation_id': 3, 'status': 'Completed'}}");
  assert_int_equal(ask(engine, "Collections/Get", "{'collection_name': 'c'}"), QDRANT_OK);
  const Qdrant__CollectionInfo *info = ((const Qdrant__GetCollectionInfoResponse *)engine->reply)->result;
  assert_int_equal(info->n_payload_schema, 1);
  assert_string_equal(info->payload_schema[0]->key, "n");
  assert_int_equal(info->payload_schema[0]->value->data_type, QDRANT__PAYLOAD_SCHEMA_TYPE__Integer);
  assert_int_equal(info->payload_schema[0]->value->points, 2);
  assert_false(info->payload_schema[0]->value->params->integer_index_params->range);
  ask_ok(engine, "Points/DeleteFieldIndex", "{'collection_name': 'c', 'wait': true, 'field_name': 'n'}");
  ask_ok(engine, "Collections/Get", "{'collection_name': 'c'}");
  assert_int_equal(((const Qdrant__GetCollectionInfoResponse *)engine->reply)->result->n_payload_schema, 0);
}

static void test_field_index_bad_request_is_refused_in_the_servers_words(void **state) {
  static const struct {
    const char *rest;
    const char *message;
  } cases[] = {
      {"'field_name': 'n'", "cannot convert field_type"},
      {"'field_name': '', 'field_type': 'FieldTypeBool'",
          "Validation error in body: [field_name: value \"\" invalid, must be at least 1 characters]"},
      {"'field_name': 'n[', 'field_type': 'FieldTypeBool'", "Invalid json path: 'n['"},
      {"'field_name': 'n', 'field_type': 'FieldTypeBool', 'field_index_params': {'uuid_index_params': {}}",
          "field_type (Bool) and field_index_params do not match"},
      {"'field_name': 'n', 'field_type': 'FieldTypeText', 'field_index_params': {'text_index_params': {}}",
          "unknown tokenizer type"},
      {"'field_name': 'n', 'field_type': 'FieldTypeInteger', 'field_index_params': {'integer_index_params':"
       "{'lookup': false, 'range': false}}",
          "Validation error in body: [field_index_params.index_params.lookup: Validation error: the 'lookup' and "
          "'range' capabilities can't be both disabled [{}]]"},
  };
  char request[256];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c', %s}", cases[i].rest);
    assert_refusal(*state, "Points/CreateFieldIndex", request, QDRANT_INVALID_ARGUMENT, cases[i].message);
  }
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_set_payload_merges_at_the_top_and_null_takes_away),
      QD_TEST(test_set_payload_at_a_key_makes_way),
      QD_TEST(test_set_payload_deeper_than_can_be_stored_is_refused),
      QD_TEST(test_overwrite_payload_replaces_and_ignores_the_key),
      QD_TEST(test_delete_payload_takes_paths_away_but_no_single_elements),
      QD_TEST(test_clear_payload_clears_what_matches),
      QD_TEST(test_payload_of_a_missing_point_not_found_after_the_others),
      QD_TEST(test_payload_bad_request_is_refused_in_the_servers_words),
      QD_TEST(test_update_vectors_keeps_the_others_and_the_payload),
      QD_TEST(test_update_vectors_filter_leaves_points_out),
      QD_TEST(test_update_vectors_bad_vector_is_refused_and_changes_nothing),
      QD_TEST(test_delete_vectors_takes_the_named_away),
      QD_TEST(test_update_batch_carries_out_one_after_the_other_until_one_fails),
      QD_TEST(test_update_batch_every_operation_is_there),
      QD_TEST(test_update_batch_without_operations_or_with_an_empty_one_is_refused),
      QD_TEST(test_field_index_is_checked_and_told_with_its_points),
      QD_TEST(test_field_index_bad_request_is_refused_in_the_servers_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
