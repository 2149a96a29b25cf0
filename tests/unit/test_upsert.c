#include "core/alloc.h"
#include "qdrant/pb/points.pb-c.h"
#include "qdrant/upsert.h"
#include "tests/support/fake_transport.h"
#include "tests/support/torture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define N_POINTS 10
#define DIM 4

/* Ten points of four floats, a client on a fake transport that takes every write. */
typedef struct fixture {
  fake_transport *fake;
  qdrant_client *client;
  qdrant_error err;
  uint64_t ids[N_POINTS];
  float values[N_POINTS * DIM];
  qdrant_vector_column column;
  qdrant_point_batch batch;
  qdrant_upsert_options options;
  qdrant_upsert_result result;
  Qdrant__UpdateStatus answer_status;
} fixture;

static uint8_t *answer_update(void *user, const qd_call *call, size_t *n_bytes) {
  fixture *f = user;
  static uint64_t operation_id;
  Qdrant__UpdateResult result = QDRANT__UPDATE_RESULT__INIT;
  Qdrant__PointsOperationResponse reply = QDRANT__POINTS_OPERATION_RESPONSE__INIT;
  (void)call;
  reply.result = &result;
  QDRANT_SET(&result, status, f->answer_status);
  QDRANT_SET(&result, operation_id, ++operation_id);
  *n_bytes = protobuf_c_message_get_packed_size(&reply.base);
  uint8_t *bytes = qd_alloc(*n_bytes);
  if (bytes != NULL)
    protobuf_c_message_pack(&reply.base, bytes);
  return bytes;
}

static void open_fixture(fixture *f, int runs_in_caller) {
  *f = (fixture){.fake = fake_new(),
      .batch = QDRANT_POINT_BATCH_INIT,
      .options = QDRANT_UPSERT_OPTIONS_INIT,
      .result = QDRANT_UPSERT_RESULT_INIT,
      .answer_status = QDRANT__UPDATE_STATUS__Completed};
  f->client = fake_client(f->fake, NULL, runs_in_caller);
  fake_on_answer(f->fake, answer_update, f);
  for (size_t i = 0; i < N_POINTS; i++) {
    f->ids[i] = 100 + i;
    for (size_t j = 0; j < DIM; j++)
      f->values[i * DIM + j] = (float)i + (float)j / 8;
  }
  f->column = (qdrant_vector_column){.dim = DIM, .values = f->values};
  f->batch.n_points = N_POINTS;
  f->batch.ids = f->ids;
  f->batch.vectors = &f->column;
  f->batch.n_vectors = 1;
}

static void close_fixture(fixture *f) {
  qdrant_client_close(f->client);
  fake_free(f->fake);
}

static qdrant_status upsert(fixture *f) {
  return qdrant_upsert(f->client, "words", &f->batch, &f->options, NULL, &f->result, &f->err);
}

static void assert_account(const fixture *f, uint64_t done, uint64_t maybe, uint64_t refused, uint64_t not_sent) {
  assert_int_equal(f->result.n_done, done);
  assert_int_equal(f->result.n_maybe, maybe);
  assert_int_equal(f->result.n_refused, refused);
  assert_int_equal(f->result.n_not_sent, not_sent);
  assert_int_equal(f->result.size, sizeof f->result);
}

/* The points of request i, as ids. */
static size_t read_ids(fixture *f, size_t i, uint64_t *ids) {
  const fake_request *request = fake_request_at(f->fake, i);
  assert_int_equal(request->rpc, QDRANT_RPC_POINTS_UPSERT);
  Qdrant__UpsertPoints *message = (Qdrant__UpsertPoints *)protobuf_c_message_unpack(
      &qdrant__upsert_points__descriptor, NULL, request->body->n_bytes, request->body->bytes);
  assert_non_null(message);
  assert_string_equal(message->collection_name, "words");
  assert_true(message->has_wait && message->wait);
  size_t n = message->n_points;
  for (size_t j = 0; j < n; j++)
    ids[j] = message->points[j]->id->num;
  protobuf_c_message_free_unpacked(&message->base, NULL);
  return n;
}

static void test_upsert_small_batch_one_call(void **state) {
  (void)state;
  fixture f;
  uint64_t ids[N_POINTS];
  for (int runs_in_caller = 0; runs_in_caller < 2; runs_in_caller++) {
    open_fixture(&f, runs_in_caller);
    assert_int_equal(upsert(&f), QDRANT_OK);
    assert_account(&f, 10, 0, 0, 0);
    assert_int_equal(f.result.first_not_done, 10);
    assert_int_equal(f.result.n_calls, 1);
    assert_int_equal(f.result.n_attempts, 1);
    assert_int_equal(f.result.status, QDRANT_UPDATE_COMPLETED);
    assert_true(f.result.operation_id > 0);
    assert_int_equal(f.result.request_bytes, fake_request_at(f.fake, 0)->body->n_bytes);
    assert_int_equal(fake_request_at(f.fake, 0)->server_timeout_s, 29);
    assert_int_equal(read_ids(&f, 0, ids), 10);
    assert_memory_equal(ids, f.ids, sizeof ids);
    close_fixture(&f);
  }
}

