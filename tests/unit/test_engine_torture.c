#include "memory/engine.h"

#include "core/arena.h"
#include "core/rpc.h"
#include "memory/memory_transport.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/asked_engine.h"
#include "tests/support/message_text.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Every allocation of the engine fails in turn: the call answers NO_MEMORY, nothing is left behind, and what was there
 * before is as it was. */

#define QD_CREATE                                                                                                      \
  "{'collection_name': 'c', 'vectors_config': {'params_map': {'map': {'d': {'size': 2, 'distance': 'Cosine'},"         \
  "'m': {'size': 2, 'distance': 'Dot', 'multivector_config': {}}}}}, 'sparse_vectors_config': {'map': {'s': {}}}}"

#define QD_UPSERT                                                                                                      \
  "{'collection_name': 'c', 'points': [{'id': 1, 'payload': {'a': {'b': ['x', 1]}}, 'vectors': {'vectors': "           \
  "{'vectors':"                                                                                                        \
  "{'d': {'dense': {'data': [1, 2]}}, 'm': {'multi_dense': {'vectors': [{'data': [1, 2]}, {'data': [3, 4]}]}},"        \
  "'s': {'sparse': {'indices': [5, 3], 'values': [1, 2]}}}}}}, {'id': '550e8400-e29b-41d4-a716-446655440000',"         \
  "'payload': {'a': 'y'}, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data': [2, 1]}}}}}}]}"

/* An engine, and one call of it whose request was made beforehand. */
typedef struct tortured {
  asked_engine *engine;
  const qd_rpc *rpc;
  const ProtobufCMessage *request;
} tortured;

static qdrant_status call_with_fresh_arena(void *user) {
  const tortured *of = user;
  ProtobufCMessage *reply;
  qdrant_error err = {0};
  qd_arena *arena = qd_arena_new(64);
  if (arena == NULL)
    return QDRANT_NO_MEMORY;
  qdrant_status status = qd_engine_call(of->engine->engine, of->rpc, of->request, INT64_MAX, arena, &reply, &err);
  assert_int_equal(err.status, status);
  qd_arena_free(arena);
  return status;
}

static void torture_call(asked_engine *engine, const char *rpc, const char *request) {
  qd_arena *arena = qd_arena_new(0);
  tortured of = {engine, rpc_named(rpc), NULL};
  assert_non_null(arena);
  of.request = message_of(of.rpc->request, request, arena);
  torture(call_with_fresh_arena, &of);
  qd_arena_free(arena);
}

static void test_reads_out_of_memory_answer_so(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Create", QD_CREATE);
  ask_ok(engine, "Points/Upsert", QD_UPSERT);
  torture_call(engine, "Qdrant/HealthCheck", "{}");
  torture_call(engine, "Collections/Get", "{'collection_name': 'c'}");
  torture_call(engine, "Collections/List", "{}");
  torture_call(engine, "Collections/CollectionExists", "{'collection_name': 'c'}");
  torture_call(engine, "Points/Get",
      "{'collection_name': 'c', 'ids': [1, '550e8400-e29b-41d4-a716-446655440000'], 'with_payload': {'enable': true},"
      "'with_vectors': {'enable': true}}");
  torture_call(engine, "Points/Scroll",
      "{'collection_name': 'c', 'limit': 1, 'with_payload': {'include': {'fields': ['a.b']}}, 'filter': {'should': ["
      "{'has_id': {'has_id': [1]}}, {'nested': {'key': 'x', 'filter': {'must': [{'is_null': {'key': 'a.b'}}]}}}]}}");
  torture_call(engine, "Points/Count",
      "{'collection_name': 'c', 'filter': {'min_should': {'conditions': [{'is_empty': {'key': 'z'}}], 'min_count': "
      "1}}}");
  torture_call(engine, "Points/QueryBatch",
      "{'collection_name': 'c', 'query_points': [{'collection_name': 'c'}, {'collection_name': 'c', 'using': 'd',"
      "'query': {'nearest': {'dense': {'data': [1, 1]}}}, 'with_payload': {'enable': true}}, {'collection_name': 'c',"
      "'using': 'm', 'query': {'nearest': {'multi_dense': {'vectors': [{'data': [1, 1]}]}}}}, {'collection_name': 'c',"
      "'using': 's', 'query': {'nearest': {'sparse': {'indices': [9, 3], 'values': [1, 1]}}}}]}");
  torture_call(engine, "Points/Query", "{'collection_name': 'c', 'using': 'd', 'query': {'nearest': {'id': 1}}}");
}

