#include "client/reconcile_rules.h"
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "tests/support/ends.h"
#include "tests/support/fake_transport.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static qd_finding judge(qdrant_rpc rpc, const ProtobufCMessage *request, const ProtobufCMessage *reply) {
  const qd_reconcile_rule *rule = qd_reconcile_rule_find(rpc);
  assert_non_null(rule);
  return rule->judge(request, reply);
}

static void test_rules_every_change_has_one_and_reads_only(void **state) {
  (void)state;
  for (qdrant_rpc rpc = 0; rpc < QDRANT_N_RPCS; rpc++) {
    const qd_reconcile_rule *rule = qd_reconcile_rule_find(rpc);
    assert_int_equal(rule != NULL, qd_rpc_row(rpc)->retry_class == QD_RETRY_DDL);
    if (rule != NULL)
      assert_int_equal(qd_rpc_row(rule->reader)->retry_class, QD_RETRY_READ);
  }
}

/* A collection as Collections/Get shows it: one vector of two numbers. */
typedef struct shown_collection {
  Qdrant__VectorParams vector;
  Qdrant__VectorParamsMap__MapEntry entry;
  Qdrant__VectorParamsMap__MapEntry *entries[1];
  Qdrant__VectorParamsMap map;
  Qdrant__VectorsConfig vectors;
  Qdrant__CollectionParams params;
  Qdrant__CollectionConfig config;
  Qdrant__CollectionInfo info;
  Qdrant__GetCollectionInfoResponse reply;
} shown_collection;

static void show(shown_collection *shown, const char *vector_name) {
  qdrant__vector_params__init(&shown->vector);
  qdrant__vector_params_map__map_entry__init(&shown->entry);
  qdrant__vector_params_map__init(&shown->map);
  qdrant__vectors_config__init(&shown->vectors);
  qdrant__collection_params__init(&shown->params);
  qdrant__collection_config__init(&shown->config);
  qdrant__collection_info__init(&shown->info);
  qdrant__get_collection_info_response__init(&shown->reply);
  QDRANT_SET(&shown->vector, size, 2);
  QDRANT_SET(&shown->vector, distance, QDRANT__DISTANCE__Dot);
  QDRANT_SET(&shown->params, shard_number, 1);
  QDRANT_SET(&shown->params, replication_factor, 1);
  shown->entry.key = (char *)vector_name;
  shown->entry.value = &shown->vector;
  shown->entries[0] = &shown->entry;
  shown->map.map = shown->entries;
  shown->map.n_map = 1;
  shown->vectors.config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP;
  shown->vectors.params_map = &shown->map;
  shown->params.vectors_config = &shown->vectors;
  shown->config.params = &shown->params;
  shown->info.config = &shown->config;
  shown->reply.result = &shown->info;
}

static void test_rules_create_same_configuration_done_other_undecided(void **state) {
  (void)state;
  shown_collection shown;
  shown_collection wanted;
  Qdrant__CreateCollection request = QDRANT__CREATE_COLLECTION__INIT;
  show(&shown, "v");
  show(&wanted, "v");
  request.collection_name = (char *)"c";
  request.vectors_config = &wanted.vectors;
  QDRANT_SET(&request, timeout, 5);
  const qdrant_rpc rpc = QDRANT_RPC_COLLECTIONS_CREATE;
  assert_int_equal(judge(rpc, &request.base, &shown.reply.base), QD_FOUND_DONE);
  assert_int_equal(judge(rpc, &request.base, NULL), QD_FOUND_NOT_DONE);
  wanted.vector.size = 3;
  assert_int_equal(judge(rpc, &request.base, &shown.reply.base), QD_FOUND_UNDECIDED);
  wanted.vector.size = 2;
  wanted.entry.key = (char *)"w";
  assert_int_equal(judge(rpc, &request.base, &shown.reply.base), QD_FOUND_UNDECIDED);
  wanted.entry.key = (char *)"v";
  QDRANT_SET(&request, shard_number, 2);
  assert_int_equal(judge(rpc, &request.base, &shown.reply.base), QD_FOUND_UNDECIDED);
  request.shard_number = 1;
  assert_int_equal(judge(rpc, &request.base, &shown.reply.base), QD_FOUND_DONE);
}