static void test_upsert_cut_by_points_all_sent_once(void **state) {
  (void)state;
  fixture f;
  uint64_t ids[N_POINTS];
  open_fixture(&f, 0);
  f.options.max_points = 3;
  assert_int_equal(upsert(&f), QDRANT_OK);
  assert_account(&f, 10, 0, 0, 0);
  assert_int_equal(f.result.n_calls, 4);
  size_t n = 0;
  for (size_t i = 0; i < 4; i++)
    n += read_ids(&f, i, ids + n);
  assert_int_equal(n, 10);
  assert_memory_equal(ids, f.ids, sizeof ids);
  close_fixture(&f);
}

static void test_upsert_cut_by_bytes_calls_stay_below(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 0);
  f.options.max_bytes = 80;
  assert_int_equal(upsert(&f), QDRANT_OK);
  assert_account(&f, 10, 0, 0, 0);
  assert_true(fake_n_requests(f.fake) > 1);
  for (size_t i = 0; i < fake_n_requests(f.fake); i++)
    assert_true(fake_request_at(f.fake, i)->body->n_bytes <= 80);
  close_fixture(&f);
}

static void test_upsert_parts_in_flight_limit_kept(void **state) {
  (void)state;
  fixture f;
  fake_step slow[10];
  for (size_t i = 0; i < N(slow); i++)
    slow[i] = (fake_step){.delay_ms = 5};
  const struct {
    uint32_t wanted;
    qdrant_toggle allow_duplicates;
    size_t most;
  } cases[] = {{0, QDRANT_OFF, 4}, {2, QDRANT_OFF, 2}, {1, QDRANT_OFF, 1}, {8, QDRANT_ON, 1}};
  for (size_t i = 0; i < N(cases); i++) {
    open_fixture(&f, 0);
    fake_script(f.fake, slow, N(slow));
    f.options.max_points = 1;
    f.options.max_parts_in_flight = cases[i].wanted;
    f.options.allow_duplicates = cases[i].allow_duplicates;
    assert_int_equal(upsert(&f), QDRANT_OK);
    assert_int_equal(fake_most_at_once(f.fake), cases[i].most);
    assert_account(&f, 10, 0, 0, 0);
    close_fixture(&f);
  }
}

static void test_upsert_second_part_refused_no_further_begun(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.status = QDRANT_OK}, {.status = QDRANT_INVALID_ARGUMENT, .delivery = QDRANT_ANSWERED}};
  open_fixture(&f, 0);
  fake_script(f.fake, steps, N(steps));
  f.options.max_points = 2;
  f.options.max_parts_in_flight = 1;
  assert_int_equal(upsert(&f), QDRANT_INVALID_ARGUMENT);
  assert_account(&f, 2, 0, 2, 6);
  assert_int_equal(f.result.first_not_done, 2);
  assert_int_equal(f.result.n_calls, 2);
  assert_int_equal(f.err.delivery, QDRANT_ANSWERED);
  assert_int_equal(fake_n_requests(f.fake), 2);
  close_fixture(&f);
}

static void test_upsert_lost_connection_points_maybe_done(void **state) {
  (void)state;
  fixture f;
  fake_step steps[3];
  for (size_t i = 0; i < N(steps); i++)
    steps[i] = (fake_step){.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE};
  open_fixture(&f, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(upsert(&f), QDRANT_UNAVAILABLE);
  assert_account(&f, 0, 10, 0, 0);
  assert_int_equal(f.result.first_not_done, 0);
  assert_int_equal(f.result.n_calls, 1);
  assert_int_equal(f.result.n_attempts, 3);
  close_fixture(&f);
}

static void test_upsert_lost_connection_once_sent_again(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE}};
  open_fixture(&f, 0);
  fake_script(f.fake, steps, N(steps));
  f.options.max_points = 5;
  assert_int_equal(upsert(&f), QDRANT_OK);
  assert_account(&f, 10, 0, 0, 0);
  assert_int_equal(f.result.n_calls, 2);
  assert_int_equal(f.result.n_attempts, 3);
  close_fixture(&f);
}