static void test_lists_and_groups_out_of_memory_answer_so(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Create", QD_CREATE);
  ask_ok(engine, "Points/Upsert", QD_UPSERT);
  ask_ok(engine, "Points/SetPayload",
      "{'collection_name': 'c', 'wait': true, 'payload': {'n': [1, 2], 't': 'some running words', 'k': 'x'},"
      "'points_selector': {'filter': {}}}");
  torture_call(engine, "Points/UpdateVectors",
      "{'collection_name': 'c', 'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {'s': {'document': {'text':"
      "'running foxes', 'model': 'qdrant/bm25', 'options': {'stopwords': {'languages': ['english'], 'custom': ['x']},"
      "'stemmer': {'type': 'snowball', 'language': 'english'}}}}}}}}]}");
  torture_call(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'wait': true, 'field_name': 't', 'field_type': 'FieldTypeText', 'field_index_params': "
      "{'text_index_params': {'tokenizer': 'Word', 'phrase_matching': true, 'stopwords': {'languages': ['english'],"
      "'custom': ['no']}, 'stemmer': {'snowball': {'language': 'english'}}}}}");
  torture_call(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'wait': true, 'field_name': 'n', 'field_type': 'FieldTypeInteger'}");
  torture_call(engine, "Points/Scroll",
      "{'collection_name': 'c', 'order_by': {'key': 'n'}, 'filter': {'must': [{'field': {'key': 't', 'match': {"
      "'phrase': 'run word'}}}, {'slice': {'total': 1, 'index': 0}}, {'nested': {'key': 'a', 'filter': {'must_not': ["
      "{'field': {'key': 'b', 'match': {'text': 'y'}}}]}}}]}}");
  torture_call(engine, "Points/Facet", "{'collection_name': 'c', 'key': 'n'}");
  torture_call(engine, "Points/SearchMatrixPairs", "{'collection_name': 'c', 'using': 'd'}");
  torture_call(engine, "Points/SearchMatrixOffsets", "{'collection_name': 'c', 'using': 'd'}");
  torture_call(engine, "Points/QueryGroups",
      "{'collection_name': 'c', 'using': 'd', 'query': {'nearest': {'id': 1}}, 'group_by': 'k', 'with_lookup': {"
      "'collection': 'c'}}");
  torture_call(engine, "Points/SearchGroups",
      "{'collection_name': 'c', 'vector_name': 'd', 'vector': [1, 1], 'group_by': 'n', 'limit': 1, 'group_size': 1}");
}

/* Calls that may be made again and again. */
static void test_writes_and_settings_out_of_memory_answer_so(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Create", QD_CREATE);
  ask_ok(engine, "Points/Upsert", QD_UPSERT);
  torture_call(engine, "Points/SetPayload",
      "{'collection_name': 'c', 'key': 'a[].z', 'payload': {'k': {'l': [1]}}, 'points_selector': {'filter': {}}}");
  torture_call(engine, "Points/OverwritePayload",
      "{'collection_name': 'c', 'payload': {'a': {'b': ['x', {'y': 1}]}}, 'points_selector': {'points': {'ids': "
      "[1]}}}");
  torture_call(engine, "Points/DeletePayload",
      "{'collection_name': 'c', 'keys': ['a.b[].y', 'a.b[]'], 'points_selector': {'filter': {}}}");
  torture_call(engine, "Points/UpdateVectors",
      "{'collection_name': 'c', 'points': [{'id': 1, 'vectors': {'vectors': {'vectors': {'d': {'dense': {'data':"
      "[1, 2]}}, 'm': {'multi_dense': {'vectors': [{'data': [1, 2]}]}}}}}}]}");
  torture_call(engine, "Points/UpdateBatch",
      "{'collection_name': 'c', 'operations': [{'upsert': {'points': [{'id': 9, 'vectors': {'vectors': {}}}]}},"
      "{'delete_vectors': {'points_selector': {'filter': {}}, 'vectors': {'names': ['s']}}},"
      "{'clear_payload': {'points': {'filter': {}}}}]}");
  torture_call(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'field_name': 'a.b', 'field_type': 'FieldTypeText', 'field_index_params':"
      "{'text_index_params': {'tokenizer': 'Word'}}}");
  torture_call(engine, "Points/DeleteFieldIndex", "{'collection_name': 'c', 'field_name': 'a[].b'}");
  torture_call(engine, "Points/CreateVectorName",
      "{'collection_name': 'c', 'vector_name': 'new', 'dense_config': {'size': 4, 'distance': 'Dot'}}");
  torture_call(engine, "Points/DeleteVectorName", "{'collection_name': 'c', 'vector_name': 'new'}");
  torture_call(engine, "Collections/Update",
      "{'collection_name': 'c', 'optimizers_config': {'deleted_threshold': 0.5}, 'params': {'payload': {}},"
      "'vectors_config': {'params_map': {'map': {'d': {'hnsw_config': {'m': 1}, 'quantization_config': {'binary':"
      "{}}}}}}, 'sparse_vectors_config': {'map': {'s': {'modifier': 'Idf'}}}, 'quantization_config': {'scalar': {}},"
      "'strict_mode_config': {'max_query_limit': 5}, 'metadata': {'a': 1}}");
  torture_call(engine, "Collections/Get", "{'collection_name': 'c'}");
  torture_call(engine, "Collections/UpdateAliases",
      "{'actions': [{'create_alias': {'collection_name': 'c', 'alias_name': 'a'}},"
      "{'rename_alias': {'old_alias_name': 'a', 'new_alias_name': 'b'}}]}");
  torture_call(engine, "Collections/ListAliases", "{}");
  torture_call(engine, "Collections/CollectionClusterInfo", "{'collection_name': 'c'}");
  assert_int_equal(count_matching(engine, "b", "{}"), 3);
}

