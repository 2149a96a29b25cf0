#include "core/alloc.h"
#include "qdrant/build.h"
#include "qdrant/search.h"
#include "tests/support/fake_transport.h"
#include "tests/support/torture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define N_QUERIES 10
#define DIM 2

/* Ten queries whose first float is their number. The fake answers query q with q % 3 hits, numbered from 100 * q. */
typedef struct fixture {
  fake_transport *fake;
  qdrant_client *client;
  qdrant_error err;
  float values[N_QUERIES * DIM];
  qdrant_vector_column column;
  qdrant_query_batch queries;
  qdrant_hits *hits;
} fixture;

static Qdrant__ScoredPoint *make_hit(qdrant_arena *arena, size_t query, size_t i) {
  char json[64];
  Qdrant__ScoredPoint *point = QDRANT_NEW(arena, scored_point);
  Qdrant__PointStruct *payload = QDRANT_NEW(arena, point_struct);
  int n = snprintf(json, sizeof json, "{\"query\":%zu,\"rank\":%zu}", query, i);
  assert_int_equal(qdrant_point_payload_json(arena, payload, json, (size_t)n, NULL), QDRANT_OK);
  for (size_t j = 0; j < payload->n_payload; j++) {
    Qdrant__ScoredPoint__PayloadEntry *entry = QDRANT_NEW(arena, scored_point__payload_entry);
    entry->has_key = 1;
    entry->key = payload->payload[j]->key;
    entry->value = payload->payload[j]->value;
    QDRANT_APPEND(arena, point, payload, entry);
  }
  point->id = qdrant_point_id_num(arena, 100 * query + i);
  QDRANT_SET(point, score, (float)query + (float)i / 4);
  return point;
}

static uint8_t *pack(const ProtobufCMessage *message, size_t *n_bytes) {
  *n_bytes = protobuf_c_message_get_packed_size(message);
  uint8_t *bytes = qd_alloc(*n_bytes + 1);
  if (bytes != NULL)
    protobuf_c_message_pack(message, bytes);
  return bytes;
}

static uint8_t *answer_queries(void *user, const qd_call *call, size_t *n_bytes) {
  (void)user;
  assert_int_equal(call->rpc->id, QDRANT_RPC_POINTS_QUERY_BATCH);
  Qdrant__QueryBatchPoints *request = (Qdrant__QueryBatchPoints *)protobuf_c_message_unpack(
      &qdrant__query_batch_points__descriptor, NULL, call->request.body->n_bytes, call->request.body->bytes);
  assert_non_null(request);
  assert_string_equal(request->collection_name, "words");
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__QueryBatchResponse *reply = QDRANT_NEW(arena, query_batch_response);
  for (size_t i = 0; i < request->n_query_points; i++) {
    size_t query = (size_t)request->query_points[i]->query->nearest->dense->data[0];
    Qdrant__BatchResult *result = QDRANT_NEW(arena, batch_result);
    for (size_t j = 0; j < query % 3; j++)
      QDRANT_APPEND(arena, result, result, make_hit(arena, query, j));
    QDRANT_APPEND(arena, reply, result, result);
  }
  uint8_t *bytes = pack(&reply->base, n_bytes);
  qdrant_arena_free(arena);
  protobuf_c_message_free_unpacked(&request->base, NULL);
  return bytes;
}

static void open_fixture(fixture *f, int runs_in_caller) {
  *f = (fixture){.fake = fake_new(), .queries = QDRANT_QUERY_BATCH_INIT};
  f->client = fake_client(f->fake, NULL, runs_in_caller);
  fake_on_answer(f->fake, answer_queries, f);
  for (size_t i = 0; i < N_QUERIES; i++)
    f->values[i * DIM] = (float)i;
  f->column = (qdrant_vector_column){.dim = DIM, .values = f->values};
  f->queries.n_queries = N_QUERIES;
  f->queries.vectors = &f->column;
}

static void close_fixture(fixture *f) {
  qdrant_client_close(f->client);
  qdrant_hits_free(f->hits); /* hits outlive their client */
  fake_free(f->fake);
}

static qdrant_status search(fixture *f) {
  return qdrant_search(f->client, "words", &f->queries, NULL, &f->hits, &f->err);
}

/* Hits of query q are as the fake makes them. */
static void assert_query(fixture *f, size_t query) {
  size_t first = 0, n = 0;
  qdrant_point_id id;
  const char *json = NULL;
  char expected[64];
  assert_int_equal(qdrant_hits_query(f->hits, query, &first, &n, &f->err), QDRANT_OK);
  assert_int_equal(n, query % 3);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(qdrant_hits_nums(f->hits)[first + i], 100 * query + i);
    assert_true(qdrant_hits_scores(f->hits)[first + i] == (float)query + (float)i / 4);
    assert_int_equal(qdrant_hits_id(f->hits, first + i, &id, NULL), QDRANT_OK);
    assert_int_equal(id.num, 100 * query + i);
    assert_false(id.is_uuid);
    snprintf(expected, sizeof expected, "{\"query\":%zu,\"rank\":%zu}", query, i);
    assert_int_equal(qdrant_hits_payload_json(f->hits, first + i, &json, NULL, NULL), QDRANT_OK);
    assert_string_equal(json, expected);
  }
}

