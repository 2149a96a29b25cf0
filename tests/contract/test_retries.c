/* Which calls the client makes again: what a server that fails on purpose has seen, over gRPC and then over REST. */
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/mock.h"
#include "tests/support/ends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

typedef struct world {
  qdrant_mock *mock;
  qdrant_client *client;
  qdrant_error err;
  qdrant_arena *arena;
  qdrant_reply *reply; /* of the last call */
} world;

static qdrant_toggle prefer_grpc; /* of the group of tests that runs */

static int use_grpc(void **state) {
  (void)state;
  prefer_grpc = QDRANT_ON;
  return 0;
}

static int use_rest(void **state) {
  (void)state;
  prefer_grpc = QDRANT_OFF;
  return 0;
}

static qdrant_status call(
    world *w, qdrant_rpc rpc, const ProtobufCMessage *request, const qdrant_call_options *options) {
  qdrant_reply_free(w->reply);
  return qdrant_call(w->client, rpc, request, options, &w->reply, &w->err);
}

/* What a collection is made of in these tests: one named vector, a point, an alias. */
static Qdrant__CreateCollection *make_create(world *w, const char *name) {
  Qdrant__CreateCollection *request = qdrant_create_dense(w->arena, name, 2, QDRANT__DISTANCE__Dot);
  QDRANT_SET(request, on_disk_payload, 1);
  return request;
}

static void open_world(world *w) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  *w = (world){.arena = qdrant_arena_new()};
  assert_int_equal(qdrant_mock_start(NULL, &w->mock, &w->err), QDRANT_OK);
  options.url = qdrant_mock_url(w->mock);
  options.rest_port = qdrant_mock_rest_port(w->mock);
  options.prefer_grpc = prefer_grpc;
  options.rest_fallback = QDRANT_OFF;
  options.retry_delay_ms = 1;
  options.max_connections = 1;
  options.close_timeout_ms = -1;
  assert_int_equal(qdrant_client_open(&options, &w->client, &w->err), QDRANT_OK);
  assert_int_equal(call(w, QDRANT_RPC_COLLECTIONS_CREATE, &make_create(w, "stars")->base, NULL), QDRANT_OK);
}

static void close_world(world *w) {
  qdrant_reply_free(w->reply);
  qdrant_client_close(w->client);
  qdrant_mock_stop(w->mock);
  qdrant_arena_free(w->arena);
}

/* For tests that drop connections: attempts that meet one which is not yet there again are never sent, and the server
 * does not see them. */
static const qdrant_call_options enough = {.size = sizeof(qdrant_call_options), .max_retries = 30};

static void add_status(world *w, const char *rpc, int32_t count, qdrant_status status, const char *message) {
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.rpc = rpc;
  fault.count = count;
  fault.status = status;
  fault.message = message;
  assert_int_equal(qdrant_mock_add_fault(w->mock, &fault, &w->err), QDRANT_OK);
}

static void expect_seen(world *w, const char *rpc, uint64_t n) {
  assert_int_equal(qdrant_mock_count_calls(w->mock, rpc), n);
}

/* what is refused, and why */

typedef struct refusal_case {
  qdrant_status status;
  const char *text;
  qdrant_reason reason;
  uint64_t n_reads;  /* that the server sees of one read, */
  uint64_t n_writes; /* and of one write by ids */
} refusal_case;

static const refusal_case refusals[] = {
    {QDRANT_RESOURCE_EXHAUSTED, "Rate limit exceeded, request larger than rate limiter capacity",
        QDRANT_REASON_NEVER_PASSES, 1, 1},
    {QDRANT_RESOURCE_EXHAUSTED, "Rate limiting exceeded: h2 protocol error: http2 error", QDRANT_REASON_NODE_LINK, 3,
        3},
    {QDRANT_INTERNAL, "Service internal error: No space left on device", QDRANT_REASON_STORAGE_FULL, 1, 1},
    {QDRANT_INTERNAL, "Service internal error: 1 of 2 failed. Please retry", QDRANT_REASON_REPLICA_FAILED, 3, 3},
    {QDRANT_INTERNAL, "Service internal error: Local shard 1 not found", QDRANT_REASON_NONE, 2, 1},
    {QDRANT_UNAVAILABLE, "shard is not available", QDRANT_REASON_NONE, 3, 3},
    {QDRANT_FAILED_PRECONDITION, "Pre-condition failure: locked", QDRANT_REASON_NONE, 1, 1},
};

