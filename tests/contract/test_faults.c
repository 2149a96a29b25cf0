/* The client over gRPC, then over REST, against a server that fails on purpose. */
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/mock.h"
#include "qdrant/search.h"
#include "qdrant/upsert.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define N_POINTS 8
#define DIM 2

typedef struct world {
  qdrant_mock *mock;
  qdrant_client *client;
  qdrant_error err;
  uint64_t ids[N_POINTS];
  float values[N_POINTS * DIM];
  qdrant_vector_column column;
  qdrant_point_batch batch;
  qdrant_upsert_result result;
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

static void create(world *w) {
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__CreateCollection *request = qdrant_create_dense(arena, "stars", DIM, QDRANT__DISTANCE__Dot);
  assert_int_equal(qdrant_collections_create(w->client, request, NULL, &reply, &w->err), QDRANT_OK);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
}

static void open_world(world *w) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  *w = (world){.batch = QDRANT_POINT_BATCH_INIT, .result = QDRANT_UPSERT_RESULT_INIT};
  assert_int_equal(qdrant_mock_start(NULL, &w->mock, &w->err), QDRANT_OK);
  options.url = qdrant_mock_url(w->mock);
  options.rest_port = qdrant_mock_rest_port(w->mock);
  options.prefer_grpc = prefer_grpc;
  options.max_connections = 2;
  options.close_timeout_ms = -1;
  assert_int_equal(qdrant_client_open(&options, &w->client, &w->err), QDRANT_OK);
  for (size_t i = 0; i < N_POINTS; i++) {
    w->ids[i] = i;
    w->values[i * DIM] = (float)i;
  }
  w->column = (qdrant_vector_column){.dim = DIM, .values = w->values};
  w->batch.n_points = N_POINTS;
  w->batch.ids = w->ids;
  w->batch.vectors = &w->column;
  w->batch.n_vectors = 1;
  create(w);
}

static void close_world(world *w) {
  qdrant_client_close(w->client);
  qdrant_mock_stop(w->mock);
}

static void add_fault(world *w, const char *rpc, qdrant_fault_kind kind, int32_t count, qdrant_status status) {
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.rpc = rpc;
  fault.kind = kind;
  fault.count = count;
  fault.status = status;
  fault.message = "on purpose";
  assert_int_equal(qdrant_mock_add_fault(w->mock, &fault, &w->err), QDRANT_OK);
}

static qdrant_status upsert(world *w, const qdrant_upsert_options *options, const qdrant_call_options *call_options) {
  return qdrant_upsert(w->client, "stars", &w->batch, options, call_options, &w->result, &w->err);
}

static qdrant_status count(world *w, const qdrant_call_options *options, uint64_t *n) {
  qdrant_reply *reply = NULL;
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  request.collection_name = (char *)"stars";
  QDRANT_SET(&request, exact, 1);
  qdrant_status status = qdrant_points_count(w->client, &request, options, &reply, &w->err);
  if (status == QDRANT_OK)
    *n = qdrant_points_count_response(reply, NULL)->result->count;
  qdrant_reply_free(reply);
  return status;
}

static void test_upsert_unavailable_twice_stored_at_the_third(void **state) {
  (void)state;
  world w;
  uint64_t n = 0;
  open_world(&w);
  add_fault(&w, "Points/Upsert", QDRANT_FAULT_STATUS, 2, QDRANT_UNAVAILABLE);
  assert_int_equal(upsert(&w, NULL, NULL), QDRANT_OK);
  assert_int_equal(w.result.n_done, N_POINTS);
  assert_int_equal(w.result.n_attempts, 3);
  assert_int_equal(count(&w, NULL, &n), QDRANT_OK);
  assert_int_equal(n, N_POINTS);
  close_world(&w);
}

static void test_upsert_answer_lost_sent_again_same_points(void **state) {
  (void)state;
  world w;
  uint64_t n = 0;
  open_world(&w);
  add_fault(&w, "Points/Upsert", QDRANT_FAULT_APPLY_THEN_DROP, 1, QDRANT_OK);
  assert_int_equal(upsert(&w, NULL, NULL), QDRANT_OK);
  assert_true(w.result.n_attempts > 1);
  assert_int_equal(count(&w, NULL, &n), QDRANT_OK);
  assert_int_equal(n, N_POINTS);
  close_world(&w);
}

