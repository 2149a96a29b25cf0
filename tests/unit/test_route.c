#include "codec/percent.h"
#include "codec/route.h"
#include "codec/url_target.h"
#include "qdrant/pb/points.pb-c.h"
#include "qdrant/pb/snapshots.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int make_arena(void **state) {
  *state = qd_arena_new(0);
  return *state == NULL;
}

static int free_arena(void **state) {
  qd_arena_free(*state);
  return 0;
}

static const char *encoded(qd_arena *arena, const char *name) {
  qd_text text;
  qd_text_init(&text, arena, 4096);
  qd_percent_encode(&text, name);
  return qd_text_end(&text);
}

static void test_qd_percent_encode_of_a_name_leaves_only_unreserved_characters(void **state) {
  assert_string_equal(encoded(*state, "aZ09-_~."), "aZ09-_~.");
  assert_string_equal(encoded(*state, "a/b?c#d%e f[]"), "a%2Fb%3Fc%23d%25e%20f%5B%5D");
  assert_string_equal(encoded(*state, "\xc3\xa9"), "%C3%A9");
}

static void test_qd_percent_encode_of_dot_segments_encodes_the_dots(void **state) {
  assert_string_equal(encoded(*state, "."), "%2E");
  assert_string_equal(encoded(*state, ".."), "%2E%2E");
  assert_string_equal(encoded(*state, "..."), "...");
}

static void test_qd_percent_decode_of_what_is_no_text_is_refused(void **state) {
  static const char *const broken[] = {"%", "a%4", "%G0", "%0g", "%00", "%C3", "a%ff"};
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
    const char *name = NULL;
    qdrant_error err = {0};
    assert_int_equal(qd_percent_decode(broken[i], strlen(broken[i]), *state, &name, &err), QDRANT_INVALID_ARGUMENT);
    assert_non_null(strstr(err.message, broken[i]));
  }
}

static const qd_url_values odd_values = {{[QD_URL_COLLECTION_NAME] = "a/b ?#%\xc3\xa9",
    [QD_URL_FIELD_NAME] = "list[].key",
    [QD_URL_VECTOR_NAME] = "..",
    [QD_URL_SNAPSHOT_NAME] = "s-2026.snapshot",
    [QD_URL_WAIT] = "true",
    [QD_URL_ORDERING] = "strong",
    [QD_URL_TIMEOUT] = "18446744073709551615",
    [QD_URL_CONSISTENCY] = "2"}};

static qd_url_values values_of(const qd_rpc *rpc) {
  qd_url_values values = odd_values;
  for (qd_url_key key = 0; key < QD_N_URL_KEYS; key++)
    if (!qd_url_key_is_of(key, rpc))
      values.texts[key] = NULL;
  return values;
}

static void assert_values_equal(const qd_url_values *a, const qd_url_values *b) {
  for (qd_url_key key = 0; key < QD_N_URL_KEYS; key++) {
    assert_int_equal(a->texts[key] == NULL, b->texts[key] == NULL);
    if (a->texts[key] != NULL)
      assert_string_equal(a->texts[key], b->texts[key]);
  }
}

static void test_qd_route_find_of_every_written_target_finds_its_rpc_and_values(void **state) {
  for (int id = 0; id < QDRANT_N_RPCS; id++) {
    const qd_rpc *rpc = qd_rpc_row((qdrant_rpc)id);
    const qd_route *route = qd_route_row(rpc->id);
    qd_url_values values = values_of(rpc);
    qd_url_values read;
    const char *target = NULL;
    int has_path = 0;
    assert_int_equal(qd_url_target_write(route, &values, *state, &target, NULL), QDRANT_OK);
    assert_ptr_equal(qd_route_find(route->verb, target, &has_path), rpc);
    assert_int_equal(qd_url_target_read(route, target, *state, &read, NULL), QDRANT_OK);
    assert_values_equal(&values, &read);
  }
}

static void test_qd_url_values_put_of_taken_values_gives_them_again_for_every_rpc(void **state) {
  for (int id = 0; id < QDRANT_N_RPCS; id++) {
    const qd_rpc *rpc = qd_rpc_row((qdrant_rpc)id);
    qd_url_values values = values_of(rpc);
    qd_url_values taken;
    ProtobufCMessage *request = qd_arena_alloc(*state, rpc->request->sizeof_message);
    protobuf_c_message_init(rpc->request, request);
    assert_int_equal(qd_url_values_put(rpc, &values, *state, request, NULL), QDRANT_OK);
    assert_int_equal(qd_url_values_take(rpc, request, *state, &taken, NULL), QDRANT_OK);
    assert_values_equal(&values, &taken);
    assert_int_equal(
        qd_url_values_take(rpc, qd_url_values_strip(rpc, request, *state), *state, &taken, NULL), QDRANT_OK);
    assert_values_equal(&(qd_url_values){{NULL}}, &taken);
  }
}

