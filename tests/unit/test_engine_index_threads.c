#include "memory/engine.h"

#include "core/arena.h"
#include "core/rpc.h"
#include "memory/stemmer.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/asked_engine.h"
#include "tests/support/message_text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Readers that go by indexes while these come and go, and words cut by more threads than there are cutters. */

enum { N_THREADS = 7, N_ROUNDS = 50, N_POINTS = 300 };

typedef struct worker {
  pthread_t thread;
  qd_engine *engine;
  qd_stemmer *stemmer;
  size_t n_failed;
} worker;

static qdrant_status call(worker *of, const char *rpc, const char *request, qd_arena *arena, ProtobufCMessage **reply) {
  const qd_rpc *row = rpc_named(rpc);
  qdrant_error err = {0};
  qd_arena_reset(arena);
  const ProtobufCMessage *message = message_of(row->request, request, arena);
  return qd_engine_call(of->engine, row, message, INT64_MAX, arena, reply, &err);
}

#define QD_WORDS "'filter': {'must': [{'field': {'key': 't', 'match': {'text': 'RUNNING'}}}]}"

/* With the index all points have the word, without it none has those letters. */
static void *read_by_index(void *user) {
  worker *of = user;
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *reply;
  for (size_t round = 0; round < N_ROUNDS; round++) {
    of->n_failed +=
        call(of, "Points/Count", "{'collection_name': 'c', 'exact': true, " QD_WORDS "}", arena, &reply) != QDRANT_OK;
    uint64_t count = reply != NULL ? ((const Qdrant__CountResponse *)reply)->result->count : 1;
    of->n_failed += count != 0 && count != N_POINTS;
    qdrant_status status = call(of, "Points/Facet", "{'collection_name': 'c', 'key': 'n'}", arena, &reply);
    of->n_failed += status != QDRANT_OK && status != QDRANT_INVALID_ARGUMENT;
    status = call(of, "Points/Scroll",
        "{'collection_name': 'c', 'order_by': {'key': 'n'}, 'with_payload': {'enable': false}}", arena, &reply);
    of->n_failed += status != QDRANT_OK && status != QDRANT_INVALID_ARGUMENT;
  }
  qd_arena_free(arena);
  return NULL;
}

static void *change_indexes(void *user) {
  worker *of = user;
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *reply;
  static const char *const requests[][2] = {
      {"Points/CreateFieldIndex", "{'collection_name': 'c', 'wait': true, 'field_name': 't', 'field_type': "
                                  "'FieldTypeText', 'field_index_params': {'text_index_params': {'tokenizer': 'Word',"
                                  "'stemmer': {'snowball': {'language': 'english'}}}}}"},
      {"Points/CreateFieldIndex", "{'collection_name': 'c', 'wait': true, 'field_name': 'n', 'field_type': "
                                  "'FieldTypeInteger'}"},
      {"Points/DeleteFieldIndex", "{'collection_name': 'c', 'wait': true, 'field_name': 't'}"},
      {"Points/DeleteFieldIndex", "{'collection_name': 'c', 'wait': true, 'field_name': 'n'}"},
  };
  for (size_t i = 0; i < N_ROUNDS * 4; i++)
    of->n_failed += call(of, requests[i % 4][0], requests[i % 4][1], arena, &reply) != QDRANT_OK;
  qd_arena_free(arena);
  return NULL;
}

static void *cut_words(void *user) {
  worker *of = user;
  for (size_t i = 0; i < 2000; i++) {
    char word[] = "running";
    of->n_failed += qd_stemmer_cut(of->stemmer, word, strlen(word), sizeof word) != 3 || memcmp(word, "run", 3) != 0;
  }
  return NULL;
}

static void run_all(worker workers[N_THREADS], void *(*first)(void *), void *(*others)(void *)) {
  for (size_t i = 0; i < N_THREADS; i++)
    assert_int_equal(pthread_create(&workers[i].thread, NULL, i == 0 ? first : others, &workers[i]), 0);
  for (size_t i = 0; i < N_THREADS; i++)
    pthread_join(workers[i].thread, NULL);
  for (size_t i = 0; i < N_THREADS; i++)
    assert_int_equal(workers[i].n_failed, 0);
}

static void test_indexes_may_change_while_they_are_used(void **state) {
  asked_engine *engine = *state;
  worker workers[N_THREADS];
  char request[256];
  ask_ok(engine, "Collections/Create",
      "{'collection_name': 'c', 'vectors_config': {'params': {'size': 1, 'distance': 'Dot'}}}");
  for (int i = 0; i < N_POINTS; i++) {
    snprintf(request, sizeof request,
        "{'collection_name': 'c', 'points': [{'id': %d, 'payload': {'t': 'it runs', 'n': %d}, 'vectors': {'vector': "
        "{'dense': {'data': [1]}}}}]}",
        i, i % 7);
    ask_ok(engine, "Points/Upsert", request);
  }
  for (size_t i = 0; i < N_THREADS; i++)
    workers[i] = (worker){.engine = engine->engine};
  run_all(workers, change_indexes, read_by_index);
}

static void test_stemmer_serves_many_threads(void **state) {
  (void)state;
  qd_stemmer *stemmer;
  worker workers[N_THREADS];
  assert_int_equal(qd_stemmer_new("en", &stemmer, NULL), QDRANT_OK);
  for (size_t i = 0; i < N_THREADS; i++)
    workers[i] = (worker){.stemmer = stemmer};
  run_all(workers, cut_words, cut_words);
  qd_stemmer_free(stemmer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(
          test_indexes_may_change_while_they_are_used, asked_engine_setup, asked_engine_teardown),
      cmocka_unit_test(test_stemmer_serves_many_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