static void test_search_one_call_hits_read(void **state) {
  (void)state;
  fixture f;
  for (int runs_in_caller = 0; runs_in_caller < 2; runs_in_caller++) {
    open_fixture(&f, runs_in_caller);
    assert_int_equal(search(&f), QDRANT_OK);
    assert_int_equal(fake_n_requests(f.fake), 1);
    assert_int_equal(qdrant_hits_n_queries(f.hits), N_QUERIES);
    assert_int_equal(qdrant_hits_count(f.hits), 9);
    for (size_t i = 0; i < N_QUERIES; i++)
      assert_query(&f, i);
    close_fixture(&f);
  }
}

static void test_search_in_parts_order_kept(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.delay_ms = 20}, {.delay_ms = 10}, {.delay_ms = 0}, {.delay_ms = 5}};
  open_fixture(&f, 0);
  fake_script(f.fake, steps, N(steps));
  f.queries.batch_size = 3;
  assert_int_equal(search(&f), QDRANT_OK);
  assert_int_equal(fake_n_requests(f.fake), 4);
  assert_int_equal(qdrant_hits_count(f.hits), 9);
  for (size_t i = 0; i < N_QUERIES; i++)
    assert_query(&f, i);
  close_fixture(&f);
}

static void test_search_rows_from_the_middle_only_those(void **state) {
  (void)state;
  fixture f;
  size_t first = 0, n = 0;
  open_fixture(&f, 0);
  f.queries.first = 5;
  f.queries.n_queries = 4;
  f.queries.batch_size = 2;
  assert_int_equal(search(&f), QDRANT_OK);
  assert_int_equal(qdrant_hits_n_queries(f.hits), 4);
  assert_int_equal(qdrant_hits_query(f.hits, 0, &first, &n, NULL), QDRANT_OK);
  assert_int_equal(n, 2);
  assert_int_equal(qdrant_hits_nums(f.hits)[first], 500);
  close_fixture(&f);
}

static void test_search_parts_in_flight_limit_kept(void **state) {
  (void)state;
  fixture f;
  fake_step slow[10];
  for (size_t i = 0; i < N(slow); i++)
    slow[i] = (fake_step){.delay_ms = 5};
  open_fixture(&f, 0);
  fake_script(f.fake, slow, N(slow));
  f.queries.batch_size = 1;
  f.queries.max_parts_in_flight = 3;
  assert_int_equal(search(&f), QDRANT_OK);
  assert_int_equal(fake_most_at_once(f.fake), 3);
  close_fixture(&f);
}

static void test_search_second_part_fails_others_answered(void **state) {
  (void)state;
  fixture f;
  size_t first = 0, n = 0;
  fake_step internal = {.status = QDRANT_INTERNAL, .delivery = QDRANT_ANSWERED};
  fake_step steps[] = {{.status = QDRANT_OK}, internal, internal}; /* such a read is made once more */
  open_fixture(&f, 0);
  fake_script(f.fake, steps, N(steps));
  f.queries.batch_size = 4;
  f.queries.max_parts_in_flight = 1;
  assert_int_equal(search(&f), QDRANT_INTERNAL);
  assert_string_equal(f.err.message, "scripted INTERNAL");
  assert_non_null(f.hits);
  assert_int_equal(qdrant_hits_n_queries(f.hits), N_QUERIES);
  for (size_t i = 0; i < N_QUERIES; i++) {
    if (i < 4 || i >= 8) {
      assert_query(&f, i);
      continue;
    }
    assert_int_equal(qdrant_hits_query(f.hits, i, &first, &n, &f.err), QDRANT_INTERNAL);
    assert_int_equal(n, 0);
  }
  close_fixture(&f);
}

static void test_search_all_parts_fail_no_hits(void **state) {
  (void)state;
  fixture f;
  fake_step steps[4];
  for (size_t i = 0; i < N(steps); i++)
    steps[i] = (fake_step){.status = QDRANT_NOT_FOUND, .delivery = QDRANT_ANSWERED};
  open_fixture(&f, 0);
  fake_script(f.fake, steps, N(steps));
  f.queries.batch_size = 3;
  assert_int_equal(search(&f), QDRANT_NOT_FOUND);
  assert_null(f.hits);
  close_fixture(&f);
}

static uint8_t *answer_too_little(void *user, const qd_call *call, size_t *n_bytes) {
  (void)user;
  (void)call;
  Qdrant__QueryBatchResponse reply = QDRANT__QUERY_BATCH_RESPONSE__INIT;
  return pack(&reply.base, n_bytes);
}