static void test_rules_update_shown_done_else_repeated(void **state) {
  (void)state;
  shown_collection shown;
  Qdrant__OptimizersConfigDiff wanted = QDRANT__OPTIMIZERS_CONFIG_DIFF__INIT;
  Qdrant__OptimizersConfigDiff found = QDRANT__OPTIMIZERS_CONFIG_DIFF__INIT;
  Qdrant__UpdateCollection request = QDRANT__UPDATE_COLLECTION__INIT;
  show(&shown, "v");
  request.optimizers_config = &wanted;
  shown.config.optimizer_config = &found;
  QDRANT_SET(&wanted, indexing_threshold, 10);
  QDRANT_SET(&found, indexing_threshold, 20);
  const qdrant_rpc rpc = QDRANT_RPC_COLLECTIONS_UPDATE;
  assert_int_equal(judge(rpc, &request.base, &shown.reply.base), QD_FOUND_NOT_DONE);
  found.indexing_threshold = 10;
  assert_int_equal(judge(rpc, &request.base, &shown.reply.base), QD_FOUND_DONE);
  assert_int_equal(judge(rpc, &request.base, NULL), QD_FOUND_UNDECIDED);
}

/* One action, judged against a list with the single alias "a" of the collection "c". */
static qd_finding judge_action(Qdrant__AliasOperations *action) {
  Qdrant__AliasDescription alias = QDRANT__ALIAS_DESCRIPTION__INIT;
  Qdrant__AliasDescription *aliases[] = {&alias};
  Qdrant__ListAliasesResponse reply = QDRANT__LIST_ALIASES_RESPONSE__INIT;
  Qdrant__ChangeAliases request = QDRANT__CHANGE_ALIASES__INIT;
  alias.alias_name = (char *)"a";
  alias.collection_name = (char *)"c";
  reply.aliases = aliases;
  reply.n_aliases = 1;
  request.actions = &action;
  request.n_actions = 1;
  return judge(QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES, &request.base, &reply.base);
}

static qd_finding judge_create_alias(const char *alias, const char *collection) {
  Qdrant__CreateAlias create = QDRANT__CREATE_ALIAS__INIT;
  Qdrant__AliasOperations action = QDRANT__ALIAS_OPERATIONS__INIT;
  create.alias_name = (char *)alias;
  create.collection_name = (char *)collection;
  action.action_case = QDRANT__ALIAS_OPERATIONS__ACTION_CREATE_ALIAS;
  action.create_alias = &create;
  return judge_action(&action);
}

static qd_finding judge_rename(const char *from, const char *to) {
  Qdrant__RenameAlias rename = QDRANT__RENAME_ALIAS__INIT;
  Qdrant__AliasOperations action = QDRANT__ALIAS_OPERATIONS__INIT;
  rename.old_alias_name = (char *)from;
  rename.new_alias_name = (char *)to;
  action.action_case = QDRANT__ALIAS_OPERATIONS__ACTION_RENAME_ALIAS;
  action.rename_alias = &rename;
  return judge_action(&action);
}

static qd_finding judge_delete_alias(const char *alias) {
  Qdrant__DeleteAlias removed = QDRANT__DELETE_ALIAS__INIT;
  Qdrant__AliasOperations action = QDRANT__ALIAS_OPERATIONS__INIT;
  removed.alias_name = (char *)alias;
  action.action_case = QDRANT__ALIAS_OPERATIONS__ACTION_DELETE_ALIAS;
  action.delete_alias = &removed;
  return judge_action(&action);
}

static void test_rules_aliases_by_what_the_list_shows(void **state) {
  (void)state;
  assert_int_equal(judge_create_alias("a", "c"), QD_FOUND_DONE);
  assert_int_equal(judge_create_alias("a", "d"), QD_FOUND_NOT_DONE);
  assert_int_equal(judge_create_alias("b", "c"), QD_FOUND_NOT_DONE);
  assert_int_equal(judge_delete_alias("a"), QD_FOUND_NOT_DONE);
  assert_int_equal(judge_delete_alias("b"), QD_FOUND_DONE);
  assert_int_equal(judge_rename("z", "a"), QD_FOUND_DONE);
  assert_int_equal(judge_rename("a", "z"), QD_FOUND_NOT_DONE);
  assert_int_equal(judge_rename("y", "z"), QD_FOUND_UNDECIDED);
}

