#include "memory/engine.h"

#include "core/arena.h"
#include "core/rpc.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/asked_engine.h"
#include "tests/support/message_text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Writers, readers and one that creates and drops collections, all at once. TSan and ASan look at what the assertions
 * cannot. */

enum { N_WRITERS = 2, N_READERS = 3, N_ROUNDS = 60, POINTS_A_ROUND = 8 };

/* What a thread does; failures are counted, since cmocka's assertions belong to the main thread. */
typedef struct worker {
  pthread_t thread;
  qd_engine *engine;
  size_t number;
  size_t n_failed;
} worker;

static qdrant_status call(worker *of, const char *rpc, const char *request, qd_arena *arena, ProtobufCMessage **reply) {
  const qd_rpc *row = rpc_named(rpc);
  qdrant_error err = {0};
  qd_arena_reset(arena);
  const ProtobufCMessage *message = message_of(row->request, request, arena);
  return qd_engine_call(of->engine, row, message, INT64_MAX, arena, reply, &err);
}

/* All points of one upsert have the same value in every place, so that a torn write shows. */
static void *write_points(void *user) {
  worker *of = user;
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *reply;
  char request[2048];
  for (size_t round = 0; round < N_ROUNDS; round++) {
    size_t value = round % 9 + 1;
    int length = snprintf(request, sizeof request, "{'collection_name': 'c', 'wait': true, 'points': [");
    for (size_t i = 0; i < POINTS_A_ROUND; i++)
      length += snprintf(request + length, sizeof request - (size_t)length,
          "%s{'id': %zu, 'payload': {'v': %zu}, 'vectors': {'vector': {'dense': {'data': [%zu, %zu]}}}}",
          i > 0 ? "," : "", of->number * 1000 + round % 4 * 10 + i, value, value, value);
    snprintf(request + length, sizeof request - (size_t)length, "]}");
    of->n_failed += call(of, "Points/Upsert", request, arena, &reply) != QDRANT_OK;
    snprintf(request, sizeof request, "{'collection_name': 'c', 'points': {'points': {'ids': [%zu]}}}",
        of->number * 1000 + round % 4 * 10);
    of->n_failed += call(of, "Points/Delete", request, arena, &reply) != QDRANT_OK;
  }
  qd_arena_free(arena);
  return NULL;
}

static int is_whole(const Qdrant__ScoredPoint *point) {
  const Qdrant__DenseVector *dense = point->vectors->vector->dense;
  return point->n_payload == 1 && dense->n_data == 2 && dense->data[0] == dense->data[1] &&
         dense->data[0] == (float)point->payload[0]->value->integer_value && point->score == 2 * dense->data[0];
}

/* Both score a point by twice the value that is everywhere in it: by its vector, and by its payload after two looks at
 * its vector. */
static const char *const queries[] = {"{'collection_name': 'c', 'query': {'nearest': {'dense': {'data': [1, 1]}}}, "
                                      "'limit': 50, 'with_payload': {'enable': "
                                      "true}, 'with_vectors': {'enable': true}}",
    "{'collection_name': 'c', 'prefetch': [{'prefetch': [{'query': {'nearest': {'dense': {'data': [1, 1]}}}}, "
    "{'query': "
    "{'context': {'pairs': [{'positive': {'dense': {'data': [1, 0]}}, 'negative': {'dense': {'data': [0, 1]}}}]}}}], "
    "'query': {'fusion': 'RRF'}, 'limit': 50}, {'query': {'sample': 'Random'}}], 'query': {'formula': {'expression': "
    "{'mult': {'mult': [{'constant': 2}, {'variable': 'v'}]}}}}, 'limit': 50, 'with_payload': {'enable': true}, "
    "'with_vectors': {'enable': true}}"};

static void query_points(worker *of, const char *request, qd_arena *arena) {
  ProtobufCMessage *reply = NULL;
  of->n_failed += call(of, "Points/Query", request, arena, &reply) != QDRANT_OK;
  const Qdrant__QueryResponse *found = (const Qdrant__QueryResponse *)reply;
  for (size_t i = 0; found != NULL && i < found->n_result; i++)
    of->n_failed += !is_whole(found->result[i]);
}

static void *read_points(void *user) {
  worker *of = user;
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *reply;
  for (size_t round = 0; round < N_ROUNDS; round++) {
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
      query_points(of, queries[i], arena);
    of->n_failed += call(of, "Points/Scroll", "{'collection_name': 'c'}", arena, &reply) != QDRANT_OK;
    of->n_failed += call(of, "Collections/Get", "{'collection_name': 'c'}", arena, &reply) != QDRANT_OK;
    /* The collection comes and goes: an answer or NOT_FOUND, but no crash. */
    qdrant_status status = call(of, "Points/Count", "{'collection_name': 'brief'}", arena, &reply);
    of->n_failed += status != QDRANT_OK && status != QDRANT_NOT_FOUND;
  }
  qd_arena_free(arena);
  return NULL;
}

