#include "client/newer.h"
#include "core/deadline.h"
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/json.h"
#include "qdrant/log.h"
#include "qdrant/mock.h"
#include "qdrant/search.h"
#include "qdrant/upsert.h"
#include "tests/support/ends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char create_plain[] = "{'collection_name': 'docs', 'vectors': {'size': 2, 'distance': 'Cosine'}}";
static const char create_with_hint[] =
    "{'collection_name': 'docs', 'vectors': {'size': 2, 'distance': 'Cosine', 'memory': 'cold'}}";
static const char create_with_meaning[] =
    "{'collection_name': 'docs', 'vectors': {'size': 2, 'distance': 'Cosine'}, 'metadata': {'a': 1}}";
static const char count_by_text_any[] =
    "{'collection_name': 'docs', 'exact': true, 'filter': {'must': [{'key': 'a', 'match': {'text_any': 'x'}}]}}";

/* A server that says it is of some version, and a client of it. */
typedef struct fixture {
  qdrant_mock *mock;
  qdrant_client *client;
  qdrant_arena *arena;
  qdrant_error err;
} fixture;

static void open_fixture(fixture *f, const char *version, qdrant_newer_fields newer_fields) {
  qdrant_mock_options mock = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  *f = (fixture){.arena = qdrant_arena_new()};
  mock.version = version;
  assert_int_equal(qdrant_mock_start(&mock, &f->mock, NULL), QDRANT_OK);
  options.url = qdrant_mock_url(f->mock);
  options.max_connections = 1;
  options.newer_fields = newer_fields;
  assert_int_equal(qdrant_client_open(&options, &f->client, NULL), QDRANT_OK);
}

static void close_fixture(fixture *f) {
  qdrant_client_close(f->client);
  qdrant_mock_stop(f->mock);
  qdrant_arena_free(f->arena);
}

/* JSON with ' in place of ". */
static ProtobufCMessage *read_message(fixture *f, qdrant_rpc rpc, const char *json) {
  char text[512];
  ProtobufCMessage *message = NULL;
  snprintf(text, sizeof text, "%s", json);
  for (char *at = text; *at != '\0'; at++)
    *at = *at == '\'' ? '"' : *at;
  qdrant_status status = qdrant_message_from_json(rpc, text, strlen(text), f->arena, &message, &f->err);
  if (status != QDRANT_OK)
    fail_msg("%s", f->err.message);
  return message;
}

static qdrant_status call(fixture *f, qdrant_rpc rpc, const char *json) {
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_call(f->client, rpc, read_message(f, rpc, json), NULL, &reply, &f->err);
  qdrant_reply_free(reply);
  return status;
}

static uint64_t n_questions(const fixture *f) {
  return qdrant_mock_count_calls(f->mock, "Qdrant/HealthCheck");
}

static void assert_too_old(const fixture *f, const char *field, const char *since, const char *version) {
  assert_int_equal(f->err.status, QDRANT_UNSUPPORTED);
  assert_int_equal(f->err.reason, QDRANT_REASON_TOO_OLD);
  assert_int_equal(f->err.delivery, QDRANT_NOT_SENT);
  assert_non_null(strstr(f->err.message, field));
  assert_non_null(strstr(f->err.message, since));
  assert_non_null(strstr(f->err.message, version));
  assert_non_null(strstr(f->err.message, "newer_fields"));
}

static void test_find_looks_where_a_field_may_be(void **state) {
  (void)state;
  fixture f = {.arena = qdrant_arena_new()};
  qd_newer_set set = {0};
  qd_newer_find(read_message(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_plain), &set);
  assert_true(qd_newer_is_empty(&set));
  qd_newer_find(read_message(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any), &set);
  assert_false(qd_newer_is_empty(&set));
  assert_null(qd_newer_first(&set, qd_version_parse("1.16.0"), ~0u));
  assert_null(qd_newer_first(&set, qd_version_parse("1.15.9"), 1u << QD_SINCE_HINT));
  const qd_since *row = qd_newer_first(&set, qd_version_parse("1.15.9"), ~0u);
  assert_non_null(row);
  assert_string_equal(row->field, "text_any");
  qdrant_arena_free(f.arena);
}