static void test_strict_mode_out_of_memory_answers_so(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Create",
      "{'collection_name': 'c', 'strict_mode_config': {'enabled': true, 'unindexed_filtering_retrieve': false}}");
  ask_ok(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'field_name': 'a[].b', 'field_type': 'FieldTypeKeyword'}");
  torture_call(engine, "Points/Count",
      "{'collection_name': 'c', 'filter': {'must': [{'nested': {'key': 'a', 'filter': {'must': [{'is_empty': {'key':"
      "'b'}}]}}}]}}");
}

static void test_snapshots_out_of_memory_answer_so(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Create", QD_CREATE);
  ask_ok(engine, "Points/Upsert", QD_UPSERT);
  ask_ok(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'field_name': 'a', 'field_type': 'FieldTypeKeyword'}");
  ask_ok(engine, "Collections/UpdateAliases",
      "{'actions': [{'create_alias': {'collection_name': 'c', 'alias_name': 'a'}}]}");
  torture_call(engine, "Snapshots/CreateFull", "{}");
  torture_call(engine, "Snapshots/ListFull", "{}");
}

#define QD_NEAREST "'query': {'nearest': {'dense': {'data': [1, 1]}}}, 'using': 'd'"

/* Each kind of query over another, so that every part of a tree is made. */
static void test_query_tree_out_of_memory_answers_so(void **state) {
  asked_engine *engine = *state;
  ask_ok(engine, "Collections/Create", QD_CREATE);
  ask_ok(engine, "Points/Upsert", QD_UPSERT);
  torture_call(engine, "Points/Query",
      "{'collection_name': 'c', 'prefetch': [{'prefetch': [{" QD_NEAREST
      "}, {'query': {'sample': 'Random'}}], 'query': "
      "{'rrf': {'weights': [1, 2]}}, 'filter': {'should': [{'has_id': {'has_id': [1]}}], 'min_should': "
      "{'conditions': "
      "[{'is_empty': {'key': 'z'}}], 'min_count': 1}}}, {}], 'filter': {'must_not': [{'has_id': {'has_id': [9]}}], "
      "'min_should': {'conditions': [{'is_empty': {'key': 'z'}}], 'min_count': 1}}, 'query': {'formula': "
      "{'expression': "
      "{'sum': {'sum': [{'variable': '$score'}, {'div': {'left': {'variable': 'q'}, 'right': {'constant': 2}}}, "
      "{'condition': {'is_empty': {'key': 'z'}}}]}}, 'defaults': {'q': 1}}}}");
  torture_call(engine, "Points/Query",
      "{'collection_name': 'c', 'prefetch': [{" QD_NEAREST
      "}], 'using': 'd', 'query': {'nearest_with_mmr': {'nearest': "
      "{'id': 1}, 'mmr': {}}}, 'lookup_from': {'collection_name': 'c', 'vector_name': 'd'}}");
  torture_call(engine, "Points/Query",
      "{'collection_name': 'c', 'using': 's', 'query': {'recommend': {'positive': [{'id': 1}], 'negative': "
      "[{'sparse': "
      "{'indices': [9, 3], 'values': [1, 1]}}]}}}");
  torture_call(engine, "Points/Query",
      "{'collection_name': 'c', 'using': 'd', 'query': {'relevance_feedback': {'target': {'id': 1}, 'feedback': "
      "[{'example': {'id': 1}, 'score': 1}], 'strategy': {'naive': {}}}}}");
  ask_ok(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'c', 'wait': true, 'field_name': 'a', 'field_type': 'FieldTypeText', 'field_index_params': "
      "{'text_index_params': {'tokenizer': 'Word', 'scoring': {'type': 'Bm25'}, 'stemmer': {'snowball': {'language': "
      "'english'}}}}}");
  torture_call(engine, "Points/Query", "{'collection_name': 'c', 'using': 'a', 'query': {'text': {'query': 'y x'}}}");
  torture_call(engine, "Points/RecommendBatch",
      "{'collection_name': 'c', 'recommend_points': [{'collection_name': 'c', 'positive': [1], 'using': 'm', "
      "'limit': "
      "2}"
      ", {'collection_name': 'c', 'positive': [1], 'using': 'd', 'limit': 2, 'strategy': 'SumScores'}]}");
  torture_call(engine, "Points/Discover",
      "{'collection_name': 'c', 'target': {'single': {'id': 1}}, 'context': [{'positive': {'id': 1}, 'negative': "
      "{'vector': {'data': [1, 2]}}}], 'using': 'd', 'limit': 2}");
}