/* "delete a, create a" is how an alias moves: the deletion does not show afterwards. */
static void test_rules_aliases_moved_in_one_step_done(void **state) {
  (void)state;
  Qdrant__DeleteAlias removed = QDRANT__DELETE_ALIAS__INIT;
  Qdrant__CreateAlias create = QDRANT__CREATE_ALIAS__INIT;
  Qdrant__AliasOperations first = QDRANT__ALIAS_OPERATIONS__INIT;
  Qdrant__AliasOperations second = QDRANT__ALIAS_OPERATIONS__INIT;
  Qdrant__AliasOperations *actions[] = {&first, &second};
  Qdrant__ChangeAliases request = QDRANT__CHANGE_ALIASES__INIT;
  Qdrant__AliasDescription alias = QDRANT__ALIAS_DESCRIPTION__INIT;
  Qdrant__AliasDescription *aliases[] = {&alias};
  Qdrant__ListAliasesResponse reply = QDRANT__LIST_ALIASES_RESPONSE__INIT;
  removed.alias_name = create.alias_name = alias.alias_name = (char *)"a";
  create.collection_name = alias.collection_name = (char *)"c2";
  first.action_case = QDRANT__ALIAS_OPERATIONS__ACTION_DELETE_ALIAS;
  first.delete_alias = &removed;
  second.action_case = QDRANT__ALIAS_OPERATIONS__ACTION_CREATE_ALIAS;
  second.create_alias = &create;
  request.actions = actions;
  request.n_actions = 2;
  reply.aliases = aliases;
  reply.n_aliases = 1;
  const qdrant_rpc rpc = QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES;
  assert_int_equal(judge(rpc, &request.base, &reply.base), QD_FOUND_DONE);
  alias.collection_name = (char *)"c1";
  assert_int_equal(judge(rpc, &request.base, &reply.base), QD_FOUND_NOT_DONE);
}

static void test_rules_shard_keys_by_what_the_list_shows(void **state) {
  (void)state;
  Qdrant__ShardKey wanted = QDRANT__SHARD_KEY__INIT;
  Qdrant__ShardKey found = QDRANT__SHARD_KEY__INIT;
  Qdrant__ShardKeyDescription description = QDRANT__SHARD_KEY_DESCRIPTION__INIT;
  Qdrant__ShardKeyDescription *all[] = {&description};
  Qdrant__ListShardKeysResponse reply = QDRANT__LIST_SHARD_KEYS_RESPONSE__INIT;
  Qdrant__CreateShardKey create = QDRANT__CREATE_SHARD_KEY__INIT;
  Qdrant__CreateShardKeyRequest created = QDRANT__CREATE_SHARD_KEY_REQUEST__INIT;
  Qdrant__DeleteShardKey drop = QDRANT__DELETE_SHARD_KEY__INIT;
  Qdrant__DeleteShardKeyRequest dropped = QDRANT__DELETE_SHARD_KEY_REQUEST__INIT;
  wanted.key_case = found.key_case = QDRANT__SHARD_KEY__KEY_KEYWORD;
  wanted.keyword = found.keyword = (char *)"eu";
  description.key = &found;
  reply.shard_keys = all;
  reply.n_shard_keys = 1;
  create.shard_key = drop.shard_key = &wanted;
  created.request = &create;
  dropped.request = &drop;
  assert_int_equal(judge(QDRANT_RPC_COLLECTIONS_CREATE_SHARD_KEY, &created.base, &reply.base), QD_FOUND_DONE);
  assert_int_equal(judge(QDRANT_RPC_COLLECTIONS_DELETE_SHARD_KEY, &dropped.base, &reply.base), QD_FOUND_NOT_DONE);
  found.key_case = QDRANT__SHARD_KEY__KEY_NUMBER;
  found.number = 7;
  assert_int_equal(judge(QDRANT_RPC_COLLECTIONS_CREATE_SHARD_KEY, &created.base, &reply.base), QD_FOUND_NOT_DONE);
  assert_int_equal(judge(QDRANT_RPC_COLLECTIONS_DELETE_SHARD_KEY, &dropped.base, &reply.base), QD_FOUND_DONE);
}