static void test_strip_takes_out_hints_alone(void **state) {
  (void)state;
  fixture f = {.arena = qdrant_arena_new()};
  qd_newer_set set = {0};
  ProtobufCMessage *message = read_message(&f, QDRANT_RPC_COLLECTIONS_CREATE,
      "{'collection_name': 'docs', 'vectors': {'size': 2, 'distance': 'Cosine', 'memory': 'cold'},"
      " 'hnsw_config': {'m': 8, 'inline_storage': true}, 'metadata': {'a': 1}, 'payload': {'memory': 'cold'}}");
  qd_newer_strip(message, qd_version_parse("1.17.0"));
  const Qdrant__CreateCollection *create = (const Qdrant__CreateCollection *)message;
  assert_null(create->payload);
  assert_int_equal(create->n_metadata, 1);
  assert_int_equal(create->hnsw_config->m, 8);
  assert_true(create->hnsw_config->has_inline_storage);
  assert_false(create->vectors_config->params->has_memory);
  qd_newer_find(message, &set);
  assert_null(qd_newer_first(&set, qd_version_parse("1.17.0"), ~0u));
  qdrant_arena_free(f.arena);
}

static void test_meaning_that_the_server_is_too_old_for_is_refused(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, "1.15.4", QDRANT_NEWER_REFUSE);
  assert_int_equal(call(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_plain), QDRANT_OK);
  assert_int_equal(n_questions(&f), 0); /* nothing newer in it: nobody is asked */
  call(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any);
  assert_too_old(&f, "Match.text_any", "1.16", "1.15");
  assert_int_equal(n_questions(&f), 1);
  call(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_with_hint);
  assert_too_old(&f, "VectorParams.memory", "1.19", "1.15");
  assert_int_equal(n_questions(&f), 1); /* known by now */
  assert_int_equal(qdrant_mock_count_calls(f.mock, "Points/Count"), 0);
  close_fixture(&f);
}

static void test_meaning_that_the_server_knows_is_sent(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, "1.16.0", QDRANT_NEWER_REFUSE);
  assert_int_equal(call(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_with_meaning), QDRANT_OK);
  assert_int_equal(call(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any), QDRANT_OK);
  assert_int_equal(n_questions(&f), 1);
  close_fixture(&f);
}

static void test_new_server_is_asked_once(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL, QDRANT_NEWER_REFUSE);
  assert_int_equal(call(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_with_hint), QDRANT_OK);
  for (int i = 0; i < 3; i++)
    assert_int_equal(call(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any), QDRANT_OK);
  assert_int_equal(n_questions(&f), 1);
  close_fixture(&f);
}

static void test_server_whose_version_cannot_be_read_counts_as_new(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, "somebody's own", QDRANT_NEWER_REFUSE);
  assert_int_equal(call(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_with_hint), QDRANT_OK);
  close_fixture(&f);
}

static void count_warnings(void *user, qdrant_log_level level, const char *subject, const char *text) {
  atomic_int *n = user;
  *n += level == QDRANT_LOG_WARN && strcmp(subject, "version") == 0 && strstr(text, "VectorParams.memory") != NULL;
}

static void test_leave_out_drops_a_hint_with_a_warning(void **state) {
  (void)state;
  static atomic_int n_warnings;
  fixture f;
  qdrant_log_set(QDRANT_LOG_WARN, count_warnings, &n_warnings);
  open_fixture(&f, "1.17.1", QDRANT_NEWER_LEAVE_OUT);
  assert_int_equal(call(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_with_hint), QDRANT_OK);
  assert_int_equal(n_warnings, 1);
  Qdrant__GetCollectionInfoRequest request = QDRANT__GET_COLLECTION_INFO_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  request.collection_name = (char *)"docs";
  assert_int_equal(qdrant_collections_get(f.client, &request, NULL, &reply, NULL), QDRANT_OK);
  const Qdrant__GetCollectionInfoResponse *info = qdrant_collections_get_response(reply, NULL);
  assert_false(info->result->config->params->vectors_config->params->has_memory);
  qdrant_reply_free(reply);
  close_fixture(&f);
  qdrant_log_set(QDRANT_LOG_WARN, NULL, NULL);
}

static void test_leave_out_refuses_a_meaning_all_the_same(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, "1.15.4", QDRANT_NEWER_LEAVE_OUT);
  call(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_with_meaning);
  assert_too_old(&f, "CreateCollection.metadata", "1.16", "1.15");
  close_fixture(&f);
}

static void test_send_asks_nobody(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, "1.10.0", QDRANT_NEWER_SEND);
  assert_int_equal(call(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_with_meaning), QDRANT_OK);
  assert_int_equal(n_questions(&f), 0);
  close_fixture(&f);
}

