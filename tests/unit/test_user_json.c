/* Users' JSON: requests from it and messages to it, for collections, indexes, shards, aliases and snapshots. */
#include "codec/route.h"
#include "qdrant/json.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"
#include "qdrant/pb/snapshots.pb-c.h"
#include "tests/support/torture.h"

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

static ProtobufCMessage *request_of(qd_arena *arena, qdrant_rpc rpc, const char *json) {
  ProtobufCMessage *request = NULL;
  qdrant_error err = {0};
  if (qdrant_message_from_json(rpc, json, strlen(json), arena, &request, &err) != QDRANT_OK)
    fail_msg("%s: %s", json, err.message);
  return request;
}

static const char *json_of(qd_arena *arena, const ProtobufCMessage *message) {
  const char *json = NULL;
  size_t n_bytes = 0;
  qdrant_error err = {0};
  if (qdrant_message_to_json(message, arena, &json, &n_bytes, &err) != QDRANT_OK)
    fail_msg("%s", err.message);
  assert_int_equal(strlen(json), n_bytes);
  return json;
}

typedef struct spelling {
  qdrant_rpc rpc;
  const char *read;
  const char *written; /* NULL: as it was read */
} spelling;

static void assert_spellings(qd_arena *arena, const spelling *spellings, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const char *expected = spellings[i].written != NULL ? spellings[i].written : spellings[i].read;
    const char *written = json_of(arena, request_of(arena, spellings[i].rpc, spellings[i].read));
    assert_string_equal(written, expected);
    assert_string_equal(json_of(arena, request_of(arena, spellings[i].rpc, written)), expected);
  }
}

#define ASSERT_SPELLINGS(arena, spellings) assert_spellings(arena, spellings, sizeof spellings / sizeof spellings[0])

static void test_qdrant_message_from_json_of_vectors_takes_one_or_a_map(void **state) {
  static const spelling spellings[] = {
      {QDRANT_RPC_COLLECTIONS_CREATE, "{\"collection_name\":\"c\",\"vectors\":{\"size\":4,\"distance\":\"Dot\"}}",
          NULL},
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"vectors\":{\"size\":{\"size\":4,\"distance\":\"Cosine\",\"datatype\":\"float16\"}}}",
          "{\"collection_name\":\"\",\"vectors\":{\"size\":{\"size\":4,\"distance\":\"Cosine\",\"datatype\":"
          "\"float16\"}}}"},
      {QDRANT_RPC_COLLECTIONS_CREATE, "{\"collection_name\":\"c\",\"vectors\":{}}", NULL},
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"collection_name\":\"c\",\"sparse_vectors\":{\"s\":{},\"t\":{\"index\":"
          "{\"full_scan_threshold\":7,\"on_disk\":true},\"modifier\":\"idf\"}}}",
          NULL},
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"collection_name\":\"c\",\"vectors\":{\"m\":{\"size\":1,\"distance\":"
          "\"Manhattan\",\"multivector_config\":{\"comparator\":\"max_sim\"}}}}",
          NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE, "{\"collection_name\":\"c\",\"vectors\":{\"\":{\"on_disk\":true}}}", NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE,
          "{\"collection_name\":\"c\",\"vectors\":{\"\":{\"on_disk\":true},\"a\":{\"hnsw_config\":{\"m\":0}}}}", NULL},
  };
  ASSERT_SPELLINGS(*state, spellings);
}

static void test_qdrant_message_from_json_of_an_update_of_the_vector_without_name_is_no_map(void **state) {
  Qdrant__UpdateCollection *request = (void *)request_of(
      *state, QDRANT_RPC_COLLECTIONS_UPDATE, "{\"collection_name\":\"c\",\"vectors\":{\"\":{\"on_disk\":true}}}");
  assert_int_equal(request->vectors_config->config_case, QDRANT__VECTORS_CONFIG_DIFF__CONFIG_PARAMS);
}