static qdrant_status count_points(world *w, const qdrant_call_options *options) {
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  request.collection_name = (char *)"stars";
  return call(w, QDRANT_RPC_POINTS_COUNT, &request.base, options);
}

/* A connection that an earlier fault has ended is there again first, or a request could be lost on its way. */
static void add_fault(world *w, const char *rpc, qdrant_fault_kind kind) {
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  assert_int_equal(count_points(w, &enough), QDRANT_OK);
  fault.rpc = rpc;
  fault.kind = kind;
  assert_int_equal(qdrant_mock_add_fault(w->mock, &fault, &w->err), QDRANT_OK);
}

/* Deletes by ids or by filter. */
static qdrant_status delete_points(world *w, int is_by_filter, const qdrant_call_options *options) {
  Qdrant__PointId id = QDRANT__POINT_ID__INIT;
  Qdrant__PointId *all[] = {&id};
  Qdrant__PointsIdsList ids = QDRANT__POINTS_IDS_LIST__INIT;
  Qdrant__Filter filter = QDRANT__FILTER__INIT;
  Qdrant__PointsSelector selector = QDRANT__POINTS_SELECTOR__INIT;
  Qdrant__DeletePoints request = QDRANT__DELETE_POINTS__INIT;
  id.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  id.num = 1;
  ids.ids = all;
  ids.n_ids = 1;
  selector.points_selector_one_of_case = is_by_filter ? QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_FILTER
                                                      : QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_POINTS;
  if (is_by_filter)
    selector.filter = &filter;
  else
    selector.points = &ids;
  request.collection_name = (char *)"stars";
  request.points = &selector;
  return call(w, QDRANT_RPC_POINTS_DELETE, &request.base, options);
}

static void test_refusals_told_apart_and_repeated_as_their_reason_allows(void **state) {
  (void)state;
  for (size_t i = 0; i < N(refusals); i++) {
    const refusal_case *each = &refusals[i];
    world w;
    open_world(&w);
    add_status(&w, NULL, -1, each->status, each->text);
    assert_int_equal(count_points(&w, NULL), each->status);
    assert_int_equal(w.err.reason, each->reason);
    assert_string_equal(w.err.message, each->text);
    assert_int_equal(w.err.delivery, QDRANT_ANSWERED);
    assert_int_equal(w.err.is_retryable, each->n_reads > 1);
    expect_seen(&w, "Points/Count", each->n_reads);
    assert_int_equal(delete_points(&w, 0, NULL), each->status);
    expect_seen(&w, "Points/Delete", each->n_writes);
    close_world(&w);
  }
}

static void test_rate_limit_longer_than_the_time_left_ends_at_once(void **state) {
  (void)state;
  world w;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  options.timeout_ms = 20000;
  fault.rpc = "Points/Count";
  fault.status = QDRANT_RESOURCE_EXHAUSTED;
  fault.message = "Rate limiting exceeded";
  fault.retry_after_s = 3600;
  open_world(&w);
  assert_int_equal(qdrant_mock_add_fault(w.mock, &fault, &w.err), QDRANT_OK);
  assert_int_equal(count_points(&w, &options), QDRANT_RESOURCE_EXHAUSTED);
  assert_int_equal(w.err.reason, QDRANT_REASON_RATE_LIMITED);
  assert_int_equal(w.err.retry_after_ms, 3600000);
  assert_string_equal(w.err.message, "Rate limiting exceeded");
  expect_seen(&w, "Points/Count", 1);
  close_world(&w);
}

/* what may have been carried out */