static void test_qd_route_find_of_another_verb_tells_that_the_path_exists(void **state) {
  int has_path = 0;
  (void)state;
  assert_null(qd_route_find("PATCH", "/collections/c/points/search", &has_path));
  assert_true(has_path);
}

static void test_qd_route_find_of_an_unknown_path_finds_nothing(void **state) {
  static const char *const unknown[] = {"", "collections", "/collection", "/collections/", "/collections//points",
      "/collections/c/points/", "/collections/c/points/search/x", "//", "/collections/c/points/%73earch/batch",
      "/collectionsx"};
  static const char *const verbs[] = {"GET", "PUT", "POST", "DELETE", "PATCH"};
  (void)state;
  for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
    int has_path = 1;
    for (size_t v = 0; v < sizeof verbs / sizeof verbs[0]; v++)
      assert_null(qd_route_find(verbs[v], unknown[i], &has_path));
    assert_false(has_path);
  }
}

static void test_qd_route_write_request_without_body_has_verb_and_target_alone(void **state) {
  Qdrant__DeleteSnapshotRequest request = QDRANT__DELETE_SNAPSHOT_REQUEST__INIT;
  qd_rest_request out;
  request.collection_name = (char *)"c d";
  request.snapshot_name = (char *)"..";
  assert_int_equal(
      qd_route_write_request(qd_rpc_row(QDRANT_RPC_SNAPSHOTS_DELETE), &request.base, 7, 1000, *state, &out, NULL),
      QDRANT_OK);
  assert_string_equal(out.verb, "DELETE");
  assert_string_equal(out.target, "/collections/c%20d/snapshots/%2E%2E");
  assert_null(out.body);
}

static void test_qd_route_write_request_with_server_timeout_adds_it_where_the_message_has_none(void **state) {
  Qdrant__DeleteFieldIndexCollection request = QDRANT__DELETE_FIELD_INDEX_COLLECTION__INIT;
  const qd_rpc *rpc = qd_rpc_row(QDRANT_RPC_POINTS_DELETE_FIELD_INDEX);
  qd_rest_request out;
  request.collection_name = (char *)"c";
  request.field_name = (char *)"f";
  assert_int_equal(qd_route_write_request(rpc, &request.base, 7, 1000, *state, &out, NULL), QDRANT_OK);
  assert_string_equal(out.target, "/collections/c/index/f?timeout=7");
  request.has_timeout = 1;
  request.timeout = 3;
  request.has_wait = 1;
  assert_int_equal(qd_route_write_request(rpc, &request.base, 7, 1000, *state, &out, NULL), QDRANT_OK);
  assert_string_equal(out.target, "/collections/c/index/f?wait=false&timeout=3");
}

static void test_qd_route_write_request_with_an_empty_name_is_refused(void **state) {
  Qdrant__DeleteFieldIndexCollection request = QDRANT__DELETE_FIELD_INDEX_COLLECTION__INIT;
  qd_rest_request out;
  qdrant_error err = {0};
  request.collection_name = (char *)"c";
  assert_int_equal(qd_route_write_request(
                       qd_rpc_row(QDRANT_RPC_POINTS_DELETE_FIELD_INDEX), &request.base, 0, 1000, *state, &out, &err),
      QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "field_name"));
}

static void test_qd_route_write_request_with_values_no_url_can_say_is_refused(void **state) {
  const qd_rpc *rpc = qd_rpc_row(QDRANT_RPC_POINTS_COUNT);
  Qdrant__ReadConsistency consistency = QDRANT__READ_CONSISTENCY__INIT;
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qd_rest_request out;
  qdrant_error err = {0};
  request.collection_name = (char *)"c";
  request.read_consistency = &consistency;
  assert_int_equal(qd_route_write_request(rpc, &request.base, 0, 1000, *state, &out, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "neither type nor factor"));
  consistency.value_case = QDRANT__READ_CONSISTENCY__VALUE_TYPE;
  consistency.type = (Qdrant__ReadConsistencyType)9;
  err = (qdrant_error){0};
  assert_int_equal(qd_route_write_request(rpc, &request.base, 0, 1000, *state, &out, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "consistency: there is no type 9"));
}

static void test_qd_url_values_put_of_bad_values_says_what_was_expected(void **state) {
  static const struct {
    qd_url_key key;
    const char *text;
  } bad[] = {{QD_URL_WAIT, "yes"}, {QD_URL_WAIT, ""}, {QD_URL_TIMEOUT, "-1"}, {QD_URL_TIMEOUT, "1.5"},
      {QD_URL_TIMEOUT, ""}, {QD_URL_TIMEOUT, "18446744073709551616"}, {QD_URL_CONSISTENCY, "most"},
      {QD_URL_CONSISTENCY, "-1"}};
  const qd_rpc *upsert = qd_rpc_row(QDRANT_RPC_POINTS_UPSERT);
  const qd_rpc *count = qd_rpc_row(QDRANT_RPC_POINTS_COUNT);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    const qd_rpc *rpc = bad[i].key == QD_URL_CONSISTENCY ? count : upsert;
    ProtobufCMessage *request = qd_arena_alloc(*state, rpc->request->sizeof_message);
    qd_url_values values = {{NULL}};
    qdrant_error err = {0};
    protobuf_c_message_init(rpc->request, request);
    values.texts[bad[i].key] = bad[i].text;
    assert_int_equal(qd_url_values_put(rpc, &values, *state, request, &err), QDRANT_INVALID_ARGUMENT);
    assert_non_null(strstr(err.message, qd_url_key_name(bad[i].key)));
    assert_non_null(strstr(err.message, qd_url_key_expected(bad[i].key)));
  }
}