static void test_qdrant_message_from_json_of_quantization_takes_each_kind(void **state) {
  static const spelling spellings[] = {
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"collection_name\":\"c\",\"quantization_config\":{\"scalar\":{\"type\":"
          "\"int8\",\"quantile\":0.99,\"always_ram\":true}}}",
          NULL},
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"collection_name\":\"c\",\"quantization_config\":{\"product\":{\"compression\":\"x4\"}}}", NULL},
      {QDRANT_RPC_COLLECTIONS_CREATE, "{\"collection_name\":\"c\",\"quantization\":{\"turbo\":{\"bits\":\"bits1_5\"}}}",
          "{\"collection_name\":\"c\",\"quantization_config\":{\"turbo\":{\"bits\":\"bits1_5\"}}}"},
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"collection_name\":\"c\",\"quantization_config\":{\"binary\":{\"encoding\":"
          "\"one_and_half_bits\",\"query_encoding\":\"scalar4bits\"}}}",
          NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE, "{\"collection_name\":\"c\",\"quantization_config\":\"Disabled\"}", NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE, "{\"collection_name\":\"c\",\"quantization_config\":{\"binary\":{}}}", NULL},
  };
  ASSERT_SPELLINGS(*state, spellings);
}

static void test_qdrant_message_from_json_of_other_settings_keeps_them(void **state) {
  static const spelling spellings[] = {
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"collection_name\":\"c\",\"timeout\":9,\"optimizer_config\":{\"max_optimization_threads\":\"auto\"}}",
          "{\"collection_name\":\"c\",\"timeout\":9,\"optimizers_config\":{\"max_optimization_threads\":\"auto\"}}"},
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"collection_name\":\"c\",\"optimizers_config\":{\"max_optimization_threads\":0,\"max_segment_size\":null}"
          "}",
          "{\"collection_name\":\"c\",\"optimizers_config\":{\"max_optimization_threads\":0}}"},
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"collection_name\":\"c\",\"strict_mode_config\":{\"enabled\":false,\"multivector_config\":{\"m\":"
          "{\"max_vectors\":3}},\"sparse_config\":{\"s\":{\"max_length\":5}}}}",
          NULL},
      {QDRANT_RPC_COLLECTIONS_CREATE,
          "{\"collection_name\":\"c\",\"sharding_method\":\"custom\",\"metadata\":{\"a\":null,\"b\":[1,2.0]}}", NULL},
      {QDRANT_RPC_POINTS_CREATE_VECTOR_NAME,
          "{\"collection_name\":\"c\",\"vector_name\":\"v\",\"wait\":true,\"sparse\":{\"modifier\":\"none\"}}", NULL},
      {QDRANT_RPC_POINTS_CREATE_VECTOR_NAME,
          "{\"collection_name\":\"c\",\"vector_name\":\"v\",\"ordering\":\"weak\","
          "\"dense\":{\"size\":2,\"distance\":\"Euclid\"}}",
          NULL},
  };
  ASSERT_SPELLINGS(*state, spellings);
}

static void test_qdrant_message_from_json_of_indexes_takes_a_type_or_parameters(void **state) {
#define INDEX "{\"collection_name\":\"c\",\"field_name\":\"f[].g\""
  static const spelling spellings[] = {
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX, INDEX ",\"field_schema\":\"uuid\"}", NULL},
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX, INDEX ",\"field_type\":\"geo\"}", INDEX ",\"field_schema\":\"geo\"}"},
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX, INDEX "}", NULL},
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX,
          INDEX ",\"field_schema\":{\"type\":\"keyword\",\"is_tenant\":false,\"prefix\":true}}", NULL},
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX, INDEX ",\"field_schema\":{\"prefix\":false,\"type\":\"keyword\"}}",
          INDEX ",\"field_schema\":{\"type\":\"keyword\"}}"},
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX,
          INDEX ",\"field_schema\":{\"type\":\"text\",\"tokenizer\":\"word\","
                "\"stopwords\":\"english\",\"stemmer\":{\"type\":\"none\"}}}",
          NULL},
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX,
          INDEX ",\"field_schema\":{\"type\":\"text\",\"stopwords\":{\"languages\":[\"english\"]}}}",
          INDEX ",\"field_schema\":{\"type\":\"text\",\"stopwords\":\"english\"}}"},
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX,
          INDEX ",\"field_schema\":{\"type\":\"text\",\"stopwords\":{\"languages\":[\"english\"],\"custom\":[\"a\"]},"
                "\"stemmer\":{\"type\":\"snowball\",\"language\":\"german\"}}}",
          NULL},
      {QDRANT_RPC_POINTS_DELETE_FIELD_INDEX, INDEX ",\"wait\":false}", NULL},
  };