static void test_delete_answer_lost_by_ids_repeated_by_filter_not(void **state) {
  (void)state;
  world w;
  qdrant_call_options always = enough;
  qdrant_call_options not_sent = enough;
  always.repeat = QDRANT_REPEAT_ALWAYS;
  not_sent.repeat = QDRANT_REPEAT_NOT_SENT;
  open_world(&w);
  add_fault(&w, "Points/Delete", QDRANT_FAULT_APPLY_THEN_DROP);
  assert_int_equal(delete_points(&w, 0, &enough), QDRANT_OK);
  expect_seen(&w, "Points/Delete", 2);
  add_fault(&w, "Points/Delete", QDRANT_FAULT_APPLY_THEN_DROP);
  assert_int_equal(delete_points(&w, 0, &not_sent), QDRANT_UNAVAILABLE);
  expect_seen(&w, "Points/Delete", 3);
  add_fault(&w, "Points/Delete", QDRANT_FAULT_APPLY_THEN_DROP);
  assert_int_equal(delete_points(&w, 1, &enough), QDRANT_UNAVAILABLE);
  assert_int_equal(w.err.delivery, QDRANT_MAYBE);
  assert_int_equal(w.err.reason, QDRANT_REASON_CONNECTION_LOST);
  expect_seen(&w, "Points/Delete", 4);
  add_fault(&w, "Points/Delete", QDRANT_FAULT_APPLY_THEN_DROP);
  assert_int_equal(delete_points(&w, 1, &always), QDRANT_OK);
  expect_seen(&w, "Points/Delete", 6);
  close_world(&w);
}

/* A slow machine may make attempts late that nothing holds up: there are then more of them, of those that may be
 * repeated. */