static void test_rules_vector_names_by_what_the_collection_shows(void **state) {
  (void)state;
  shown_collection shown;
  Qdrant__DenseVectorCreationConfig config = QDRANT__DENSE_VECTOR_CREATION_CONFIG__INIT;
  Qdrant__CreateVectorNameRequest create = QDRANT__CREATE_VECTOR_NAME_REQUEST__INIT;
  Qdrant__DeleteVectorNameRequest drop = QDRANT__DELETE_VECTOR_NAME_REQUEST__INIT;
  show(&shown, "v");
  QDRANT_SET(&config, size, 2);
  QDRANT_SET(&config, distance, QDRANT__DISTANCE__Dot);
  create.vector_config_case = QDRANT__CREATE_VECTOR_NAME_REQUEST__VECTOR_CONFIG_DENSE_CONFIG;
  create.dense_config = &config;
  create.vector_name = drop.vector_name = (char *)"v";
  assert_int_equal(judge(QDRANT_RPC_POINTS_CREATE_VECTOR_NAME, &create.base, &shown.reply.base), QD_FOUND_DONE);
  assert_int_equal(judge(QDRANT_RPC_POINTS_DELETE_VECTOR_NAME, &drop.base, &shown.reply.base), QD_FOUND_NOT_DONE);
  config.size = 3;
  assert_int_equal(judge(QDRANT_RPC_POINTS_CREATE_VECTOR_NAME, &create.base, &shown.reply.base), QD_FOUND_UNDECIDED);
  create.vector_name = drop.vector_name = (char *)"w";
  assert_int_equal(judge(QDRANT_RPC_POINTS_CREATE_VECTOR_NAME, &create.base, &shown.reply.base), QD_FOUND_NOT_DONE);
  assert_int_equal(judge(QDRANT_RPC_POINTS_DELETE_VECTOR_NAME, &drop.base, &shown.reply.base), QD_FOUND_DONE);
}

/* A deletion of the collection "c" on a fake transport, whose empty answers say that there is none. */
typedef struct fixture {
  fake_transport *fake;
  qdrant_client *client;
  qdrant_error err;
  qdrant_reply *reply;
  Qdrant__DeleteCollection request;
} fixture;

static const fake_step lost = {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE};

static void open_fixture(fixture *f, const fake_step *steps, size_t n_steps, int runs_in_caller) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.retry_delay_ms = 1;
  *f = (fixture){.fake = fake_new(), .request = QDRANT__DELETE_COLLECTION__INIT};
  f->client = fake_client(f->fake, &options, runs_in_caller);
  f->request.collection_name = (char *)"c";
  fake_script(f->fake, steps, n_steps);
}

static void close_fixture(fixture *f) {
  qdrant_reply_free(f->reply);
  qdrant_client_close(f->client);
  fake_free(f->fake);
}

static qdrant_status drop(fixture *f, const qdrant_call_options *options) {
  return qdrant_collections_delete(f->client, &f->request, options, &f->reply, &f->err);
}

static void expect_reading(fixture *f, size_t n_requests) {
  assert_int_equal(fake_n_requests(f->fake), n_requests);
  assert_int_equal(fake_request_at(f->fake, 1)->rpc, QDRANT_RPC_COLLECTIONS_EXISTS);
}

static void check_done(int runs_in_caller) {
  fixture f;
  fake_step steps[] = {lost};
  open_fixture(&f, steps, N(steps), runs_in_caller);
  assert_int_equal(drop(&f, NULL), QDRANT_OK);
  assert_true(qdrant_collections_delete_response(f.reply, NULL)->result);
  assert_int_equal(qdrant_reply_attempts(f.reply), 1);
  expect_reading(&f, 2);
  close_fixture(&f);
}

static void test_reconcile_shown_as_done_succeeds(void **state) {
  (void)state;
  check_done(0);
}

static void test_reconcile_in_the_callers_thread_succeeds(void **state) {
  (void)state;
  check_done(1);
}