static void test_upsert_server_not_reached_nothing_sent(void **state) {
  (void)state;
  fixture f;
  fake_step steps[3];
  for (size_t i = 0; i < N(steps); i++)
    steps[i] = (fake_step){.kind = FAKE_REFUSE, .status = QDRANT_UNAVAILABLE};
  open_fixture(&f, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(upsert(&f), QDRANT_UNAVAILABLE);
  assert_account(&f, 0, 0, 0, 10);
  assert_int_equal(f.err.delivery, QDRANT_NOT_SENT);
  close_fixture(&f);
}

static void test_upsert_transport_hangs_points_maybe_done_rest_not_sent(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.status = QDRANT_OK}, {.kind = FAKE_HANG}};
  qdrant_call_options call_options = QDRANT_CALL_OPTIONS_INIT;
  call_options.timeout_ms = 50;
  open_fixture(&f, 0);
  fake_script(f.fake, steps, N(steps));
  f.options.max_points = 4;
  f.options.max_parts_in_flight = 1;
  assert_int_equal(qdrant_upsert(f.client, "words", &f.batch, &f.options, &call_options, &f.result, &f.err),
      QDRANT_DEADLINE_EXCEEDED);
  assert_account(&f, 4, 4, 0, 2);
  assert_int_equal(f.result.first_not_done, 4);
  close_fixture(&f);
}

static void test_upsert_bad_float_in_last_part_nothing_sent(void **state) {
  (void)state;
  fixture f;
  for (uint32_t max_points = 0; max_points <= 3; max_points += 3) {
    open_fixture(&f, 0);
    f.options.max_points = max_points;
    f.values[9 * DIM + 2] = NAN;
    assert_int_equal(upsert(&f), QDRANT_INVALID_ARGUMENT);
    assert_non_null(strstr(f.err.message, "point 9"));
    assert_account(&f, 0, 0, 0, 10);
    assert_int_equal(f.result.first_not_done, 0);
    assert_int_equal(fake_n_requests(f.fake), 0);
    close_fixture(&f);
  }
}

static void test_upsert_point_larger_than_a_call_nothing_sent(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 0);
  f.options.max_bytes = 20;
  assert_int_equal(upsert(&f), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(f.err.message, "point 0 alone needs a request larger than 20 bytes"));
  assert_account(&f, 0, 0, 0, 10);
  assert_int_equal(fake_n_requests(f.fake), 0);
  close_fixture(&f);
}

static void test_upsert_equal_ids_refused_unless_allowed(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 0);
  f.ids[7] = f.ids[3];
  assert_int_equal(upsert(&f), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(fake_n_requests(f.fake), 0);
  f.options.allow_duplicates = QDRANT_ON;
  assert_int_equal(upsert(&f), QDRANT_OK);
  close_fixture(&f);
}

static void test_upsert_answers_least_far_status_told(void **state) {
  (void)state;
  fixture f;
  const struct {
    Qdrant__UpdateStatus answer;
    qdrant_status status;
    qdrant_update_status told;
    uint64_t n_done, n_maybe, n_refused;
  } cases[] = {
      {QDRANT__UPDATE_STATUS__Acknowledged, QDRANT_OK, QDRANT_UPDATE_ACKNOWLEDGED, 10, 0, 0},
      {QDRANT__UPDATE_STATUS__WaitTimeout, QDRANT_OK, QDRANT_UPDATE_WAIT_TIMEOUT, 10, 0, 0},
      {QDRANT__UPDATE_STATUS__ClockRejected, QDRANT_ABORTED, QDRANT_UPDATE_UNKNOWN, 0, 0, 10},
      {QDRANT__UPDATE_STATUS__UnknownUpdateStatus, QDRANT_UNKNOWN, QDRANT_UPDATE_UNKNOWN, 0, 10, 0},
      {(Qdrant__UpdateStatus)77, QDRANT_UNKNOWN, QDRANT_UPDATE_UNKNOWN, 0, 10, 0},
  };
  for (size_t i = 0; i < N(cases); i++) {
    open_fixture(&f, 0);
    f.answer_status = cases[i].answer;
    assert_int_equal(upsert(&f), cases[i].status);
    assert_int_equal(f.result.status, cases[i].told);
    assert_account(&f, cases[i].n_done, cases[i].n_maybe, cases[i].n_refused, 0);
    close_fixture(&f);
  }
}

static void test_upsert_token_already_fired_nothing_sent(void **state) {
  (void)state;
  fixture f;
  qdrant_call_options call_options = QDRANT_CALL_OPTIONS_INIT;
  open_fixture(&f, 0);
  call_options.cancel = qdrant_cancel_new();
  qdrant_cancel_fire(call_options.cancel);
  f.options.max_points = 4;
  assert_int_equal(
      qdrant_upsert(f.client, "words", &f.batch, &f.options, &call_options, &f.result, &f.err), QDRANT_CANCELLED);
  assert_account(&f, 0, 0, 0, 10);
  assert_int_equal(fake_n_requests(f.fake), 0);
  qdrant_cancel_free(call_options.cancel);
  close_fixture(&f);
}