#undef INDEX
  ASSERT_SPELLINGS(*state, spellings);
}

static void test_qdrant_message_from_json_of_index_parameters_sets_the_type_too(void **state) {
  Qdrant__CreateFieldIndexCollection *request =
      (void *)request_of(*state, QDRANT_RPC_POINTS_CREATE_FIELD_INDEX, "{\"field_schema\":{\"type\":\"datetime\"}}");
  assert_true(request->has_field_type);
  assert_int_equal(request->field_type, QDRANT__FIELD_TYPE__FieldTypeDatetime);
  assert_int_equal(
      request->field_index_params->index_params_case, QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_DATETIME_INDEX_PARAMS);
}

static void test_qdrant_message_from_json_of_shards_and_aliases_takes_their_operations(void **state) {
#define MOVE "\"shard_id\":0,\"from_peer_id\":18446744073709551615,\"to_peer_id\":2"
  static const spelling spellings[] = {
      {QDRANT_RPC_COLLECTIONS_CREATE_SHARD_KEY,
          "{\"collection_name\":\"c\",\"timeout\":1,\"shard_key\":\"k\",\"shards_number\":2,\"placement\":[1,2]}",
          NULL},
      {QDRANT_RPC_COLLECTIONS_DELETE_SHARD_KEY, "{\"collection_name\":\"c\",\"shard_key\":42}", NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE_CLUSTER_SETUP, "{\"collection_name\":\"c\",\"move_shard\":{" MOVE "}}", NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE_CLUSTER_SETUP,
          "{\"collection_name\":\"c\",\"restart_transfer\":{" MOVE ",\"method\":\"stream_records\"}}", NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE_CLUSTER_SETUP,
          "{\"collection_name\":\"c\",\"create_sharding_key\":{\"shard_key\":\"k\",\"initial_state\":"
          "\"ManualRecovery\"}}",
          NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE_CLUSTER_SETUP,
          "{\"collection_name\":\"c\",\"drop_sharding_key\":{\"shard_key\":\"k\"}}", NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE_CLUSTER_SETUP,
          "{\"collection_name\":\"c\",\"drop_replica\":{\"shard_id\":0,\"peer_id\":0}}", NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES, "{\"actions\":[]}", NULL},
      {QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES,
          "{\"timeout\":3,\"actions\":[{\"create_alias\":{\"collection_name\":\"c\",\"alias_name\":\"a\"}},"
          "{\"rename_alias\":{\"old_alias_name\":\"a\",\"new_alias_name\":\"b\"}},{\"delete_alias\":{\"alias_name\":"
          "\"b\"}}]}",
          NULL},
  };
#undef MOVE
  ASSERT_SPELLINGS(*state, spellings);
}

static void test_qdrant_message_from_json_of_url_values_takes_every_form(void **state) {
  static const spelling spellings[] = {
      {QDRANT_RPC_POINTS_COUNT, "{\"consistency\":\"quorum\",\"collection_name\":\"c\",\"exact\":false}",
          "{\"collection_name\":\"c\",\"consistency\":\"quorum\",\"exact\":false}"},
      {QDRANT_RPC_POINTS_COUNT, "{\"collection_name\":\"c\",\"timeout\":18446744073709551615,\"consistency\":2}", NULL},
      {QDRANT_RPC_POINTS_COUNT, "{\"collection_name\":\"c\",\"timeout\":null,\"consistency\":null}",
          "{\"collection_name\":\"c\"}"},
      {QDRANT_RPC_SNAPSHOTS_DELETE, "{\"collection_name\":\"c\",\"snapshot_name\":\"s/..\",\"wait\":true}",
          "{\"collection_name\":\"c\",\"snapshot_name\":\"s/..\"}"},
      {QDRANT_RPC_COLLECTIONS_LIST, "", "{}"},
      {QDRANT_RPC_COLLECTIONS_LIST, " { } ", "{}"},
  };
  ASSERT_SPELLINGS(*state, spellings);
}

static void test_qdrant_message_from_json_of_a_batch_names_the_collection_in_each_item(void **state) {
  Qdrant__QueryBatchPoints *request = (void *)request_of(
      *state, QDRANT_RPC_POINTS_QUERY_BATCH, "{\"collection_name\":\"c\",\"searches\":[{\"limit\":1},{\"limit\":2}]}");
  assert_int_equal(request->n_query_points, 2);
  assert_string_equal(request->query_points[0]->collection_name, "c");
  assert_string_equal(request->query_points[1]->collection_name, "c");
}