static void *create_and_drop(void *user) {
  worker *of = user;
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *reply;
  for (size_t round = 0; round < N_ROUNDS; round++) {
    of->n_failed += call(of, "Collections/Create",
                        "{'collection_name': 'brief', 'vectors_config': {'params': {'size': 1, 'distance': 'Dot'}}}",
                        arena, &reply) != QDRANT_OK;
    of->n_failed += call(of, "Points/Upsert",
                        "{'collection_name': 'brief', 'points': [{'id': 1, 'vectors': {'vector': {'data': [1]}}}]}",
                        arena, &reply) != QDRANT_OK;
    of->n_failed += call(of, "Collections/List", "{}", arena, &reply) != QDRANT_OK;
    of->n_failed += call(of, "Collections/Delete", "{'collection_name': 'brief'}", arena, &reply) != QDRANT_OK;
  }
  qd_arena_free(arena);
  return NULL;
}

static void test_calls_from_many_threads_see_whole_points(void **state) {
  asked_engine *engine = *state;
  worker workers[N_WRITERS + N_READERS + 1];
  size_t n = sizeof workers / sizeof workers[0];
  ask_ok(engine, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params': {'size': 2, 'distance': 'Dot'}}}");
  for (size_t i = 0; i < n; i++) {
    void *(*run)(void *) = i < N_WRITERS ? write_points : i + 1 < n ? read_points : create_and_drop;
    workers[i] = (worker){.engine = engine->engine, .number = i};
    assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
  }
  for (size_t i = 0; i < n; i++)
    pthread_join(workers[i].thread, NULL);
  for (size_t i = 0; i < n; i++)
    assert_int_equal(workers[i].n_failed, 0);
  assert_int_equal(count_matching(engine, "c", "{}"), N_WRITERS * 4 * (POINTS_A_ROUND - 1));
}

enum { N_POINTS = 200, N_QUERIES = 64, MAX_BYTES = 64 * 1024 };

/* Every second point has the word, all have the index. */
static void fill_words(asked_engine *engine, char *request) {
  ask_ok(engine, "Collections/Create",
      "{'collection_name': 'w', 'vectors_config': {'params_map': {}}, 'sparse_vectors_config': {'map': {'s': {}}}}");
  ask_ok(engine, "Points/CreateFieldIndex",
      "{'collection_name': 'w', 'wait': true, 'field_name': 't', 'field_type': 'FieldTypeText', 'field_index_params': {"
      "'text_index_params': {'tokenizer': 'Word', 'stemmer': {'snowball': {'language': 'english'}}}}}");
  int length = snprintf(request, MAX_BYTES, "{'collection_name': 'w', 'points': [");
  for (size_t i = 0; i < N_POINTS; i++)
    length += snprintf(request + length, MAX_BYTES - (size_t)length,
        "%s{'id': %zu, 'payload': {'t': '%s words'}, 'vectors': {'vectors': {'vectors': {'s': {'sparse': {'values': "
        "[1],"
        "'indices': [7]}}}}}}",
        i > 0 ? "," : "", i, i % 2 == 0 ? "running" : "standing");
  snprintf(request + length, MAX_BYTES - (size_t)length, "]}");
  ask_ok(engine, "Points/Upsert", request);
}

static void make_batch(char *request) {
  int length = snprintf(request, MAX_BYTES, "{'collection_name': 'w', 'query_points': [");
  for (size_t i = 0; i < N_QUERIES; i++)
    length += snprintf(request + length, MAX_BYTES - (size_t)length,
        "%s{'collection_name': 'w', 'using': 's', 'limit': %d, 'query': {'nearest': {'sparse': {'values': [1],"
        "'indices': [7]}}}, 'filter': {'must': [{'field': {'key': 't', 'match': {'text': 'runs'}}}]}}",
        i > 0 ? "," : "", N_POINTS);
  snprintf(request + length, MAX_BYTES - (size_t)length, "]}");
}

/* So many comparisons that the engine's helpers take a part; they look at the same filters at the same time. */
static void test_batch_with_filters_shared_by_threads_finds_all(void **state) {
  static char request[MAX_BYTES];
  ProtobufCMessage *reply;
  worker self = {.engine = ((asked_engine *)*state)->engine};
  qd_arena *arena = qd_arena_new(0);
  fill_words(*state, request);
  make_batch(request);
  assert_int_equal(call(&self, "Points/QueryBatch", request, arena, &reply), QDRANT_OK);
  const Qdrant__QueryBatchResponse *found = (const Qdrant__QueryBatchResponse *)reply;
  assert_int_equal(found->n_result, N_QUERIES);
  for (size_t i = 0; i < N_QUERIES; i++)
    assert_int_equal(found->result[i]->n_result, N_POINTS / 2);
  qd_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(
          test_calls_from_many_threads_see_whole_points, asked_engine_setup, asked_engine_teardown),
      cmocka_unit_test_setup_teardown(
          test_batch_with_filters_shared_by_threads_finds_all, asked_engine_setup, asked_engine_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