static void test_reconcile_reading_lost_once_read_again(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {lost, lost};
  open_fixture(&f, steps, N(steps), 0);
  assert_int_equal(drop(&f, NULL), QDRANT_OK);
  expect_reading(&f, 3);
  close_fixture(&f);
}

static void test_reconcile_reading_refused_own_error_kept(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {lost, {.status = QDRANT_PERMISSION_DENIED, .delivery = QDRANT_ANSWERED}};
  open_fixture(&f, steps, N(steps), 0);
  assert_int_equal(drop(&f, NULL), QDRANT_UNAVAILABLE);
  assert_string_equal(f.err.message, "scripted UNAVAILABLE");
  assert_int_equal(f.err.delivery, QDRANT_MAYBE);
  assert_int_equal(f.err.n_attempts, 1);
  expect_reading(&f, 2);
  close_fixture(&f);
}

/* The transport keeps the reading beyond the end of the call. */
static void test_reconcile_reading_hangs_own_error_at_the_deadline(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {lost, {.kind = FAKE_HANG}};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.timeout_ms = 50;
  open_fixture(&f, steps, N(steps), 0);
  assert_int_equal(drop(&f, &options), QDRANT_UNAVAILABLE);
  assert_int_equal(f.err.delivery, QDRANT_MAYBE);
  expect_reading(&f, 2);
  close_fixture(&f);
}

static void test_reconcile_cancelled_while_reading_cancelled(void **state) {
  (void)state;
  fixture f;
  ends e;
  fake_step steps[] = {lost, {.kind = FAKE_STALL}};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  qdrant_then then = {.done = ends_count, .user = &e};
  options.cancel = qdrant_cancel_new();
  ends_init(&e);
  open_fixture(&f, steps, N(steps), 0);
  assert_int_equal(qdrant_collections_delete_start(f.client, &f.request, &options, &then, &f.err), QDRANT_OK);
  fake_wait_requests(f.fake, 2);
  qdrant_cancel_fire(options.cancel);
  ends_wait(&e, 1);
  assert_int_equal(e.last.status, QDRANT_CANCELLED);
  assert_int_equal(e.last.delivery, QDRANT_MAYBE);
  assert_non_null(strstr(e.last.message, "Collections/Delete"));
  qdrant_cancel_free(options.cancel);
  close_fixture(&f);
}

/* Whichever allocation fails: the change is not reported as done unless it was read. */
static void test_reconcile_allocations_fail_told(void **state) {
  (void)state;
  size_t n_failed = 1;
  for (size_t n_allowed = 0; n_failed > 0; n_allowed++) {
    fixture f;
    fake_step steps[] = {lost};
    open_fixture(&f, steps, N(steps), 0);
    torture_start(n_allowed, 1);
    qdrant_status status = drop(&f, NULL);
    n_failed = torture_stop();
    if (n_failed == 0)
      assert_int_equal(status, QDRANT_OK);
    else if (status == QDRANT_OK)
      expect_reading(&f, 2);
    else
      assert_true(status == QDRANT_NO_MEMORY || (status == QDRANT_UNAVAILABLE && f.err.delivery == QDRANT_MAYBE));
    close_fixture(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rules_every_change_has_one_and_reads_only),
      cmocka_unit_test(test_rules_create_same_configuration_done_other_undecided),
      cmocka_unit_test(test_rules_update_shown_done_else_repeated),
      cmocka_unit_test(test_rules_aliases_by_what_the_list_shows),
      cmocka_unit_test(test_rules_aliases_moved_in_one_step_done),
      cmocka_unit_test(test_rules_shard_keys_by_what_the_list_shows),
      cmocka_unit_test(test_rules_vector_names_by_what_the_collection_shows),
      cmocka_unit_test(test_reconcile_shown_as_done_succeeds),
      cmocka_unit_test(test_reconcile_in_the_callers_thread_succeeds),
      cmocka_unit_test(test_reconcile_reading_lost_once_read_again),
      cmocka_unit_test(test_reconcile_reading_refused_own_error_kept),
      cmocka_unit_test(test_reconcile_reading_hangs_own_error_at_the_deadline),
      cmocka_unit_test(test_reconcile_cancelled_while_reading_cancelled),
      cmocka_unit_test(test_reconcile_allocations_fail_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