static void test_qdrant_message_from_json_of_wrong_json_says_where_and_what(void **state) {
  static const struct {
    qdrant_rpc rpc;
    const char *json;
    const char *message;
  } wrong[] = {
      {QDRANT_RPC_COLLECTIONS_LIST, "[]", "Collections/List: expected an object with the request's keys"},
      {QDRANT_RPC_COLLECTIONS_LIST, "{\"a\":1}", "a: unknown key"},
      {QDRANT_RPC_COLLECTIONS_LIST, "{", "JSON is wrong at byte 1: expected a key in double quotes"},
      {QDRANT_RPC_COLLECTIONS_GET, "{\"collection_name\":5}", "collection_name: expected a string without NUL, got 5"},
      {QDRANT_RPC_COLLECTIONS_GET, "{\"collection_name\":\"a\\u0000b\"}",
          "collection_name: expected a string without NUL, got \"a\""},
      {QDRANT_RPC_POINTS_UPSERT, "{\"wait\":1}", "wait: expected true or false, got 1"},
      {QDRANT_RPC_POINTS_UPSERT, "{\"ordering\":\"best\"}", "ordering: expected weak, medium or strong, got \"best\""},
      {QDRANT_RPC_POINTS_COUNT, "{\"timeout\":-1}", "timeout: expected a whole number of seconds, got -1"},
      {QDRANT_RPC_POINTS_COUNT, "{\"timeout\":1.5}", "timeout: expected a whole number of seconds, got 1.5"},
      {QDRANT_RPC_POINTS_COUNT, "{\"consistency\":true}",
          "consistency: expected all, majority, quorum or a whole number, got true"},
      {QDRANT_RPC_SNAPSHOTS_CREATE, "{\"wait\":false}", "wait: unknown key"},
      {QDRANT_RPC_COLLECTIONS_CREATE, "{\"vectors\":{\"a\":{\"size\":-1}}}",
          "vectors.a.size: expected an integer from 0 to 18446744073709551615, got -1"},
      {QDRANT_RPC_COLLECTIONS_CREATE, "{\"vectors\":[]}",
          "vectors: expected an object with size and distance, or with the vectors' names as keys, got a list of 0"},
      {QDRANT_RPC_COLLECTIONS_CREATE, "{\"optimizers_config\":{\"max_optimization_threads\":\"many\"}}",
          "optimizers_config.max_optimization_threads: expected \"auto\", got \"many\""},
      {QDRANT_RPC_COLLECTIONS_UPDATE, "{\"quantization_config\":\"Off\"}",
          "quantization_config: expected an object or \"Disabled\", got \"Off\""},
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX, "{\"field_schema\":{\"is_tenant\":true}}",
          "field_schema: expected an object whose type is \"keyword\", \"integer\", \"float\", \"geo\", \"text\", "
          "\"bool\", \"datetime\" or \"uuid\", got an object with the key \"is_tenant\""},
      {QDRANT_RPC_POINTS_CREATE_FIELD_INDEX, "{\"field_schema\":{\"type\":\"integer\",\"prefix\":true}}",
          "field_schema.prefix: unknown key"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    ProtobufCMessage *request = NULL;
    qdrant_error err = {0};
    assert_int_equal(
        qdrant_message_from_json(wrong[i].rpc, wrong[i].json, strlen(wrong[i].json), *state, &request, &err),
        QDRANT_INVALID_ARGUMENT);
    assert_string_equal(err.message, wrong[i].message);
  }
}

