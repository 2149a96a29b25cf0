#include "tests/support/asked_engine.h"

#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/qdrant.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_health_check_any_time_tells_title_and_version(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Qdrant/HealthCheck", "{}", "{'title': 'qdrant - vector search engine', 'version': '1.20.0'}");
}

static void test_create_then_list_is_there_until_deleted(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Collections/List", "{}", "{}");
  assert_answer(engine, "Collections/Create",
      "{'collection_name': 'b', 'vectors_config': {'params': {'size': 2, 'distance': 'Dot'}}}", "{'result': true}");
  ask_ok(engine, "Collections/Create", "{'collection_name': 'a'}");
  assert_answer(engine, "Collections/List", "{}", "{'collections': [{'name': 'a'}, {'name': 'b'}]}");
  assert_answer(engine, "Collections/CollectionExists", "{'collection_name': 'a'}", "{'result': {'exists': true}}");
  assert_answer(engine, "Collections/Delete", "{'collection_name': 'a'}", "{'result': true}");
  assert_answer(engine, "Collections/CollectionExists", "{'collection_name': 'a'}", "{'result': {'exists': false}}");
  assert_answer(engine, "Collections/List", "{}", "{'collections': [{'name': 'b'}]}");
}

static void test_create_many_are_found_by_name(void **state) {
  asked_engine *engine = *state;
  char request[128];
  for (int i = 0; i < 40; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c%d'}", i * 7 % 40);
    ask_ok(engine, "Collections/Create", request);
  }
  for (int i = 0; i < 40; i++) {
    snprintf(request, sizeof request, "{'collection_name': 'c%d'}", i);
    assert_answer(engine, "Collections/CollectionExists", request, "{'result': {'exists': true}}");
  }
}

static void test_delete_missing_answers_false(void **state) {
  asked_engine *engine = *state;
  assert_answer(engine, "Collections/Delete", "{'collection_name': 'never'}", "{'result': false}");
}

static void test_create_again_already_exists(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Create", "{'collection_name': 'c'}");
  assert_refusal(engine, "Collections/Create", "{'collection_name': 'c'}", QDRANT_ALREADY_EXISTS,
      "Wrong input: Collection `c` already exists!");
}

static void test_get_missing_not_found(void **state) {
  asked_engine *engine = *state;
  assert_refusal(engine, "Collections/Get", "{'collection_name': 'c'}", QDRANT_NOT_FOUND,
      "Not found: Collection `c` doesn't exist!");
}

static void test_get_named_and_sparse_tells_parameters(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Create",
      "{'collection_name': 'c', 'shard_number': 2, 'on_disk_payload': false, 'vectors_config': {'params_map': {'map': {"
      "'a': {'size': 3, 'distance': 'Euclid'}, 'm': {'size': 2, 'distance': 'Dot', 'multivector_config': {}}}}},"
      "'sparse_vectors_config': {'map': {'s': {'modifier': 'Idf'}}}, 'metadata': {'by': 'me'}}");
  assert_answer(engine, "Collections/Get", "{'collection_name': 'c'}",
      "{'result': {'status': 'Green', 'optimizer_status': {'ok': true}, 'segments_count': 1, 'points_count': 0,"
      "'update_queue': {}, 'config': {'params': {'shard_number': 2, 'replication_factor': 1,"
      "'write_consistency_factor': 1, 'on_disk_payload': false, 'vectors_config': {'params_map': {'map': {"
      "'m': {'size': 2, 'distance': 'Dot', 'multivector_config': {}}, 'a': {'size': 3, 'distance': 'Euclid'}}}},"
      "'sparse_vectors_config': {'map': {'s': {'modifier': 'Idf'}}}},"
      "'hnsw_config': {'m': 16, 'ef_construct': 100, 'full_scan_threshold': 10000},"
      "'optimizer_config': {'deleted_threshold': 0.2, 'vacuum_min_vector_number': 1000, 'indexing_threshold': 10000,"
      "'flush_interval_sec': 5, 'max_optimization_threads': {'setting': 'Auto'}},"
      "'wal_config': {'wal_capacity_mb': 32, 'wal_retain_closed': 1}, 'metadata': {'by': 'me'}}}}");
}

static void test_create_bad_parameters_names_each(void **state) {
  asked_engine *engine = *state;
  assert_refusal(engine, "Collections/Create", "{'collection_name': ''}", QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [collection_name: value \"\" invalid, must be from 1 to 255 characters]");
  assert_refusal(engine, "Collections/Create", "{'collection_name': 'a|b'}", QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [collection_name: collection name cannot contain \"|\" char]");
  assert_refusal(engine, "Collections/Create",
      "{'collection_name': 'c', 'shard_number': 0, 'vectors_config': {'params': {'size': 65537, 'distance': 'Dot'}}}",
      QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [vectors_config.config.size: value 65537 invalid, must be from 1 to 65536; "
      "shard_number: value 0 invalid, must be 1 or larger]");
  assert_refusal(engine, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params_map': {'map': {'v': {'distance': 'Dot'}}}}}",
      QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [vectors_config.config.map.[].size: value 0 invalid, must be from 1 to 65536]");
  assert_refusal(engine, "Collections/Create",
      "{'collection_name': 'c', 'quantization_config': {'scalar': {'type': 'Int8', 'quantile': 0.25}}}",
      QDRANT_INVALID_ARGUMENT,
      "Validation error in body: [quantization_config.quantization.quantile: value 0.25 invalid, must be from 0.5 to "
      "1.0]");
  assert_refusal(engine, "Collections/Create", "{'collection_name': 'c', 'vectors_config': {'params': {'size': 4}}}",
      QDRANT_INVALID_ARGUMENT, "Malformed distance parameter: UnknownDistance");
  assert_answer(engine, "Collections/List", "{}", "{}");
}

static void test_create_what_is_not_there_unimplemented(void **state) {
  asked_engine *engine = *state;
  assert_refusal(engine, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params': {'size': 4, 'distance': 'Dot', 'datatype': 'Turbo4'}}}",
      QDRANT_UNIMPLEMENTED, "The embedded engine does not have the datatype turbo");
  assert_refusal(engine, "Collections/Create",
      "{'collection_name': 'c', 'strict_mode_config': {'enabled': true, 'max_resident_memory_percent': 5}}",
      QDRANT_UNIMPLEMENTED, "The embedded engine does not have max_resident_memory_percent of the strict mode");
}

static void test_call_after_deadline_exceeded(void **state) {
  asked_engine *engine = *state;
  const qd_rpc *rpc = rpc_named("Collections/List");
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  ProtobufCMessage *reply;
  assert_int_equal(
      qd_engine_call(engine->engine, rpc, &request.base, 1, engine->arena, &reply, NULL), QDRANT_DEADLINE_EXCEEDED);
  assert_null(reply);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, asked_engine_setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_health_check_any_time_tells_title_and_version),
      QD_TEST(test_create_then_list_is_there_until_deleted),
      QD_TEST(test_create_many_are_found_by_name),
      QD_TEST(test_delete_missing_answers_false),
      QD_TEST(test_create_again_already_exists),
      QD_TEST(test_get_missing_not_found),
      QD_TEST(test_get_named_and_sparse_tells_parameters),
      QD_TEST(test_create_bad_parameters_names_each),
      QD_TEST(test_create_what_is_not_there_unimplemented),
      QD_TEST(test_call_after_deadline_exceeded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