static void test_upsert_answer_lost_no_retries_maybe_done(void **state) {
  (void)state;
  world w;
  uint64_t n = 0;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.max_retries = -1;
  open_world(&w);
  add_fault(&w, "Points/Upsert", QDRANT_FAULT_APPLY_THEN_DROP, 1, QDRANT_OK);
  assert_int_equal(upsert(&w, NULL, &options), QDRANT_UNAVAILABLE);
  assert_int_equal(w.err.delivery, QDRANT_MAYBE);
  assert_int_equal(w.result.n_maybe, N_POINTS);
  assert_int_equal(count(&w, NULL, &n), QDRANT_OK);
  assert_int_equal(n, N_POINTS); /* and it was */
  close_world(&w);
}

static void test_drop_collection_answer_lost_read_back_not_sent_again(void **state) {
  (void)state;
  world w;
  qdrant_reply *reply = NULL;
  Qdrant__DeleteCollection request = QDRANT__DELETE_COLLECTION__INIT;
  open_world(&w);
  add_fault(&w, "Collections/Delete", QDRANT_FAULT_APPLY_THEN_DROP, 1, QDRANT_OK);
  request.collection_name = (char *)"stars";
  assert_int_equal(qdrant_collections_delete(w.client, &request, NULL, &reply, &w.err), QDRANT_OK);
  assert_true(qdrant_collections_delete_response(reply, NULL)->result);
  assert_int_equal(qdrant_reply_attempts(reply), 1);
  qdrant_reply_free(reply);
  assert_int_equal(qdrant_mock_count_calls(w.mock, "Collections/Delete"), 1);
  close_world(&w);
}

static void test_upsert_third_part_fails_account_exact(void **state) {
  (void)state;
  world w;
  uint64_t n = 0;
  qdrant_upsert_options options = QDRANT_UPSERT_OPTIONS_INIT;
  options.max_points = 2;
  options.max_parts_in_flight = 1;
  open_world(&w);
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.rpc = "Points/Upsert";
  fault.kind = QDRANT_FAULT_STATUS;
  fault.skip = 2;
  fault.status = QDRANT_INTERNAL;
  fault.message = "disk full on purpose";
  assert_int_equal(qdrant_mock_add_fault(w.mock, &fault, &w.err), QDRANT_OK);
  assert_int_equal(upsert(&w, &options, NULL), QDRANT_INTERNAL);
  assert_non_null(strstr(w.err.message, "disk full on purpose"));
  assert_int_equal(w.result.n_done, 4);
  assert_int_equal(w.result.n_refused, 2);
  assert_int_equal(w.result.n_not_sent, 2);
  assert_int_equal(w.result.first_not_done, 4);
  assert_int_equal(count(&w, NULL, &n), QDRANT_OK);
  assert_int_equal(n, 4);
  close_world(&w);
}

static void test_search_third_part_fails_other_queries_answered(void **state) {
  (void)state;
  world w;
  qdrant_hits *hits = NULL;
  open_world(&w);
  assert_int_equal(upsert(&w, NULL, NULL), QDRANT_OK);
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.rpc = "Points/QueryBatch";
  fault.count = 2; /* a read that meets an internal error is made once more */
  fault.skip = 2;
  fault.status = QDRANT_INTERNAL;
  fault.message = "no segment on purpose";
  assert_int_equal(qdrant_mock_add_fault(w.mock, &fault, &w.err), QDRANT_OK);
  qdrant_query_batch queries = QDRANT_QUERY_BATCH_INIT;
  queries.vectors = &w.column;
  queries.n_queries = N_POINTS;
  queries.batch_size = 2;
  queries.max_parts_in_flight = 1;
  assert_int_equal(qdrant_search(w.client, "stars", &queries, NULL, &hits, &w.err), QDRANT_INTERNAL);
  assert_non_null(hits);
  assert_int_equal(qdrant_hits_n_queries(hits), N_POINTS);
  for (size_t q = 0; q < N_POINTS; q++) {
    size_t first = 0, n = 0;
    int is_in_third_part = q == 4 || q == 5;
    qdrant_status status = qdrant_hits_query(hits, q, &first, &n, &w.err);
    assert_int_equal(status, is_in_third_part ? QDRANT_INTERNAL : QDRANT_OK);
    assert_int_equal(n, is_in_third_part ? 0 : N_POINTS);
    if (is_in_third_part)
      assert_non_null(strstr(w.err.message, "no segment on purpose"));
  }
  qdrant_hits_free(hits);
  close_world(&w);
}

