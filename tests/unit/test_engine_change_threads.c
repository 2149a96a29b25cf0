#include "core/arena.h"
#include "core/rpc.h"
#include "memory/engine.h"
#include "tests/support/asked_engine.h"
#include "tests/support/message_text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Settings, names of vectors, aliases, payloads and snapshots change while others read: every call is answered as if it
 * were alone. TSan and ASan look at what the assertions cannot. */

enum { N_ROUNDS = 40, MAX_CALLS = 8 };

typedef struct step {
  const char *rpc;
  const char *request;
} step;

/* What one thread does, again and again. The name "n" comes and goes, so that calls that need it may be refused. */
typedef struct worker {
  step steps[MAX_CALLS];
  int may_be_refused;
  pthread_t thread;
  qd_engine *engine;
  const ProtobufCMessage *requests[MAX_CALLS];
  size_t n_failed;
} worker;

static void *work(void *user) {
  worker *of = user;
  qd_arena *arena = qd_arena_new(0);
  for (size_t round = 0; round < N_ROUNDS; round++)
    for (size_t i = 0; i < MAX_CALLS && of->steps[i].rpc != NULL; i++) {
      ProtobufCMessage *reply;
      qdrant_status status =
          qd_engine_call(of->engine, rpc_named(of->steps[i].rpc), of->requests[i], INT64_MAX, arena, &reply, NULL);
      of->n_failed += status != QDRANT_OK && !(of->may_be_refused && status == QDRANT_INVALID_ARGUMENT);
      qd_arena_reset(arena);
    }
  qd_arena_free(arena);
  return NULL;
}

static worker workers[] = {
    {.steps = {{"Points/CreateVectorName",
                   "{'collection_name': 'c', 'vector_name': 'n', 'dense_config': {'size': 2, 'distance': 'Cosine'}}"},
         {"Collections/Update",
             "{'collection_name': 'c', 'hnsw_config': {'m': 3}, 'sparse_vectors_config': {'map': {'s':"
             "{'modifier': 'Idf'}}}}"},
         {"Points/DeleteVectorName", "{'collection_name': 'c', 'vector_name': 'n'}"},
         {"Collections/Update",
             "{'collection_name': 'c', 'sparse_vectors_config': {'map': {'s': {'modifier': 'None'}}}}"}}},
    {.steps = {{"Points/SetPayload",
                   "{'collection_name': 'a', 'payload': {'k': {'x': [1]}}, 'points_selector': {'filter': {}}}"},
         {"Points/CreateFieldIndex", "{'collection_name': 'c', 'field_name': 'k', 'field_type': 'FieldTypeInteger'}"},
         {"Points/DeletePayload", "{'collection_name': 'c', 'keys': ['k.x'], 'points_selector': {'filter': {}}}"},
         {"Points/DeleteFieldIndex", "{'collection_name': 'c', 'field_name': 'k'}"}}},
    {.may_be_refused = 1,
        .steps = {{"Points/UpdateVectors",
                      "{'collection_name': 'c', 'wait': true, 'points': [{'id': 1, 'vectors': {'vectors': {'vectors':"
                      "{'n': {'dense': {'data': [1, 2]}}, 's': {'sparse': {'indices': [1], 'values': [2]}}}}}}]}"},
            {"Points/Upsert",
                "{'collection_name': 'a', 'wait': true, 'points': [{'id': 2, 'vectors': {'vectors': {'vectors':"
                "{'n': {'dense': {'data': [3, 4]}}}}}}]}"},
            {"Points/Query",
                "{'collection_name': 'a', 'using': 'n', 'query': {'nearest': {'dense': {'data': [1, 1]}}}}"}}},
    {.steps = {{"Collections/Get", "{'collection_name': 'c'}"},
         {"Points/Scroll", "{'collection_name': 'a', 'with_vectors': {'enable': true}}"},
         {"Points/Query", "{'collection_name': 'c', 'using': 's', 'query': {'nearest': {'sparse': {'indices': [1], "
                          "'values': [1]}}}}"},
         {"Collections/CollectionClusterInfo", "{'collection_name': 'a'}"}, {"Collections/ListAliases", "{}"}}},
    {.steps = {{"Snapshots/Create", "{'collection_name': 'c'}"},
         {"Collections/UpdateAliases", "{'actions': [{'create_alias': {'collection_name': 'c', 'alias_name': 'b'}},"
                                       "{'rename_alias': {'old_alias_name': 'b', 'new_alias_name': 'd'}}]}"},
         {"Snapshots/List", "{'collection_name': 'd'}"}}},
};

enum { N_WORKERS = sizeof workers / sizeof workers[0] };

static void test_changes_from_many_threads_disturb_no_reader(void **state) {
  asked_engine *engine = *state;
  qd_arena *arena = qd_arena_new(0);
  assert_non_null(arena);
  ask_ok(engine, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params_map': {}}, 'sparse_vectors_config': {'map': {'s': {}}}}");
  ask_ok(engine, "Points/Upsert",
      "{'collection_name': 'c', 'points': [{'id': 1, 'vectors': {'vectors': {}}}, {'id': 2, 'vectors': {'vectors':"
      "{}}}]}");
  ask_ok(engine, "Collections/UpdateAliases",
      "{'actions': [{'create_alias': {'collection_name': 'c', 'alias_name': 'a'}}]}");
  for (size_t i = 0; i < N_WORKERS; i++) {
    worker *of = &workers[i];
    of->engine = engine->engine;
    for (size_t j = 0; j < MAX_CALLS && of->steps[j].rpc != NULL; j++)
      of->requests[j] = message_of(rpc_named(of->steps[j].rpc)->request, of->steps[j].request, arena);
  }
  for (size_t i = 0; i < N_WORKERS; i++)
    assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
  for (size_t i = 0; i < N_WORKERS; i++)
    pthread_join(workers[i].thread, NULL);
  for (size_t i = 0; i < N_WORKERS; i++)
    assert_int_equal(workers[i].n_failed, 0);
  assert_answer(engine, "Collections/ListCollectionAliases", "{'collection_name': 'c'}",
      "{'aliases': [{'alias_name': 'a', 'collection_name': 'c'}, {'alias_name': 'd', 'collection_name': 'c'}]}");
  assert_int_equal(count_matching(engine, "a", "{}"), 2);
  qd_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(
          test_changes_from_many_threads_disturb_no_reader, asked_engine_setup, asked_engine_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