static qdrant_status start(fixture *f, qdrant_rpc rpc, const char *json, const qdrant_call_options *options, ends *to) {
  qdrant_then then = {.done = ends_count, .user = to};
  return qdrant_call_start(f->client, rpc, read_message(f, rpc, json), options, &then, &f->err);
}

static void test_started_call_waits_for_the_version(void **state) {
  (void)state;
  fixture f;
  ends to;
  ends_init(&to);
  open_fixture(&f, "1.17.1", QDRANT_NEWER_LEAVE_OUT);
  assert_int_equal(start(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_with_hint, NULL, &to), QDRANT_OK);
  ends_wait(&to, 1);
  assert_int_equal(to.n_ok, 1);
  assert_int_equal(n_questions(&f), 1);
  close_fixture(&f);
}

static void test_started_call_for_an_old_server_reports_unsupported(void **state) {
  (void)state;
  fixture f;
  ends to;
  ends_init(&to);
  open_fixture(&f, "1.15.4", QDRANT_NEWER_REFUSE);
  assert_int_equal(start(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any, NULL, &to), QDRANT_OK);
  ends_wait(&to, 1);
  f.err = to.last;
  assert_too_old(&f, "Match.text_any", "1.16", "1.15");
  assert_int_equal(start(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any, NULL, &to), QDRANT_UNSUPPORTED);
  assert_int_equal(to.n, 1); /* known by now: refused at once, and not reported */
  assert_int_equal(qdrant_mock_count_calls(f.mock, "Points/Count"), 0);
  close_fixture(&f);
}

static void test_started_call_is_cancelled_while_the_version_is_asked(void **state) {
  (void)state;
  fixture f;
  ends to;
  ends_init(&to);
  qdrant_mock_fault stall = QDRANT_MOCK_FAULT_INIT;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  open_fixture(&f, "1.15.4", QDRANT_NEWER_REFUSE);
  stall.rpc = "Qdrant/HealthCheck";
  stall.kind = QDRANT_FAULT_STALL;
  assert_int_equal(qdrant_mock_add_fault(f.mock, &stall, NULL), QDRANT_OK);
  options.cancel = qdrant_cancel_new();
  assert_int_equal(start(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any, &options, &to), QDRANT_OK);
  qdrant_cancel_fire(options.cancel);
  ends_wait(&to, 1);
  assert_int_equal(to.last.status, QDRANT_CANCELLED);
  assert_int_equal(to.last.delivery, QDRANT_NOT_SENT);
  qdrant_cancel_free(options.cancel);
  close_fixture(&f);
}

static void test_call_whose_version_cannot_be_asked_is_not_sent(void **state) {
  (void)state;
  fixture f;
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  open_fixture(&f, "1.16.0", QDRANT_NEWER_REFUSE);
  fault.rpc = "Qdrant/HealthCheck";
  fault.kind = QDRANT_FAULT_STATUS;
  fault.status = QDRANT_PERMISSION_DENIED;
  fault.message = "not for you";
  assert_int_equal(qdrant_mock_add_fault(f.mock, &fault, NULL), QDRANT_OK);
  assert_int_equal(call(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any), QDRANT_PERMISSION_DENIED);
  assert_int_equal(f.err.delivery, QDRANT_NOT_SENT);
  assert_non_null(strstr(f.err.message, "version"));
  assert_int_equal(qdrant_mock_count_calls(f.mock, "Points/Count"), 0);
  close_fixture(&f);
}

static void test_version_is_asked_again_after_a_lost_connection(void **state) {
  (void)state;
  fixture f;
  qdrant_mock_fault drop = QDRANT_MOCK_FAULT_INIT;
  open_fixture(&f, "1.16.0", QDRANT_NEWER_REFUSE);
  assert_int_equal(call(&f, QDRANT_RPC_COLLECTIONS_CREATE, create_with_meaning), QDRANT_OK);
  drop.rpc = "Points/Count";
  drop.kind = QDRANT_FAULT_DROP;
  assert_int_equal(qdrant_mock_add_fault(f.mock, &drop, NULL), QDRANT_OK);
  assert_int_equal(call(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any), QDRANT_OK); /* repeated */
  assert_int_equal(n_questions(&f), 1);
  assert_int_equal(call(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any), QDRANT_OK);
  assert_int_equal(n_questions(&f), 2);
  close_fixture(&f);
}