static void test_rate_limit_waited_out(void **state) {
  (void)state;
  world w;
  uint64_t n = 0;
  open_world(&w);
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.rpc = "Points/Count";
  fault.kind = QDRANT_FAULT_STATUS;
  fault.status = QDRANT_RESOURCE_EXHAUSTED;
  fault.message = "Rate limiting exceeded";
  fault.retry_after_s = 1;
  assert_int_equal(qdrant_mock_add_fault(w.mock, &fault, &w.err), QDRANT_OK);
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.timeout_ms = 500; /* shorter than the wish: fails at once with the server's words */
  assert_int_equal(count(&w, &options, &n), QDRANT_RESOURCE_EXHAUSTED);
  assert_int_equal(w.err.retry_after_ms, 1000);
  assert_int_equal(w.err.n_attempts, 1);
  assert_int_equal(qdrant_mock_add_fault(w.mock, &fault, &w.err), QDRANT_OK);
  assert_int_equal(count(&w, NULL, &n), QDRANT_OK);
  assert_int_equal(qdrant_mock_count_calls(w.mock, "Points/Count"), 3);
  close_world(&w);
}

static void test_server_stalls_deadline_holds(void **state) {
  (void)state;
  world w;
  uint64_t n = 0;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.timeout_ms = 100;
  open_world(&w);
  add_fault(&w, "Points/Count", QDRANT_FAULT_STALL, -1, QDRANT_OK);
  assert_int_equal(count(&w, &options, &n), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(w.err.delivery, QDRANT_MAYBE);
  close_world(&w);
}

/* Fires once the server has the call. */
typedef struct firing {
  world *w;
  qdrant_cancel *cancel;
} firing;

static void *fire(void *user) {
  firing *job = user;
  while (qdrant_mock_count_calls(job->w->mock, "Points/Count") == 0)
    usleep(1000);
  qdrant_cancel_fire(job->cancel);
  return NULL;
}

static void test_server_stalls_cancelled_from_another_thread(void **state) {
  (void)state;
  world w;
  pthread_t thread;
  uint64_t n = 0;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.timeout_ms = -1;
  options.cancel = qdrant_cancel_new();
  open_world(&w);
  firing job = {&w, options.cancel};
  add_fault(&w, "Points/Count", QDRANT_FAULT_STALL, -1, QDRANT_OK);
  assert_int_equal(pthread_create(&thread, NULL, fire, &job), 0);
  assert_int_equal(count(&w, &options, &n), QDRANT_CANCELLED);
  assert_int_equal(w.err.delivery, QDRANT_MAYBE);
  pthread_join(thread, NULL);
  qdrant_cancel_free(options.cancel);
  close_world(&w);
}

static void note_end(void *user, qdrant_reply *reply, const qdrant_error *err) {
  qdrant_status *status = user;
  *status = err->status;
  qdrant_reply_free(reply);
}

static void test_close_with_stalled_calls_each_ends(void **state) {
  (void)state;
  world w;
  qdrant_status statuses[5] = {0};
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  request.collection_name = (char *)"stars";
  open_world(&w);
  add_fault(&w, "Points/Count", QDRANT_FAULT_STALL, -1, QDRANT_OK);
  for (size_t i = 0; i < 5; i++) {
    qdrant_then then = {.done = note_end, .user = &statuses[i]};
    assert_int_equal(qdrant_points_count_start(w.client, &request, NULL, &then, &w.err), QDRANT_OK);
  }
  qdrant_client_close(w.client);
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(statuses[i], QDRANT_CANCELLED);
  qdrant_mock_stop(w.mock);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_upsert_unavailable_twice_stored_at_the_third),
      cmocka_unit_test(test_upsert_answer_lost_sent_again_same_points),
      cmocka_unit_test(test_upsert_answer_lost_no_retries_maybe_done),
      cmocka_unit_test(test_drop_collection_answer_lost_read_back_not_sent_again),
      cmocka_unit_test(test_upsert_third_part_fails_account_exact),
      cmocka_unit_test(test_search_third_part_fails_other_queries_answered),
      cmocka_unit_test(test_rate_limit_waited_out),
      cmocka_unit_test(test_server_stalls_deadline_holds),
      cmocka_unit_test(test_server_stalls_cancelled_from_another_thread),
      cmocka_unit_test(test_close_with_stalled_calls_each_ends),
  };
  int n_failed = cmocka_run_group_tests_name("gRPC", tests, use_grpc, NULL);
  return n_failed + cmocka_run_group_tests_name("REST", tests, use_rest, NULL);
}
