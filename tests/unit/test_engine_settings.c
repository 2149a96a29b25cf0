#include "qdrant/pb/collections.pb-c.h"
#include "tests/support/asked_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A collection "c" with an unnamed vector and a sparse one, and a point in it. */
static int setup(void **state) {
  int failed = asked_engine_setup(state);
  if (failed != 0)
    return failed;
  ask_ok(*state, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params': {'size': 2, 'distance': 'Dot'}},"
      "'sparse_vectors_config': {'map': {'s': {}}}, 'shard_number': 2, 'metadata': {'keep': 1, 'drop': 2}}");
  ask_ok(*state, "Points/Upsert",
      "{'collection_name': 'c', 'points': [{'id': 1, 'vectors': {'vector': {'dense': {'data': [1, 2]}}}}]}");
  return 0;
}

static const Qdrant__CollectionConfig *config_of(asked_engine *engine, const char *request) {
  ask_ok(engine, "Collections/Get", request);
  return ((const Qdrant__GetCollectionInfoResponse *)engine->reply)->result->config;
}

static void test_update_collection_changes_what_is_said(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Collections/Update",
      "{'collection_name': 'c', 'optimizers_config': {'deleted_threshold': 0.5, 'max_optimization_threads': {'value': "
      "3}},"
      "'params': {'replication_factor': 2}, 'hnsw_config': {'m': 32}, 'vectors_config': {'params': {'on_disk': true,"
      "'hnsw_config': {'m': 8}}}, 'sparse_vectors_config': {'map': {'s': {'modifier': 'Idf'}}},"
      "'quantization_config': {'binary': {}}, 'metadata': {'drop': null, 'new': 'x'}}",
      "{'result': true}");
  const Qdrant__CollectionConfig *config = config_of(engine, "{'collection_name': 'c'}");
  assert_true(config->optimizer_config->deleted_threshold == 0.5);
  assert_int_equal(config->optimizer_config->vacuum_min_vector_number, 1000);
  assert_int_equal(config->optimizer_config->deprecated_max_optimization_threads, 3);
  assert_int_equal(config->params->replication_factor, 2);
  assert_int_equal(config->params->shard_number, 2);
  assert_int_equal(config->hnsw_config->m, 32);
  assert_int_equal(config->hnsw_config->ef_construct, 100);
  assert_int_equal(config->params->vectors_config->params->size, 2);
  assert_int_equal(config->params->vectors_config->params->hnsw_config->m, 8);
  assert_true(config->params->vectors_config->params->on_disk);
  assert_int_equal(config->params->sparse_vectors_config->map[0]->value->modifier, QDRANT__MODIFIER__Idf);
  assert_int_equal(config->quantization_config->quantization_case, QDRANT__QUANTIZATION_CONFIG__QUANTIZATION_BINARY);
  assert_int_equal(config->n_metadata, 2);
}

static void test_update_collection_threads_auto_and_disabled_quantization_take_away(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Update",
      "{'collection_name': 'c', 'optimizers_config': {'deprecated_max_optimization_threads': 3},"
      "'quantization_config': {'scalar': {'type': 'Int8'}}}");
  ask_ok(engine, "Collections/Update",
      "{'collection_name': 'c', 'optimizers_config': {'max_optimization_threads': {'setting': 'Auto'}},"
      "'quantization_config': {'disabled': {}}}");
  const Qdrant__CollectionConfig *config = config_of(engine, "{'collection_name': 'c'}");
  assert_false(config->optimizer_config->has_deprecated_max_optimization_threads);
  assert_int_equal(config->optimizer_config->max_optimization_threads->variant_case,
      QDRANT__MAX_OPTIMIZATION_THREADS__VARIANT_SETTING);
  assert_null(config->quantization_config);
}