static void test_qdrant_message_from_json_of_bad_arguments_names_them(void **state) {
  ProtobufCMessage *request = NULL;
  qdrant_error err = {0};
  assert_int_equal(
      qdrant_message_from_json((qdrant_rpc)QDRANT_N_RPCS, "", 0, *state, &request, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "rpc: there is none with the number 51");
  assert_int_equal(
      qdrant_message_from_json(QDRANT_RPC_COLLECTIONS_LIST, NULL, 1, *state, &request, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "json must not be NULL");
  assert_int_equal(
      qdrant_message_from_json(QDRANT_RPC_COLLECTIONS_LIST, "", 0, NULL, &request, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "arena must not be NULL");
  assert_int_equal(
      qdrant_message_from_json(QDRANT_RPC_COLLECTIONS_LIST, "", 0, *state, NULL, NULL), QDRANT_INVALID_ARGUMENT);
}

static void test_qdrant_message_to_json_of_bad_arguments_names_them(void **state) {
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  const char *json = NULL;
  qdrant_error err = {0};
  assert_int_equal(qdrant_message_to_json(NULL, *state, &json, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "message must not be NULL");
  assert_int_equal(qdrant_message_to_json(&request.base, NULL, &json, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "arena must not be NULL");
  assert_int_equal(qdrant_message_to_json(&request.base, *state, NULL, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "json must not be NULL");
}

static void test_qdrant_message_to_json_of_replies_is_the_result_alone(void **state) {
  Qdrant__CollectionOperationResponse operation = QDRANT__COLLECTION_OPERATION_RESPONSE__INIT;
  Qdrant__CollectionExists exists = QDRANT__COLLECTION_EXISTS__INIT;
  Qdrant__CollectionExistsResponse exists_reply = QDRANT__COLLECTION_EXISTS_RESPONSE__INIT;
  Qdrant__DeleteSnapshotResponse deleted = QDRANT__DELETE_SNAPSHOT_RESPONSE__INIT;
  Qdrant__ListSnapshotsResponse snapshots = QDRANT__LIST_SNAPSHOTS_RESPONSE__INIT;
  Qdrant__ListCollectionsResponse collections = QDRANT__LIST_COLLECTIONS_RESPONSE__INIT;
  operation.has_time = 1;
  assert_string_equal(json_of(*state, &operation.base), "false");
  exists_reply.result = &exists;
  assert_string_equal(json_of(*state, &exists_reply.base), "{\"exists\":false}");
  assert_string_equal(json_of(*state, &deleted.base), "true");
  assert_string_equal(json_of(*state, &snapshots.base), "[]");
  assert_string_equal(json_of(*state, &collections.base), "{\"collections\":[]}");
}

static void test_qdrant_message_to_json_of_another_message_is_its_shape(void **state) {
  Qdrant__PointId id = QDRANT__POINT_ID__INIT;
  id.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  id.num = UINT64_MAX;
  assert_string_equal(json_of(*state, &id.base), "18446744073709551615");
}

static void test_qdrant_payload_from_json_of_an_object_is_the_payload_of_any_message(void **state) {
  static const char first[] = "{\"a\":1}";
  static const char second[] = "{\"b\":{\"c\":[1.0,null,\"x\\u0000y\"]},\"\":18446744073709551615}";
  Qdrant__PointStruct point = QDRANT__POINT_STRUCT__INIT;
  Qdrant__SetPayloadPoints request = QDRANT__SET_PAYLOAD_POINTS__INIT;
  ProtobufCMessage *messages[] = {&point.base, &request.base};
  for (size_t i = 0; i < 2; i++) {
    const char *json = NULL;
    size_t n_bytes = 0;
    assert_int_equal(qdrant_payload_to_json(messages[i], *state, &json, NULL, NULL), QDRANT_OK);
    assert_string_equal(json, "{}");
    assert_int_equal(qdrant_payload_from_json(messages[i], first, strlen(first), *state, NULL), QDRANT_OK);
    assert_int_equal(qdrant_payload_from_json(messages[i], second, strlen(second), *state, NULL), QDRANT_OK);
    assert_int_equal(qdrant_payload_to_json(messages[i], *state, &json, &n_bytes, NULL), QDRANT_OK);
    assert_string_equal(json, "{\"b\":{\"c\":[1.0,null,\"x\\u0000y\"]},\"\":1.8446744073709552e+19}");
    assert_int_equal(n_bytes, strlen(json));
  }
}

static void test_qdrant_payload_from_json_of_what_is_none_says_so(void **state) {
  Qdrant__PointStruct point = QDRANT__POINT_STRUCT__INIT;
  Qdrant__PointId id = QDRANT__POINT_ID__INIT;
  qdrant_error err = {0};
  assert_int_equal(qdrant_payload_from_json(&id.base, "{}", 2, *state, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "message: a PointId has no payload");
  assert_int_equal(qdrant_payload_from_json(&point.base, "[]", 2, *state, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "expected an object, got a list of 0");
  assert_int_equal(qdrant_payload_from_json(&point.base, "{", 1, *state, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_payload_from_json(&point.base, NULL, 0, *state, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "json must not be NULL");
}

static void test_qdrant_message_to_json_of_what_json_cannot_say_names_it(void **state) {
  Qdrant__CreateCollection request = QDRANT__CREATE_COLLECTION__INIT;
  const char *json = NULL;
  qdrant_error err = {0};
  request.has_sharding_method = 1;
  request.sharding_method = (Qdrant__ShardingMethod)7;
  assert_int_equal(qdrant_message_to_json(&request.base, *state, &json, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "sharding_method: 7 is no ShardingMethod");
}

static void test_qd_route_write_reply_of_a_snapshot_has_its_time_without_zone(void **state) {
  static const char answer[] = "{\"result\":{\"name\":\"s\",\"creation_time\":\"2026-11-23T18:57:29\",\"size\":64512},"
                               "\"status\":\"ok\",\"time\":0.5}";
  const qd_rpc *rpc = qd_rpc_row(QDRANT_RPC_SNAPSHOTS_CREATE);
  ProtobufCMessage *reply = NULL;
  qd_text text;
  assert_int_equal(qd_route_read_reply(rpc, answer, strlen(answer), *state, &reply, NULL), QDRANT_OK);
  const Qdrant__CreateSnapshotResponse *snapshot = (const void *)reply;
  assert_int_equal(snapshot->snapshot_description->creation_time->seconds, 1795460249);
  assert_true(snapshot->time == 0.5);
  qd_text_init(&text, *state, 1000);
  assert_int_equal(qd_route_write_reply(rpc, reply, &text, NULL), QDRANT_OK);
  assert_non_null(strstr(qd_text_end(&text), "\"creation_time\":\"2026-11-23T18:57:29\""));
}

static void test_qd_route_read_reply_of_optimizers_takes_null_for_auto(void **state) {
  static const char *const answers[] = {
      "{\"result\":{\"config\":{\"optimizer_config\":{\"max_optimization_threads\":null}}}}",
      "{\"result\":{\"config\":{\"optimizer_config\":{\"max_optimization_threads\":3}}}}"};
  for (size_t i = 0; i < 2; i++) {
    ProtobufCMessage *reply = NULL;
    assert_int_equal(qd_route_read_reply(
                         qd_rpc_row(QDRANT_RPC_COLLECTIONS_GET), answers[i], strlen(answers[i]), *state, &reply, NULL),
        QDRANT_OK);
    const Qdrant__OptimizersConfigDiff *config =
        ((const Qdrant__GetCollectionInfoResponse *)(const void *)reply)->result->config->optimizer_config;
    assert_int_equal(config->max_optimization_threads->variant_case,
        i == 0 ? QDRANT__MAX_OPTIMIZATION_THREADS__VARIANT_SETTING : QDRANT__MAX_OPTIMIZATION_THREADS__VARIANT_VALUE);
    assert_int_equal(config->deprecated_max_optimization_threads, i == 0 ? 0 : 3);
  }
}

static void test_qd_route_read_reply_of_what_is_no_reply_is_a_bad_reply(void **state) {
  static const char *const answers[] = {
      "", "[]", "{}", "null", "{\"result\":{\"collections\":5}}", "<html>", "{\"result\":{}}x", "{\"status\":\"ok\"}"};
  for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
    ProtobufCMessage *reply = NULL;
    qdrant_error err = {0};
    assert_int_equal(qd_route_read_reply(
                         qd_rpc_row(QDRANT_RPC_COLLECTIONS_LIST), answers[i], strlen(answers[i]), *state, &reply, &err),
        QDRANT_BAD_REPLY);
    assert_non_null(strstr(err.message, "the server's answer to Collections/List cannot be read: "));
  }
}

static void test_qd_route_read_reply_of_an_accepted_request_is_empty(void **state) {
  static const char answer[] = "{\"status\":\"accepted\",\"time\":0.25}";
  ProtobufCMessage *reply = NULL;
  assert_int_equal(
      qd_route_read_reply(qd_rpc_row(QDRANT_RPC_SNAPSHOTS_CREATE), answer, strlen(answer), *state, &reply, NULL),
      QDRANT_OK);
  const Qdrant__CreateSnapshotResponse *snapshot = (const void *)reply;
  assert_null(snapshot->snapshot_description);
  assert_true(snapshot->time == 0.25);
}

/* From JSON to a message and back, with an HTTP request and an answer on the way. */
static qdrant_status convert_all(void *user) {
  static const char json[] =
      "{\"collection_name\":\"c\",\"field_name\":\"f\",\"wait\":true,\"ordering\":\"weak\",\"timeout\":1,"
      "\"field_schema\":{\"type\":\"text\",\"stopwords\":\"english\"}}";
  static const char answer[] = "{\"result\":{\"operation_id\":1,\"status\":\"completed\"},\"usage\":{},\"time\":1}";
  const qd_rpc *rpc = qd_rpc_row(QDRANT_RPC_POINTS_CREATE_FIELD_INDEX);
  ProtobufCMessage *message = NULL;
  const char *written = NULL;
  qd_rest_request http;
  qd_arena *arena = qd_arena_new(64);
  (void)user;
  if (arena == NULL)
    return QDRANT_NO_MEMORY;
  qdrant_status status = qdrant_message_from_json(rpc->id, json, strlen(json), arena, &message, NULL);
  if (status == QDRANT_OK)
    status = qdrant_message_to_json(message, arena, &written, NULL, NULL);
  if (status == QDRANT_OK)
    status = qd_route_write_request(rpc, message, 1, 1 << 20, arena, &http, NULL);
  if (status == QDRANT_OK)
    status = qd_route_read_request(rpc, http.target, http.body, http.n_body, arena, &message, NULL);
  if (status == QDRANT_OK)
    status = qd_route_read_reply(rpc, answer, strlen(answer), arena, &message, NULL);
  if (status == QDRANT_OK)
    status = qdrant_message_to_json(message, arena, &written, NULL, NULL);
  qd_arena_free(arena);
  return status;
}

static void test_conversions_without_memory_say_so(void **state) {
  (void)state;
  torture(convert_all, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qdrant_message_from_json_of_vectors_takes_one_or_a_map),
      cmocka_unit_test(test_qdrant_message_from_json_of_an_update_of_the_vector_without_name_is_no_map),
      cmocka_unit_test(test_qdrant_message_from_json_of_quantization_takes_each_kind),
      cmocka_unit_test(test_qdrant_message_from_json_of_other_settings_keeps_them),
      cmocka_unit_test(test_qdrant_message_from_json_of_indexes_takes_a_type_or_parameters),
      cmocka_unit_test(test_qdrant_message_from_json_of_index_parameters_sets_the_type_too),
      cmocka_unit_test(test_qdrant_message_from_json_of_shards_and_aliases_takes_their_operations),
      cmocka_unit_test(test_qdrant_message_from_json_of_url_values_takes_every_form),
      cmocka_unit_test(test_qdrant_message_from_json_of_a_batch_names_the_collection_in_each_item),
      cmocka_unit_test(test_qdrant_message_from_json_of_wrong_json_says_where_and_what),
      cmocka_unit_test(test_qdrant_message_from_json_of_bad_arguments_names_them),
      cmocka_unit_test(test_qdrant_message_to_json_of_bad_arguments_names_them),
      cmocka_unit_test(test_qdrant_message_to_json_of_replies_is_the_result_alone),
      cmocka_unit_test(test_qdrant_message_to_json_of_another_message_is_its_shape),
      cmocka_unit_test(test_qdrant_payload_from_json_of_an_object_is_the_payload_of_any_message),
      cmocka_unit_test(test_qdrant_payload_from_json_of_what_is_none_says_so),
      cmocka_unit_test(test_qdrant_message_to_json_of_what_json_cannot_say_names_it),
      cmocka_unit_test(test_qd_route_write_reply_of_a_snapshot_has_its_time_without_zone),
      cmocka_unit_test(test_qd_route_read_reply_of_optimizers_takes_null_for_auto),
      cmocka_unit_test(test_qd_route_read_reply_of_what_is_no_reply_is_a_bad_reply),
      cmocka_unit_test(test_qd_route_read_reply_of_an_accepted_request_is_empty),
      cmocka_unit_test(test_conversions_without_memory_say_so),
  };
  return cmocka_run_group_tests(tests, make_arena, free_arena);
}