static const Qdrant__GetPoints *one_point_of(qd_arena *arena, const char *target) {
  int has_path = 0;
  ProtobufCMessage *request = NULL;
  const qd_rpc *rpc = qd_route_find("GET", target, &has_path);
  assert_ptr_equal(rpc, qd_rpc_row(QDRANT_RPC_POINTS_GET));
  assert_int_equal(qd_route_read_request(rpc, target, "", 0, arena, &request, NULL), QDRANT_OK);
  return (const void *)request;
}

static void test_qd_route_read_request_of_one_point_by_path_asks_for_all_of_it(void **state) {
  const Qdrant__GetPoints *request = one_point_of(*state, "/collections/c%20d/points/18446744073709551615?timeout=3");
  assert_string_equal(request->collection_name, "c d");
  assert_int_equal(request->n_ids, 1);
  assert_true(request->ids[0]->num == UINT64_MAX);
  assert_true(request->with_payload->enable);
  assert_true(request->with_vectors->enable);
  assert_int_equal(request->timeout, 3);
  request = one_point_of(*state, "/collections/c/points/550e8400-e29b-41d4-a716-446655440002");
  assert_string_equal(request->ids[0]->uuid, "550e8400-e29b-41d4-a716-446655440002");
}

static void test_qd_route_write_answer_of_one_point_is_the_point(void **state) {
  static const char target[] = "/collections/c/points/7";
  Qdrant__PointId id = QDRANT__POINT_ID__INIT;
  Qdrant__RetrievedPoint point = QDRANT__RETRIEVED_POINT__INIT;
  Qdrant__RetrievedPoint *points[] = {&point};
  Qdrant__GetResponse reply = QDRANT__GET_RESPONSE__INIT;
  const qd_rpc *rpc = qd_rpc_row(QDRANT_RPC_POINTS_GET);
  qd_text text;
  qdrant_error err = {0};
  id.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  id.num = 7;
  point.id = &id;
  reply.result = points;
  reply.n_result = 1;
  qd_text_init(&text, *state, 1000);
  assert_int_equal(qd_route_write_answer(rpc, target, &reply.base, &text, NULL), QDRANT_OK);
  assert_string_equal(qd_text_end(&text), "{\"result\":{\"id\":7},\"status\":\"ok\",\"time\":0.0}");
  qd_text_init(&text, *state, 1000);
  assert_int_equal(qd_route_write_answer(rpc, "/collections/c/points", &reply.base, &text, NULL), QDRANT_OK);
  assert_string_equal(qd_text_end(&text), "{\"result\":[{\"id\":7}],\"status\":\"ok\",\"time\":0.0}");
  reply.n_result = 0;
  assert_int_equal(qd_route_write_answer(rpc, target, &reply.base, &text, &err), QDRANT_NOT_FOUND);
  assert_string_equal(err.message, "Not found: Point with id 7 does not exists!");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_percent_encode_of_a_name_leaves_only_unreserved_characters),
      cmocka_unit_test(test_qd_percent_encode_of_dot_segments_encodes_the_dots),
      cmocka_unit_test(test_qd_percent_decode_of_what_is_no_text_is_refused),
      cmocka_unit_test(test_qd_route_find_of_every_written_target_finds_its_rpc_and_values),
      cmocka_unit_test(test_qd_url_values_put_of_taken_values_gives_them_again_for_every_rpc),
      cmocka_unit_test(test_qd_route_find_of_another_verb_tells_that_the_path_exists),
      cmocka_unit_test(test_qd_route_find_of_an_unknown_path_finds_nothing),
      cmocka_unit_test(test_qd_route_write_request_without_body_has_verb_and_target_alone),
      cmocka_unit_test(test_qd_route_write_request_with_server_timeout_adds_it_where_the_message_has_none),
      cmocka_unit_test(test_qd_route_write_request_with_an_empty_name_is_refused),
      cmocka_unit_test(test_qd_route_write_request_with_values_no_url_can_say_is_refused),
      cmocka_unit_test(test_qd_url_values_put_of_bad_values_says_what_was_expected),
      cmocka_unit_test(test_qd_route_read_request_of_one_point_by_path_asks_for_all_of_it),
      cmocka_unit_test(test_qd_route_write_answer_of_one_point_is_the_point),
  };
  return cmocka_run_group_tests(tests, make_arena, free_arena);
}