static void test_update_collection_of_unknown_vector_changes_nothing(void **state) {
  asked_engine *engine = *state;
  assert_refusal(engine, "Collections/Update",
      "{'collection_name': 'c', 'hnsw_config': {'m': 32}, 'vectors_config': {'params_map': {'map': {'x': {}}}}}",
      QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: x");
  assert_refusal(engine, "Collections/Update", "{'collection_name': 'c', 'sparse_vectors_config': {'map': {'x': {}}}}",
      QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: x");
  assert_refusal(engine, "Collections/Update", "{'collection_name': 'x'}", QDRANT_NOT_FOUND,
      "Not found: Collection `x` doesn't exist!");
  assert_refusal(engine, "Collections/Update",
      "{'collection_name': 'c', 'hnsw_config': {'m': 32},"
      "'strict_mode_config': {'enabled': true, 'max_collection_payload_size_bytes': 5}}",
      QDRANT_UNIMPLEMENTED, "The embedded engine does not have max_collection_payload_size_bytes of the strict mode");
  assert_int_equal(config_of(engine, "{'collection_name': 'c'}")->hnsw_config->m, 16);
}

static void test_alias_stands_for_its_collection_everywhere(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/UpdateAliases",
      "{'actions': [{'create_alias': {'collection_name': 'c', 'alias_name': 'b'}},"
      "{'create_alias': {'collection_name': 'c', 'alias_name': 'a'}}]}");
  assert_int_equal(count_matching(engine, "a", "{}"), 1);
  ask_ok(engine, "Points/Delete", "{'collection_name': 'b', 'points': {'filter': {}}}");
  assert_int_equal(count_matching(engine, "c", "{}"), 0);
  assert_answer(engine, "Collections/CollectionExists", "{'collection_name': 'a'}", "{'result': {'exists': true}}");
  assert_answer(engine, "Collections/ListAliases", "{}",
      "{'aliases': [{'alias_name': 'a', 'collection_name': 'c'}, {'alias_name': 'b', 'collection_name': 'c'}]}");
  assert_answer(engine, "Collections/ListCollectionAliases", "{'collection_name': 'other'}", "{}");
}

static void test_alias_is_turned_renamed_and_goes_with_its_collection(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Create", "{'collection_name': 'd', 'vectors_config': {'params_map': {}}}");
  ask_ok(engine, "Collections/UpdateAliases",
      "{'actions': [{'create_alias': {'collection_name': 'c', 'alias_name': 'a'}},"
      "{'create_alias': {'collection_name': 'd', 'alias_name': 'a'}},"
      "{'rename_alias': {'old_alias_name': 'a', 'new_alias_name': 'z'}},"
      "{'rename_alias': {'old_alias_name': 'z', 'new_alias_name': 'z'}}, {'delete_alias': {'alias_name': 'none'}}]}");
  assert_answer(engine, "Collections/ListAliases", "{}", "{'aliases': [{'alias_name': 'z', 'collection_name': 'd'}]}");
  assert_answer(engine, "Collections/Delete", "{'collection_name': 'z'}", "{'result': false}");
  assert_answer(engine, "Collections/Delete", "{'collection_name': 'd'}", "{'result': true}");
  assert_answer(engine, "Collections/ListAliases", "{}", "{}");
}

static void test_alias_bad_action_fails_after_those_before_it(void **state) {
  asked_engine *engine = *state;
  assert_refusal(engine, "Collections/UpdateAliases",
      "{'actions': [{'create_alias': {'collection_name': 'c', 'alias_name': 'a'}},"
      "{'rename_alias': {'old_alias_name': 'none', 'new_alias_name': 'z'}}]}",
      QDRANT_NOT_FOUND, "Not found: Alias none does not exists!");
  assert_refusal(engine, "Collections/UpdateAliases",
      "{'actions': [{'create_alias': {'collection_name': 'x', 'alias_name': 'y'}}]}", QDRANT_NOT_FOUND,
      "Not found: Collection `x` doesn't exist!");
  assert_refusal(engine, "Collections/UpdateAliases",
      "{'actions': [{'create_alias': {'collection_name': 'c', 'alias_name': 'c'}}]}", QDRANT_ALREADY_EXISTS,
      "Wrong input: Collection `c` already exists!");
  assert_refusal(engine, "Collections/UpdateAliases", "{'actions': [{'delete_alias': {'alias_name': 'a'}}, {}]}",
      QDRANT_INVALID_ARGUMENT, "Malformed AliasOperation type");
  assert_refusal(engine, "Collections/Create", "{'collection_name': 'a'}", QDRANT_INVALID_ARGUMENT,
      "Wrong input: Can't create collection with name a. Alias with the same name already exists");
  assert_answer(engine, "Collections/ListAliases", "{}", "{'aliases': [{'alias_name': 'a', 'collection_name': 'c'}]}");
}

static void test_vector_name_comes_empty_and_goes_with_its_vectors(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Points/CreateVectorName",
      "{'collection_name': 'c', 'wait': true, 'vector_name': 'new', 'dense_config': {'size': 1, 'distance': 'Dot'}}",
      "{'result': {'operation_id': 3, 'status': 'Completed'}}");
  ask_ok(engine, "Points/CreateVectorName",
      "{'collection_name': 'c', 'vector_name': 't', 'sparse_config': {'modifier': 'Idf'}}");
  ask_ok(engine, "Points/UpdateVectors",
      "{'collection_name': 'c', 'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {'new': {'dense':"
      "{'data': [7]}}}}}}]}");
  assert_answer(engine, "Points/Get", "{'collection_name': 'c', 'ids': [1], 'with_vectors': {'enable': true}}",
      "{'result': [{'id': 1, 'vectors': {'vectors': {'vectors': {'': {'dense': {'data': [1, 2]}},"
      "'new': {'dense': {'data': [7]}}}}}}]}");
  ask_ok(engine, "Points/DeleteVectorName", "{'collection_name': 'c', 'vector_name': 'new'}");
  ask_ok(engine, "Points/DeleteVectorName", "{'collection_name': 'c', 'vector_name': 'never'}");
  assert_answer(engine, "Points/Get", "{'collection_name': 'c', 'ids': [1], 'with_vectors': {'enable': true}}",
      "{'result': [{'id': 1, 'vectors': {'vector': {'dense': {'data': [1, 2]}}}}]}");
  const Qdrant__CollectionConfig *config = config_of(engine, "{'collection_name': 'c'}");
  assert_int_equal(config->params->sparse_vectors_config->n_map, 2);
  assert_int_equal(config->params->vectors_config->params_map->n_map, 1);
}