/* A client of three endpoints: two servers and nobody. */
static void check_oldest_of_several(int is_started) {
  static const char nobody[] = "http://127.0.0.1:1";
  fixture f;
  ends to;
  qdrant_mock_options mock = QDRANT_MOCK_OPTIONS_INIT;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_mock *old = NULL;
  ends_init(&to);
  open_fixture(&f, "1.18.3", QDRANT_NEWER_REFUSE);
  qdrant_client_close(f.client);
  mock.version = "1.15.4";
  assert_int_equal(qdrant_mock_start(&mock, &old, NULL), QDRANT_OK);
  const qdrant_endpoint endpoints[] = {
      {.url = nobody}, {.url = qdrant_mock_url(f.mock)}, {.url = qdrant_mock_url(old)}};
  options.endpoints = endpoints;
  options.n_endpoints = 3;
  assert_int_equal(qdrant_client_open(&options, &f.client, NULL), QDRANT_OK);
  assert_int_equal(qdrant_client_wait_ready(f.client, 10000, NULL), QDRANT_OK);
  if (is_started) {
    assert_int_equal(start(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any, NULL, &to), QDRANT_OK);
    ends_wait(&to, 1);
    f.err = to.last;
  } else {
    call(&f, QDRANT_RPC_POINTS_COUNT, count_by_text_any);
  }
  assert_too_old(&f, "Match.text_any", "1.16", "1.15");
  assert_true(n_questions(&f) >= 1);
  assert_true(qdrant_mock_count_calls(old, "Qdrant/HealthCheck") >= 1);
  close_fixture(&f);
  qdrant_mock_stop(old);
}

static void test_oldest_of_several_endpoints_decides(void **state) {
  (void)state;
  check_oldest_of_several(0);
  check_oldest_of_several(1);
}

static void test_columns_with_newer_options_are_refused(void **state) {
  (void)state;
  const float values[] = {1, 2};
  const uint64_t id = 1;
  Qdrant__AcornSearchParams acorn = QDRANT__ACORN_SEARCH_PARAMS__INIT;
  Qdrant__SearchParams params = QDRANT__SEARCH_PARAMS__INIT;
  qdrant_vector_column column = {.kind = QDRANT_DENSE, .values = values, .dim = 2};
  qdrant_point_batch batch = {.size = sizeof batch, .n_points = 1, .ids = &id, .vectors = &column, .n_vectors = 1};
  qdrant_query_batch queries = {.size = sizeof queries, .n_queries = 1, .vectors = &column, .params = &params};
  qdrant_upsert_options options = QDRANT_UPSERT_OPTIONS_INIT;
  qdrant_hits *hits = NULL;
  fixture f;
  open_fixture(&f, "1.15.4", QDRANT_NEWER_REFUSE);
  options.update_mode = QDRANT_UPDATE_MODE_INSERT_ONLY;
  qdrant_upsert(f.client, "docs", &batch, &options, NULL, NULL, &f.err);
  assert_too_old(&f, "UpsertPoints.update_mode", "1.17", "1.15");
  params.acorn = &acorn;
  qdrant_search(f.client, "docs", &queries, NULL, &hits, &f.err);
  assert_too_old(&f, "SearchParams.acorn", "1.16", "1.15");
  assert_null(hits);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_find_looks_where_a_field_may_be),
      cmocka_unit_test(test_strip_takes_out_hints_alone),
      cmocka_unit_test(test_meaning_that_the_server_is_too_old_for_is_refused),
      cmocka_unit_test(test_meaning_that_the_server_knows_is_sent),
      cmocka_unit_test(test_new_server_is_asked_once),
      cmocka_unit_test(test_server_whose_version_cannot_be_read_counts_as_new),
      cmocka_unit_test(test_leave_out_drops_a_hint_with_a_warning),
      cmocka_unit_test(test_leave_out_refuses_a_meaning_all_the_same),
      cmocka_unit_test(test_send_asks_nobody),
      cmocka_unit_test(test_started_call_waits_for_the_version),
      cmocka_unit_test(test_started_call_for_an_old_server_reports_unsupported),
      cmocka_unit_test(test_started_call_is_cancelled_while_the_version_is_asked),
      cmocka_unit_test(test_call_whose_version_cannot_be_asked_is_not_sent),
      cmocka_unit_test(test_version_is_asked_again_after_a_lost_connection),
      cmocka_unit_test(test_oldest_of_several_endpoints_decides),
      cmocka_unit_test(test_columns_with_newer_options_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