static void test_attempt_timeout_read_repeated_filter_write_not(void **state) {
  (void)state;
  world w;
  qdrant_call_options options = enough;
  options.attempt_timeout_ms = 200;
  open_world(&w);
  add_fault(&w, "Points/Count", QDRANT_FAULT_STALL);
  uint64_t n_counts = qdrant_mock_count_calls(w.mock, "Points/Count");
  assert_int_equal(count_points(&w, &options), QDRANT_OK);
  assert_true(qdrant_mock_count_calls(w.mock, "Points/Count") >= n_counts + 2);
  add_fault(&w, "Points/Delete", QDRANT_FAULT_STALL);
  assert_int_equal(delete_points(&w, 0, &options), QDRANT_OK);
  uint64_t n_deletes = qdrant_mock_count_calls(w.mock, "Points/Delete");
  assert_true(n_deletes >= 2);
  add_fault(&w, "Points/Delete", QDRANT_FAULT_STALL);
  assert_int_equal(delete_points(&w, 1, &options), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(w.err.delivery, QDRANT_MAYBE);
  expect_seen(&w, "Points/Delete", n_deletes + 1);
  close_world(&w);
}

/* changes of collections and aliases: read back */

/* A change, and the call that reads it back. */
typedef struct change_case {
  qdrant_rpc rpc;
  const char *name;
  const ProtobufCMessage *(*make)(world *w);
} change_case;

static const ProtobufCMessage *make_new_collection(world *w) {
  return &make_create(w, "moons")->base;
}

static const ProtobufCMessage *make_drop(world *w) {
  static Qdrant__DeleteCollection request = QDRANT__DELETE_COLLECTION__INIT;
  (void)w;
  request.collection_name = (char *)"stars";
  return &request.base;
}

static const ProtobufCMessage *make_update(world *w) {
  static Qdrant__OptimizersConfigDiff optimizers = QDRANT__OPTIMIZERS_CONFIG_DIFF__INIT;
  static Qdrant__UpdateCollection request = QDRANT__UPDATE_COLLECTION__INIT;
  (void)w;
  QDRANT_SET(&optimizers, indexing_threshold, 12345);
  request.collection_name = (char *)"stars";
  request.optimizers_config = &optimizers;
  return &request.base;
}

static const ProtobufCMessage *make_alias(world *w) {
  static Qdrant__CreateAlias create = QDRANT__CREATE_ALIAS__INIT;
  static Qdrant__AliasOperations action = QDRANT__ALIAS_OPERATIONS__INIT;
  static Qdrant__AliasOperations *actions[] = {&action};
  static Qdrant__ChangeAliases request = QDRANT__CHANGE_ALIASES__INIT;
  (void)w;
  create.alias_name = (char *)"lights";
  create.collection_name = (char *)"stars";
  action.action_case = QDRANT__ALIAS_OPERATIONS__ACTION_CREATE_ALIAS;
  action.create_alias = &create;
  request.actions = actions;
  request.n_actions = 1;
  return &request.base;
}

static const ProtobufCMessage *make_snapshot_drop(world *w) {
  static char name[256];
  static Qdrant__DeleteSnapshotRequest request = QDRANT__DELETE_SNAPSHOT_REQUEST__INIT;
  Qdrant__CreateSnapshotRequest create = QDRANT__CREATE_SNAPSHOT_REQUEST__INIT;
  create.collection_name = (char *)"stars";
  assert_int_equal(call(w, QDRANT_RPC_SNAPSHOTS_CREATE, &create.base, NULL), QDRANT_OK);
  const Qdrant__CreateSnapshotResponse *made = qdrant_snapshots_create_response(w->reply, NULL);
  strncpy(name, made->snapshot_description->name, sizeof name - 1);
  request.collection_name = (char *)"stars";
  request.snapshot_name = name;
  return &request.base;
}

static const ProtobufCMessage *make_vector(world *w) {
  static Qdrant__DenseVectorCreationConfig config = QDRANT__DENSE_VECTOR_CREATION_CONFIG__INIT;
  static Qdrant__CreateVectorNameRequest request = QDRANT__CREATE_VECTOR_NAME_REQUEST__INIT;
  (void)w;
  QDRANT_SET(&config, size, 2);
  QDRANT_SET(&config, distance, QDRANT__DISTANCE__Dot);
  request.collection_name = (char *)"stars";
  request.vector_name = (char *)"spectrum";
  request.vector_config_case = QDRANT__CREATE_VECTOR_NAME_REQUEST__VECTOR_CONFIG_DENSE_CONFIG;
  request.dense_config = &config;
  return &request.base;
}

static const ProtobufCMessage *make_vector_drop(world *w) {
  static Qdrant__DeleteVectorNameRequest request = QDRANT__DELETE_VECTOR_NAME_REQUEST__INIT;
  assert_int_equal(call(w, QDRANT_RPC_POINTS_CREATE_VECTOR_NAME, make_vector(w), NULL), QDRANT_OK);
  request.collection_name = (char *)"stars";
  request.vector_name = (char *)"spectrum";
  return &request.base;
}

static const change_case changes[] = {
    {QDRANT_RPC_COLLECTIONS_CREATE, "Collections/Create", make_new_collection},
    {QDRANT_RPC_COLLECTIONS_DELETE, "Collections/Delete", make_drop},
    {QDRANT_RPC_COLLECTIONS_UPDATE, "Collections/Update", make_update},
    {QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES, "Collections/UpdateAliases", make_alias},
    {QDRANT_RPC_POINTS_CREATE_VECTOR_NAME, "Points/CreateVectorName", make_vector},
    {QDRANT_RPC_POINTS_DELETE_VECTOR_NAME, "Points/DeleteVectorName", make_vector_drop},
    {QDRANT_RPC_SNAPSHOTS_DELETE, "Snapshots/Delete", make_snapshot_drop},
};

/* The reply is as the server would have sent it. */
static void expect_result(world *w, const change_case *each) {
  const ProtobufCMessage *message = qdrant_reply_message(w->reply, &w->err);
  assert_non_null(message);
  assert_int_equal(qdrant_reply_rpc(w->reply), each->rpc);
  if (message->descriptor == &qdrant__collection_operation_response__descriptor)
    assert_true(((const Qdrant__CollectionOperationResponse *)message)->result);
  if (message->descriptor == &qdrant__points_operation_response__descriptor)
    assert_int_not_equal(((const Qdrant__PointsOperationResponse *)message)->result->status, 0);
}

static void check_change(const change_case *each, qdrant_fault_kind kind, uint64_t n_expected) {
  world w;
  open_world(&w);
  const ProtobufCMessage *request = each->make(&w);
  uint64_t n_before = qdrant_mock_count_calls(w.mock, each->name);
  add_fault(&w, each->name, kind);
  if (call(&w, each->rpc, request, &enough) != QDRANT_OK)
    fail_msg("%s: %s", each->name, w.err.message);
  expect_result(&w, each);
  expect_seen(&w, each->name, n_before + n_expected);
  close_world(&w);
}

static void test_change_made_and_answer_lost_succeeds_without_another(void **state) {
  (void)state;
  for (size_t i = 0; i < N(changes); i++)
    check_change(&changes[i], QDRANT_FAULT_APPLY_THEN_DROP, 1);
}

static void test_change_not_made_repeated(void **state) {
  (void)state;
  for (size_t i = 0; i < N(changes); i++)
    check_change(&changes[i], QDRANT_FAULT_DROP, 2);
}

static void test_change_started_answer_lost_succeeds(void **state) {
  (void)state;
  for (size_t i = 0; i < N(changes); i++) {
    world w;
    ends e;
    qdrant_then then = {.done = ends_count, .user = &e};
    ends_init(&e);
    open_world(&w);
    const ProtobufCMessage *request = changes[i].make(&w);
    uint64_t n_before = qdrant_mock_count_calls(w.mock, changes[i].name);
    add_fault(&w, changes[i].name, QDRANT_FAULT_APPLY_THEN_DROP);
    assert_int_equal(qdrant_call_start(w.client, changes[i].rpc, request, &enough, &then, &w.err), QDRANT_OK);
    ends_wait(&e, 1);
    assert_int_equal(e.n_ok, 1);
    expect_seen(&w, changes[i].name, n_before + 1);
    close_world(&w);
  }
}

/* The first attempt's work shows only after the second was refused for it. */
static void test_create_refused_for_its_own_work_succeeds(void **state) {
  (void)state;
  world w;
  open_world(&w);
  add_fault(&w, "Collections/Create", QDRANT_FAULT_APPLY_THEN_DROP);
  add_status(&w, "Collections/Get", 1, QDRANT_NOT_FOUND, "Not found: Collection `moons` doesn't exist!");
  assert_int_equal(call(&w, QDRANT_RPC_COLLECTIONS_CREATE, make_new_collection(&w), &enough), QDRANT_OK);
  expect_seen(&w, "Collections/Create", 3); /* the first made "stars" */
  expect_seen(&w, "Collections/Get", 2);
  close_world(&w);
}

static void test_create_collection_of_somebody_else_stays_maybe(void **state) {
  (void)state;
  world w;
  open_world(&w);
  add_fault(&w, "Collections/Create", QDRANT_FAULT_DROP);
  Qdrant__CreateCollection *request = qdrant_create_dense(w.arena, "stars", 3, QDRANT__DISTANCE__Dot);
  assert_int_equal(call(&w, QDRANT_RPC_COLLECTIONS_CREATE, &request->base, &enough), QDRANT_UNAVAILABLE);
  assert_int_equal(w.err.delivery, QDRANT_MAYBE);
  assert_int_equal(w.err.reason, QDRANT_REASON_CONNECTION_LOST);
  expect_seen(&w, "Collections/Create", 2);
  close_world(&w);
}

static void test_create_that_exists_at_once_refused(void **state) {
  (void)state;
  world w;
  open_world(&w);
  assert_int_equal(
      call(&w, QDRANT_RPC_COLLECTIONS_CREATE, &make_create(&w, "stars")->base, NULL), QDRANT_ALREADY_EXISTS);
  expect_seen(&w, "Collections/Get", 0);
  close_world(&w);
}

static void test_drop_reading_fails_stays_maybe_with_its_own_text(void **state) {
  (void)state;
  world w;
  open_world(&w);
  add_fault(&w, "Collections/Delete", QDRANT_FAULT_APPLY_THEN_DROP);
  add_status(&w, "Collections/CollectionExists", -1, QDRANT_PERMISSION_DENIED, "no reading");
  assert_int_equal(call(&w, QDRANT_RPC_COLLECTIONS_DELETE, make_drop(&w), &enough), QDRANT_UNAVAILABLE);
  assert_int_equal(w.err.delivery, QDRANT_MAYBE);
  assert_null(strstr(w.err.message, "no reading"));
  expect_seen(&w, "Collections/Delete", 1);
  close_world(&w);
}

static void test_drop_without_retries_not_read_back(void **state) {
  (void)state;
  world w;
  qdrant_call_options none = QDRANT_CALL_OPTIONS_INIT;
  none.max_retries = -1;
  open_world(&w);
  add_fault(&w, "Collections/Delete", QDRANT_FAULT_APPLY_THEN_DROP);
  assert_int_equal(call(&w, QDRANT_RPC_COLLECTIONS_DELETE, make_drop(&w), &none), QDRANT_UNAVAILABLE);
  assert_int_equal(w.err.delivery, QDRANT_MAYBE);
  expect_seen(&w, "Collections/CollectionExists", 0);
  close_world(&w);
}

/* Each snapshot is another file, so that no list tells which one this call made. */
static void test_snapshot_answer_lost_stays_maybe(void **state) {
  (void)state;
  world w;
  Qdrant__CreateSnapshotRequest request = QDRANT__CREATE_SNAPSHOT_REQUEST__INIT;
  request.collection_name = (char *)"stars";
  open_world(&w);
  add_fault(&w, "Snapshots/Create", QDRANT_FAULT_APPLY_THEN_DROP);
  assert_int_equal(call(&w, QDRANT_RPC_SNAPSHOTS_CREATE, &request.base, NULL), QDRANT_UNAVAILABLE);
  assert_int_equal(w.err.delivery, QDRANT_MAYBE);
  expect_seen(&w, "Snapshots/Create", 1);
  close_world(&w);
}

/* the budget */

enum { N_CALLS = 1000, MAX_RETRIES_IN_ALL = 500 / 5 };

static uint64_t count_retries(world *w, uint64_t *n_over_budget) {
  qdrant_stats stats = QDRANT_STATS_INIT;
  assert_int_equal(qdrant_client_stats(w->client, &stats, &w->err), QDRANT_OK);
  *n_over_budget = stats.n_over_budget;
  return stats.n_retries;
}

static void test_budget_server_that_fails_all_gets_no_storm(void **state) {
  (void)state;
  world w;
  uint64_t n_over_budget = 0;
  open_world(&w);
  add_status(&w, "Points/Count", -1, QDRANT_UNAVAILABLE, "on purpose");
  for (int i = 0; i < N_CALLS; i++) {
    assert_int_equal(count_points(&w, NULL), QDRANT_UNAVAILABLE);
    assert_string_equal(w.err.message, "on purpose");
  }
  expect_seen(&w, "Points/Count", N_CALLS + MAX_RETRIES_IN_ALL);
  assert_int_equal(count_retries(&w, &n_over_budget), MAX_RETRIES_IN_ALL);
  assert_true(n_over_budget >= N_CALLS - MAX_RETRIES_IN_ALL);
  qdrant_mock_clear_faults(w.mock);
  assert_int_equal(count_points(&w, NULL), QDRANT_OK);
  close_world(&w);
}

static void test_budget_server_that_is_down_gets_no_storm(void **state) {
  (void)state;
  world w;
  uint64_t n_over_budget = 0;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.timeout_ms = 5000;
  open_world(&w);
  qdrant_mock_stop(w.mock);
  w.mock = NULL;
  for (int i = 0; i < N_CALLS; i++) {
    assert_int_equal(count_points(&w, &options), QDRANT_UNAVAILABLE);
    assert_true(w.err.reason == QDRANT_REASON_UNREACHABLE || w.err.reason == QDRANT_REASON_CONNECTION_LOST);
  }
  assert_true(count_retries(&w, &n_over_budget) <= MAX_RETRIES_IN_ALL);
  assert_true(n_over_budget > 0);
  close_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refusals_told_apart_and_repeated_as_their_reason_allows),
      cmocka_unit_test(test_rate_limit_longer_than_the_time_left_ends_at_once),
      cmocka_unit_test(test_delete_answer_lost_by_ids_repeated_by_filter_not),
      cmocka_unit_test(test_attempt_timeout_read_repeated_filter_write_not),
      cmocka_unit_test(test_change_made_and_answer_lost_succeeds_without_another),
      cmocka_unit_test(test_change_not_made_repeated),
      cmocka_unit_test(test_change_started_answer_lost_succeeds),
      cmocka_unit_test(test_create_refused_for_its_own_work_succeeds),
      cmocka_unit_test(test_create_collection_of_somebody_else_stays_maybe),
      cmocka_unit_test(test_create_that_exists_at_once_refused),
      cmocka_unit_test(test_drop_reading_fails_stays_maybe_with_its_own_text),
      cmocka_unit_test(test_drop_without_retries_not_read_back),
      cmocka_unit_test(test_snapshot_answer_lost_stays_maybe),
      cmocka_unit_test(test_budget_server_that_fails_all_gets_no_storm),
      cmocka_unit_test(test_budget_server_that_is_down_gets_no_storm),
  };
  int n_failed = cmocka_run_group_tests_name("gRPC", tests, use_grpc, NULL);
  return n_failed + cmocka_run_group_tests_name("REST", tests, use_rest, NULL);
}