static void test_vector_name_that_is_there_stays_or_is_refused(void **state) {
  asked_engine *engine = *state;
#define QD_NEW(name, config) "{'collection_name': 'c', 'vector_name': '" name "', " config "}"
  ask_ok(engine, "Points/CreateVectorName", QD_NEW("s", "'sparse_config': {}"));
  assert_refusal(engine, "Points/CreateVectorName", QD_NEW("s", "'sparse_config': {'modifier': 'Idf'}"),
      QDRANT_INVALID_ARGUMENT, "Wrong input: Sparse vector `s` already exists with a different configuration");
  assert_refusal(engine, "Points/CreateVectorName", QD_NEW("s", "'dense_config': {'size': 1, 'distance': 'Dot'}"),
      QDRANT_INVALID_ARGUMENT, "Wrong input: Vector `s` already exists as a sparse vector");
  assert_refusal(engine, "Points/CreateVectorName", QD_NEW("", "'dense_config': {'size': 1, 'distance': 'Dot'}"),
      QDRANT_INVALID_ARGUMENT, "Wrong input: Vector `` already exists with a different configuration");
  assert_refusal(engine, "Points/CreateVectorName", QD_NEW("", "'sparse_config': {}"), QDRANT_INVALID_ARGUMENT,
      "Wrong input: Vector `` already exists as a dense vector");
  assert_refusal(engine, "Points/CreateVectorName", "{'collection_name': 'c', 'vector_name': 'x'}",
      QDRANT_INVALID_ARGUMENT, "vector_config is required (dense_config or sparse_config)");
  assert_refusal(engine, "Points/CreateVectorName", QD_NEW("a/b", "'sparse_config': {}"), QDRANT_INVALID_ARGUMENT,
      "Wrong input: Invalid vector name `a/b`: vector name cannot contain \"/\" char");
#undef QD_NEW
}

static void test_cluster_calls_answer_as_a_lone_server(void **state) {
  asked_engine *engine = *state;
  static const char refusal[] = "Bad request: Distributed mode disabled";
  ask_ok(engine, "Collections/CollectionClusterInfo", "{'collection_name': 'c'}");
  const Qdrant__CollectionClusterInfoResponse *info = (const Qdrant__CollectionClusterInfoResponse *)engine->reply;
  assert_int_equal(info->shard_count, 2);
  assert_int_equal(info->n_local_shards, 2);
  assert_int_equal(info->local_shards[0]->points_count + info->local_shards[1]->points_count, 1);
  assert_answer(engine, "Collections/ListShardKeys", "{'collection_name': 'c'}", "{}");
  assert_refusal(engine, "Collections/ListShardKeys", "{'collection_name': 'x'}", QDRANT_NOT_FOUND,
      "Not found: Collection `x` doesn't exist!");
  assert_refusal(engine, "Collections/CreateShardKey", "{'collection_name': 'c'}", QDRANT_INVALID_ARGUMENT, refusal);
  assert_refusal(engine, "Collections/DeleteShardKey", "{'collection_name': 'c'}", QDRANT_INVALID_ARGUMENT, refusal);
  assert_refusal(
      engine, "Collections/UpdateCollectionClusterSetup", "{'collection_name': 'c'}", QDRANT_INVALID_ARGUMENT, refusal);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_update_collection_changes_what_is_said),
      QD_TEST(test_update_collection_threads_auto_and_disabled_quantization_take_away),
      QD_TEST(test_update_collection_of_unknown_vector_changes_nothing),
      QD_TEST(test_alias_stands_for_its_collection_everywhere),
      QD_TEST(test_alias_is_turned_renamed_and_goes_with_its_collection),
      QD_TEST(test_alias_bad_action_fails_after_those_before_it),
      QD_TEST(test_vector_name_comes_empty_and_goes_with_its_vectors),
      QD_TEST(test_vector_name_that_is_there_stays_or_is_refused),
      QD_TEST(test_cluster_calls_answer_as_a_lone_server),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