/* Creates a collection, fills it and drops it: all or nothing at each step. */
static qdrant_status create_fill_drop(void *user) {
  const ProtobufCMessage *const *requests = user;
  static const char *const rpcs[] = {"Collections/Create", "Points/Upsert", "Points/Delete", "Collections/Delete"};
  qd_engine *engine = qd_engine_new();
  qd_arena *arena = engine != NULL ? qd_arena_new(64) : NULL;
  qdrant_status status = arena != NULL ? QDRANT_OK : QDRANT_NO_MEMORY;
  ProtobufCMessage *reply;
  for (size_t i = 0; i < 4 && status == QDRANT_OK; i++)
    status = qd_engine_call(engine, rpc_named(rpcs[i]), requests[i], INT64_MAX, arena, &reply, NULL);
  qd_arena_free(arena);
  qd_engine_free(engine);
  return status;
}

static void test_writes_out_of_memory_answer_so(void **state) {
  (void)state;
  qd_arena *arena = qd_arena_new(0);
  assert_non_null(arena);
  const ProtobufCMessage *requests[] = {
      message_of(rpc_named("Collections/Create")->request, QD_CREATE, arena),
      message_of(rpc_named("Points/Upsert")->request, QD_UPSERT, arena),
      message_of(rpc_named("Points/Delete")->request, "{'collection_name': 'c', 'points': {'filter': {}}}", arena),
      message_of(rpc_named("Collections/Delete")->request, "{'collection_name': 'c'}", arena),
  };
  torture(create_fill_drop, requests);
  qd_arena_free(arena);
}

/* Fails the upsert of many points at each allocation in turn and looks at what is stored after each. */
static void test_upsert_out_of_memory_leaves_the_collection_as_it_was(void **state) {
  asked_engine *engine = *state;
  qd_arena *arena = qd_arena_new(0);
  const qd_rpc *rpc = rpc_named("Points/Upsert");
  const ProtobufCMessage *request = message_of(rpc->request, QD_UPSERT, arena);
  ask_ok(engine, "Collections/Create", QD_CREATE);
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [{'id': 1, 'payload': {'old': true}, 'vectors': {'vectors': {}}}]}");
  qdrant_status status = QDRANT_NO_MEMORY;
  for (size_t n_allowed = 0; status != QDRANT_OK; n_allowed++) {
    ProtobufCMessage *reply;
    qd_arena *call_arena = qd_arena_new(64);
    torture_start(n_allowed, 1);
    status = qd_engine_call(engine->engine, rpc, request, INT64_MAX, call_arena, &reply, NULL);
    size_t n_failed = torture_stop();
    qd_arena_free(call_arena);
    assert_int_equal(status, n_failed > 0 ? QDRANT_NO_MEMORY : QDRANT_OK);
    if (status != QDRANT_OK)
      assert_answer(engine, "Points/Scroll", "{'collection_name': 'c', 'with_vectors': {'enable': true}}",
          "{'result': [{'id': 1, 'payload': {'old': true}, 'vectors': {'vectors': {}}}]}");
  }
  assert_int_equal(count_matching(engine, "c", "{}"), 2);
  qd_arena_free(arena);
}

static qdrant_status open_and_close(void *user) {
  (void)user;
  qd_transport transport;
  qdrant_error err = {0};
  qdrant_status status = qd_memory_open(2, NULL, &transport, &err);
  if (status == QDRANT_OK)
    transport.ops->close(transport.self, INT64_MAX, 0);
  return status;
}

static void test_memory_open_out_of_memory_answers_so(void **state) {
  (void)state;
  torture(open_and_close, NULL);
}

#define QD_TEST(name) cmocka_unit_test_setup_teardown(name, asked_engine_setup, asked_engine_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_TEST(test_reads_out_of_memory_answer_so),
      QD_TEST(test_lists_and_groups_out_of_memory_answer_so),
      QD_TEST(test_query_tree_out_of_memory_answers_so),
      QD_TEST(test_writes_out_of_memory_answer_so),
      QD_TEST(test_writes_and_settings_out_of_memory_answer_so),
      QD_TEST(test_strict_mode_out_of_memory_answers_so),
      QD_TEST(test_snapshots_out_of_memory_answer_so),
      QD_TEST(test_upsert_out_of_memory_leaves_the_collection_as_it_was),
      cmocka_unit_test(test_memory_open_out_of_memory_answers_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