static void test_upsert_bad_arguments_named(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 0);
  assert_int_equal(qdrant_upsert(NULL, "c", &f.batch, NULL, NULL, &f.result, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(f.err.message, "client is NULL");
  assert_account(&f, 0, 0, 0, 10);
  assert_int_equal(qdrant_upsert(f.client, "c", NULL, NULL, NULL, NULL, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(f.err.message, "batch is NULL");
  assert_int_equal(qdrant_upsert(f.client, NULL, &f.batch, NULL, NULL, NULL, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_upsert(f.client, "", &f.batch, NULL, NULL, NULL, &f.err), QDRANT_INVALID_ARGUMENT);
  f.options.wait = (qdrant_toggle)9;
  assert_int_equal(upsert(&f), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(f.err.message, "wait is 9"));
  f.result.size = 0;
  assert_int_equal(upsert(&f), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(f.err.message, "result->size is 0"));
  assert_int_equal(fake_n_requests(f.fake), 0);
  close_fixture(&f);
}

static void keep_reply(void *user, qdrant_reply *reply, const qdrant_error *err) {
  assert_int_equal(err->status, QDRANT_OK);
  *(qdrant_reply **)user = reply;
}

static void test_upsert_start_one_call_reply_of_upsert(void **state) {
  (void)state;
  fixture f;
  qdrant_reply *reply = NULL;
  qdrant_then then = {.done = keep_reply, .user = &reply};
  open_fixture(&f, 0);
  assert_int_equal(qdrant_upsert_start(f.client, "words", &f.batch, NULL, NULL, &then, &f.err), QDRANT_OK);
  qdrant_client_close(f.client);
  assert_non_null(reply);
  assert_int_equal(qdrant_reply_rpc(reply), QDRANT_RPC_POINTS_UPSERT);
  qdrant_reply_free(reply);
  fake_free(f.fake);
}

static void test_upsert_start_too_many_points_refused_with_what_fits(void **state) {
  (void)state;
  fixture f;
  qdrant_reply *reply = NULL;
  qdrant_then then = {.done = keep_reply, .user = &reply};
  open_fixture(&f, 0);
  f.options.max_points = 4;
  assert_int_equal(
      qdrant_upsert_start(f.client, "words", &f.batch, &f.options, NULL, &then, &f.err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(f.err.message, "10 points, of which 4 fit"));
  assert_int_equal(fake_n_requests(f.fake), 0);
  close_fixture(&f);
}

static qdrant_status upsert_parts(void *user) {
  fixture *f = user;
  qdrant_status status = upsert(f);
  assert_int_equal(f->result.n_done + f->result.n_maybe + f->result.n_refused + f->result.n_not_sent, N_POINTS);
  assert_int_equal(f->err.delivery == QDRANT_MAYBE, f->result.n_maybe > 0);
  return status;
}

static void test_upsert_allocations_fail_account_exact(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 1);
  fake_on_answer(f.fake, answer_update, &f);
  for (uint32_t max_points = 0; max_points <= 5; max_points += 5) {
    f.options.max_points = max_points;
    f.options.max_parts_in_flight = 1;
    for (size_t n_allowed = 0; n_allowed < 12; n_allowed++) {
      torture_start(n_allowed, SIZE_MAX);
      upsert_parts(&f);
      torture_stop();
    }
  }
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_upsert_small_batch_one_call),
      cmocka_unit_test(test_upsert_cut_by_points_all_sent_once),
      cmocka_unit_test(test_upsert_cut_by_bytes_calls_stay_below),
      cmocka_unit_test(test_upsert_parts_in_flight_limit_kept),
      cmocka_unit_test(test_upsert_second_part_refused_no_further_begun),
      cmocka_unit_test(test_upsert_lost_connection_points_maybe_done),
      cmocka_unit_test(test_upsert_lost_connection_once_sent_again),
      cmocka_unit_test(test_upsert_server_not_reached_nothing_sent),
      cmocka_unit_test(test_upsert_transport_hangs_points_maybe_done_rest_not_sent),
      cmocka_unit_test(test_upsert_bad_float_in_last_part_nothing_sent),
      cmocka_unit_test(test_upsert_point_larger_than_a_call_nothing_sent),
      cmocka_unit_test(test_upsert_equal_ids_refused_unless_allowed),
      cmocka_unit_test(test_upsert_answers_least_far_status_told),
      cmocka_unit_test(test_upsert_token_already_fired_nothing_sent),
      cmocka_unit_test(test_upsert_bad_arguments_named),
      cmocka_unit_test(test_upsert_start_one_call_reply_of_upsert),
      cmocka_unit_test(test_upsert_start_too_many_points_refused_with_what_fits),
      cmocka_unit_test(test_upsert_allocations_fail_account_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