static void test_search_answers_fewer_than_queries_bad_reply(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 0);
  fake_on_answer(f.fake, answer_too_little, NULL);
  assert_int_equal(search(&f), QDRANT_BAD_REPLY);
  assert_non_null(strstr(f.err.message, "the answer to 10 queries has 0 results"));
  assert_null(f.hits);
  close_fixture(&f);
}

static void test_search_bad_float_in_last_part_nothing_sent(void **state) {
  (void)state;
  fixture f;
  for (uint32_t batch_size = 0; batch_size <= 3; batch_size += 3) {
    open_fixture(&f, 0);
    f.queries.batch_size = batch_size;
    f.values[9 * DIM + 1] = INFINITY;
    assert_int_equal(search(&f), QDRANT_INVALID_ARGUMENT);
    assert_non_null(strstr(f.err.message, "query 9"));
    assert_int_equal(fake_n_requests(f.fake), 0);
    close_fixture(&f);
  }
}

static void test_search_bad_arguments_named(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 0);
  assert_int_equal(qdrant_search(NULL, "c", &f.queries, NULL, &f.hits, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(f.err.message, "client is NULL");
  assert_int_equal(qdrant_search(f.client, "c", NULL, NULL, &f.hits, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(f.err.message, "queries is NULL");
  assert_int_equal(qdrant_search(f.client, "c", &f.queries, NULL, NULL, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(f.err.message, "hits is NULL");
  f.queries.n_queries = 0;
  assert_int_equal(search(&f), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(fake_n_requests(f.fake), 0);
  close_fixture(&f);
}

static void keep_reply(void *user, qdrant_reply *reply, const qdrant_error *err) {
  assert_int_equal(err->status, QDRANT_OK);
  *(qdrant_reply **)user = reply;
}

static void test_search_start_reply_taken_as_hits(void **state) {
  (void)state;
  fixture f;
  qdrant_reply *reply = NULL;
  qdrant_then then = {.done = keep_reply, .user = &reply};
  open_fixture(&f, 0);
  f.queries.batch_size = 1; /* does not apply */
  assert_int_equal(qdrant_search_start(f.client, "words", &f.queries, NULL, &then, &f.err), QDRANT_OK);
  qdrant_client_close(f.client);
  f.client = NULL;
  assert_int_equal(fake_n_requests(f.fake), 1);
  assert_int_equal(qdrant_hits_take(&reply, &f.hits, &f.err), QDRANT_OK);
  assert_null(reply);
  for (size_t i = 0; i < N_QUERIES; i++)
    assert_query(&f, i);
  assert_int_equal(qdrant_hits_take(&reply, &f.hits, &f.err), QDRANT_INVALID_ARGUMENT);
  close_fixture(&f);
}

static qdrant_status search_parts(void *user) {
  fixture *f = user;
  qdrant_hits_free(f->hits);
  f->hits = NULL;
  qdrant_status status = search(f);
  size_t n_answered = 0, first, n;
  for (size_t i = 0; i < qdrant_hits_n_queries(f->hits); i++)
    n_answered += qdrant_hits_query(f->hits, i, &first, &n, NULL) == QDRANT_OK;
  assert_true((status == QDRANT_OK) == (n_answered == N_QUERIES));
  return status;
}

/* A fixed reply, so that only the library's own allocations fail. */
static uint8_t *answer_two_empty(void *user, const qd_call *call, size_t *n_bytes) {
  (void)user;
  (void)call;
  static const uint8_t two_results[] = {0x0a, 0x00, 0x0a, 0x00};
  *n_bytes = sizeof two_results;
  return (uint8_t *)memcpy(malloc(sizeof two_results), two_results, sizeof two_results);
}

static void test_search_allocations_fail_no_memory(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 1);
  fake_on_answer(f.fake, answer_two_empty, NULL);
  f.queries.batch_size = 2;
  f.queries.max_parts_in_flight = 1;
  torture(search_parts, &f);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_search_one_call_hits_read),
      cmocka_unit_test(test_search_in_parts_order_kept),
      cmocka_unit_test(test_search_rows_from_the_middle_only_those),
      cmocka_unit_test(test_search_parts_in_flight_limit_kept),
      cmocka_unit_test(test_search_second_part_fails_others_answered),
      cmocka_unit_test(test_search_all_parts_fail_no_hits),
      cmocka_unit_test(test_search_answers_fewer_than_queries_bad_reply),
      cmocka_unit_test(test_search_bad_float_in_last_part_nothing_sent),
      cmocka_unit_test(test_search_bad_arguments_named),
      cmocka_unit_test(test_search_start_reply_taken_as_hits),
      cmocka_unit_test(test_search_allocations_fail_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
