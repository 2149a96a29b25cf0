#include "core/alloc.h"
#include "core/deadline.h"
#include "qdrant/calls.h"
#include "tests/support/ends.h"
#include "tests/support/fake_transport.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* A fake and a client on it, for one test. */
typedef struct fixture {
  fake_transport *fake;
  qdrant_client *client;
  qdrant_error err;
  qdrant_reply *reply;
} fixture;

static void open_fixture(fixture *f, const qdrant_options *options, int runs_in_caller) {
  *f = (fixture){.fake = fake_new()};
  f->client = fake_client(f->fake, options, runs_in_caller);
}

static void close_fixture(fixture *f) {
  qdrant_reply_free(f->reply);
  qdrant_client_close(f->client);
  fake_free(f->fake);
}

static uint8_t *answer_version(void *user, const qd_call *call, size_t *n_bytes) {
  (void)call;
  Qdrant__HealthCheckReply reply = QDRANT__HEALTH_CHECK_REPLY__INIT;
  reply.title = (char *)"fake";
  reply.version = user;
  *n_bytes = protobuf_c_message_get_packed_size(&reply.base);
  uint8_t *bytes = qd_alloc(*n_bytes);
  protobuf_c_message_pack(&reply.base, bytes);
  return bytes;
}

static qdrant_status check_health(fixture *f, const qdrant_call_options *options) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply_free(f->reply);
  return qdrant_health_check(f->client, &request, options, &f->reply, &f->err);
}

static void check_answer(fixture *f, int runs_in_caller) {
  open_fixture(f, NULL, runs_in_caller);
  fake_on_answer(f->fake, answer_version, (char *)"1.20.0");
  for (int i = 0; i < 4; i++) { /* replies come in one piece and in several */
    assert_int_equal(check_health(f, NULL), QDRANT_OK);
    const Qdrant__HealthCheckReply *message = qdrant_health_check_response(f->reply, &f->err);
    assert_non_null(message);
    assert_string_equal(message->version, "1.20.0");
    assert_int_equal(qdrant_reply_attempts(f->reply), 1);
    assert_int_equal(qdrant_reply_rpc(f->reply), QDRANT_RPC_HEALTH_CHECK);
  }
  close_fixture(f);
}

static void test_call_transport_with_start_answered(void **state) {
  (void)state;
  fixture f;
  check_answer(&f, 0);
}

static void test_call_transport_with_run_answered(void **state) {
  (void)state;
  fixture f;
  check_answer(&f, 1);
}

static void test_call_done_before_start_returns_answered(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.kind = FAKE_INSIDE}};
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  close_fixture(&f);
}

static void test_call_reply_outlives_client(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL, 0);
  fake_on_answer(f.fake, answer_version, (char *)"1.2.3");
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  qdrant_client_close(f.client);
  const Qdrant__HealthCheckReply *message = qdrant_health_check_response(f.reply, NULL);
  assert_string_equal(message->version, "1.2.3");
  qdrant_reply_free(f.reply);
  fake_free(f.fake);
}

static void test_call_read_failing_twice_answered_at_the_third(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {
      {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE},
      {.kind = FAKE_REFUSE, .status = QDRANT_UNAVAILABLE},
      {.status = QDRANT_OK},
  };
  for (int runs_in_caller = 0; runs_in_caller < 2; runs_in_caller++) {
    qdrant_stats stats = QDRANT_STATS_INIT;
    open_fixture(&f, NULL, runs_in_caller);
    fake_script(f.fake, steps, N(steps));
    assert_int_equal(check_health(&f, NULL), QDRANT_OK);
    assert_int_equal(qdrant_reply_attempts(f.reply), 3);
    assert_int_equal(qdrant_client_stats(f.client, &stats, NULL), QDRANT_OK);
    assert_int_equal(stats.n_calls, 3);
    assert_int_equal(stats.n_failed, 2);
    assert_int_equal(stats.n_retries, 2);
    assert_int_equal(stats.n_calls_in_flight, 0);
    assert_string_equal(stats.transport, "fake");
    close_fixture(&f);
  }
}

static void test_call_read_failing_always_last_error_told(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {
      {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE},
      {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_NOT_SENT},
      {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_NOT_SENT},
      {.status = QDRANT_OK},
  };
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(check_health(&f, NULL), QDRANT_UNAVAILABLE);
  assert_null(f.reply);
  assert_int_equal(f.err.status, QDRANT_UNAVAILABLE);
  assert_int_equal(f.err.n_attempts, 3);
  assert_int_equal(f.err.delivery, QDRANT_MAYBE); /* the first attempt may have been carried out */
  assert_true(f.err.is_retryable);
  assert_string_equal(f.err.message, "scripted UNAVAILABLE");
  close_fixture(&f);
}

static void test_call_no_retries_wanted_one_attempt(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.status = QDRANT_UNAVAILABLE}};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.max_retries = -1;
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(check_health(&f, &options), QDRANT_UNAVAILABLE);
  assert_int_equal(fake_n_requests(f.fake), 1);
  close_fixture(&f);
}

static void test_call_made_once_maybe_done_not_repeated(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE}};
  Qdrant__CreateSnapshotRequest request = QDRANT__CREATE_SNAPSHOT_REQUEST__INIT;
  request.collection_name = (char *)"c";
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(qdrant_snapshots_create(f.client, &request, NULL, &f.reply, &f.err), QDRANT_UNAVAILABLE);
  assert_int_equal(fake_n_requests(f.fake), 1);
  assert_int_equal(f.err.delivery, QDRANT_MAYBE);
  close_fixture(&f);
}

static void test_call_retry_after_longer_than_time_left_fails_at_once(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {
      {.status = QDRANT_RESOURCE_EXHAUSTED, .delivery = QDRANT_ANSWERED, .retry_after_ms = 3600000},
  };
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(check_health(&f, NULL), QDRANT_RESOURCE_EXHAUSTED);
  assert_int_equal(f.err.retry_after_ms, 3600000);
  assert_int_equal(f.err.n_attempts, 1);
  close_fixture(&f);
}

static void test_call_transport_hangs_caller_goes_on_at_deadline(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.kind = FAKE_HANG}};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.timeout_ms = 20;
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(check_health(&f, &options), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(f.err.delivery, QDRANT_MAYBE);
  assert_int_equal(f.err.n_attempts, 1);
  close_fixture(&f); /* the transport ends the call now; nothing is left behind */
}

static void test_call_server_timeout_whole_seconds_left(void **state) {
  (void)state;
  fixture f;
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  request.collection_name = (char *)"c";
  open_fixture(&f, NULL, 0);
  options.timeout_ms = 5500;
  assert_int_equal(qdrant_points_count(f.client, &request, &options, &f.reply, &f.err), QDRANT_OK);
  assert_int_equal(fake_request_at(f.fake, 0)->server_timeout_s, 5);
  qdrant_reply_free(f.reply);
  options.timeout_ms = 999;
  assert_int_equal(qdrant_points_count(f.client, &request, &options, &f.reply, &f.err), QDRANT_OK);
  assert_int_equal(fake_request_at(f.fake, 1)->server_timeout_s, 0);
  qdrant_reply_free(f.reply);
  options.timeout_ms = 5500;
  QDRANT_SET(&request, timeout, 60);
  assert_int_equal(qdrant_points_count(f.client, &request, &options, &f.reply, &f.err), QDRANT_OK);
  assert_int_equal(fake_request_at(f.fake, 2)->server_timeout_s, 0); /* the user's own stays */
  close_fixture(&f);
}

static void test_call_rpc_without_timeout_field_none_sent(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL, 0);
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  assert_int_equal(fake_request_at(f.fake, 0)->server_timeout_s, 0);
  close_fixture(&f);
}

static void test_call_headers_reach_the_transport(void **state) {
  (void)state;
  fixture f;
  qdrant_header header = {"x-trace", "7"};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.headers = &header;
  options.n_headers = 1;
  open_fixture(&f, NULL, 0);
  assert_int_equal(check_health(&f, &options), QDRANT_OK);
  assert_int_equal(fake_request_at(f.fake, 0)->n_headers, 1);
  assert_string_equal(fake_request_at(f.fake, 0)->header, "x-trace: 7");
  close_fixture(&f);
}

static uint8_t *answer_garbage(void *user, const qd_call *call, size_t *n_bytes) {
  (void)user;
  (void)call;
  uint8_t *bytes = qd_alloc(2);
  bytes[0] = 0x0a;
  bytes[1] = 0x7f; /* a text of 127 bytes that are not there */
  *n_bytes = 2;
  return bytes;
}

static void test_call_unreadable_reply_bad_reply_maybe_done(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL, 0);
  fake_on_answer(f.fake, answer_garbage, NULL);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(check_health(&f, NULL), QDRANT_BAD_REPLY);
    assert_null(f.reply);
    assert_int_equal(f.err.delivery, QDRANT_MAYBE);
    assert_non_null(strstr(f.err.message, "Qdrant/HealthCheck"));
  }
  close_fixture(&f);
}

static void assert_invalid(fixture *f, qdrant_status status, const char *part) {
  assert_int_equal(status, QDRANT_INVALID_ARGUMENT);
  if (strstr(f->err.message, part) == NULL)
    fail_msg("expected \"%s\" in: %s", part, f->err.message);
  assert_int_equal(f->err.delivery, QDRANT_NOT_SENT);
  assert_int_equal(fake_n_requests(f->fake), 0);
}

static void ignore_done(void *user, qdrant_reply *reply, const qdrant_error *err) {
  (void)user;
  (void)err;
  qdrant_reply_free(reply);
}

static void test_call_bad_arguments_named(void **state) {
  (void)state;
  fixture f;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  Qdrant__CountPoints count = QDRANT__COUNT_POINTS__INIT;
  qdrant_then then = {.done = ignore_done};
  qdrant_call_options options = {0};
  open_fixture(&f, NULL, 0);
  assert_invalid(&f, qdrant_health_check(NULL, &request, NULL, &f.reply, &f.err), "client is NULL");
  assert_invalid(&f, qdrant_health_check(f.client, NULL, NULL, &f.reply, &f.err), "request is NULL");
  assert_invalid(&f, qdrant_health_check(f.client, &request, NULL, NULL, &f.err), "reply is NULL");
  assert_invalid(&f, qdrant_health_check(f.client, &request, &options, &f.reply, &f.err), "size is 0");
  assert_invalid(&f, qdrant_call(f.client, QDRANT_N_RPCS, &request.base, NULL, &f.reply, &f.err), "rpc 51");
  assert_invalid(&f, qdrant_call(f.client, QDRANT_RPC_HEALTH_CHECK, &count.base, NULL, &f.reply, &f.err),
      "takes a qdrant.HealthCheckRequest; request is qdrant.CountPoints");
  assert_invalid(&f, qdrant_health_check_start(f.client, &request, NULL, NULL, &f.err), "exactly one");
  then.queue = (qdrant_cq *)&f;
  assert_invalid(&f, qdrant_health_check_start(f.client, &request, NULL, &then, &f.err), "exactly one");
  count.collection_name = (char *)"bad \xff utf-8";
  assert_invalid(&f, qdrant_points_count(f.client, &count, NULL, &f.reply, &f.err), "Points/Count");
  options = (qdrant_call_options)QDRANT_CALL_OPTIONS_INIT;
  options.checks = (qdrant_toggle)3;
  assert_invalid(&f, qdrant_health_check(f.client, &request, &options, &f.reply, &f.err), "checks is 3");
  close_fixture(&f);
}

static void check_unchecked(int runs_in_caller) {
  fixture f;
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  open_fixture(&f, NULL, runs_in_caller);
  assert_invalid(&f, qdrant_points_count(f.client, &request, &options, &f.reply, &f.err), "name is empty");
  assert_int_equal(fake_n_requests(f.fake), 0);
  options.checks = QDRANT_OFF;
  assert_int_equal(qdrant_points_count(f.client, &request, &options, &f.reply, &f.err), QDRANT_OK);
  assert_int_equal(fake_n_requests(f.fake), 1);
  close_fixture(&f);
}

static void test_call_without_checks_leaves_them_to_the_server(void **state) {
  (void)state;
  check_unchecked(0);
  check_unchecked(1);
}

static void test_response_of_another_rpc_refused(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL, 0);
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  assert_null(qdrant_points_count_response(f.reply, &f.err));
  assert_int_equal(f.err.status, QDRANT_INVALID_ARGUMENT);
  assert_string_equal(f.err.message, "the reply answers Qdrant/HealthCheck, not Points/Count");
  assert_null(qdrant_points_count_response(NULL, &f.err));
  close_fixture(&f);
}

static qdrant_status start_health(fixture *f, const qdrant_call_options *options, ends *e) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_then then = {.done = ends_count, .user = e};
  return qdrant_health_check_start(f->client, &request, options, &then, &f->err);
}

static void test_call_start_each_ends_once(void **state) {
  (void)state;
  fixture f;
  ends e;
  fake_step steps[] = {{.kind = FAKE_INSIDE}, {.delay_ms = 5}, {.kind = FAKE_ANSWER},
      {.status = QDRANT_NOT_FOUND, .delivery = QDRANT_ANSWERED}};
  ends_init(&e);
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  for (int i = 0; i < 100; i++)
    assert_int_equal(start_health(&f, NULL, &e), QDRANT_OK);
  ends_wait(&e, 100);
  assert_int_equal(e.n_ok, 99);
  close_fixture(&f);
  assert_int_equal(e.n, 100);
}

static void test_call_start_failing_twice_retried_on_the_timer(void **state) {
  (void)state;
  fixture f;
  ends e;
  fake_step steps[] = {
      {.kind = FAKE_REFUSE, .status = QDRANT_UNAVAILABLE},
      {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_MAYBE},
  };
  ends_init(&e);
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(start_health(&f, NULL, &e), QDRANT_OK);
  ends_wait(&e, 1);
  assert_int_equal(e.n_ok, 1);
  assert_int_equal(e.last.status, QDRANT_OK);
  assert_int_equal(e.last_attempts, 3);
  close_fixture(&f);
}

static void test_call_start_refused_not_taken(void **state) {
  (void)state;
  fixture f;
  ends e;
  fake_step steps[] = {{.kind = FAKE_REFUSE, .status = QDRANT_INVALID_ARGUMENT}};
  ends_init(&e);
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(start_health(&f, NULL, &e), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(f.err.n_attempts, 1);
  close_fixture(&f);
  assert_int_equal(e.n, 0);
}

static void test_call_start_beyond_limit_again_until_one_ends(void **state) {
  (void)state;
  fixture f;
  ends e;
  fake_step steps[] = {{.kind = FAKE_STALL}, {.delay_ms = 1}};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_stats stats = QDRANT_STATS_INIT;
  options.max_calls_in_flight = 2;
  ends_init(&e);
  open_fixture(&f, &options, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(start_health(&f, NULL, &e), QDRANT_OK);
  assert_int_equal(start_health(&f, NULL, &e), QDRANT_OK);
  ends_wait(&e, 1);
  fake_script(f.fake, steps, 1);
  assert_int_equal(start_health(&f, NULL, &e), QDRANT_OK);
  assert_int_equal(start_health(&f, NULL, &e), QDRANT_AGAIN);
  assert_non_null(strstr(f.err.message, "max_calls_in_flight 2"));
  assert_int_equal(qdrant_client_stats(f.client, &stats, NULL), QDRANT_OK);
  assert_int_equal(stats.n_calls_in_flight, 2);
  close_fixture(&f);
  assert_int_equal(e.n, 3);
}

static void test_call_blocking_beyond_limit_waits_until_deadline(void **state) {
  (void)state;
  fixture f;
  ends e;
  fake_step steps[] = {{.kind = FAKE_STALL}};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_call_options call_options = QDRANT_CALL_OPTIONS_INIT;
  options.max_calls_in_flight = 1;
  call_options.timeout_ms = 20;
  ends_init(&e);
  open_fixture(&f, &options, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(start_health(&f, NULL, &e), QDRANT_OK);
  assert_int_equal(check_health(&f, &call_options), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(f.err.delivery, QDRANT_NOT_SENT);
  assert_int_equal(f.err.n_attempts, 0);
  assert_int_equal(fake_n_requests(f.fake), 1);
  close_fixture(&f);
}

static void test_call_blocking_beyond_limit_goes_on_when_one_ends(void **state) {
  (void)state;
  fixture f;
  ends e;
  fake_step steps[] = {{.delay_ms = 30}};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.max_bytes_in_flight = 1; /* one request at a time: each is larger */
  ends_init(&e);
  open_fixture(&f, &options, 0);
  fake_script(f.fake, steps, N(steps));
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  request.collection_name = (char *)"c";
  qdrant_then then = {.done = ends_count, .user = &e};
  assert_int_equal(qdrant_points_count_start(f.client, &request, NULL, &then, &f.err), QDRANT_OK);
  assert_int_equal(qdrant_points_count(f.client, &request, NULL, &f.reply, &f.err), QDRANT_OK);
  assert_int_equal(fake_most_at_once(f.fake), 1);
  close_fixture(&f);
}

typedef struct nested {
  fixture *f;
  qdrant_status blocking;
  qdrant_status started;
  ends *e;
} nested;

static void call_inside(void *user, qdrant_reply *reply, const qdrant_error *err) {
  nested *n = user;
  qdrant_reply *inner = NULL;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_then then = {.done = ends_count, .user = n->e};
  (void)err;
  qdrant_reply_free(reply);
  n->blocking = qdrant_health_check(n->f->client, &request, NULL, &inner, NULL);
  n->started = qdrant_health_check_start(n->f->client, &request, NULL, &then, NULL);
}

static void test_call_inside_callback_only_started_ones_taken(void **state) {
  (void)state;
  fixture f;
  ends e;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.max_calls_in_flight = 1; /* its own place is free again when the callback runs */
  ends_init(&e);
  open_fixture(&f, &options, 0);
  nested n = {.f = &f, .e = &e};
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_then then = {.done = call_inside, .user = &n};
  assert_int_equal(qdrant_health_check_start(f.client, &request, NULL, &then, &f.err), QDRANT_OK);
  ends_wait(&e, 1);
  assert_int_equal(n.blocking, QDRANT_FAILED_PRECONDITION);
  assert_int_equal(n.started, QDRANT_OK);
  close_fixture(&f);
}

static qdrant_status call_blocking(void *user) {
  fixture *f = user;
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_header header = {"x-a", "1"};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  qdrant_cancel *cancel = qdrant_cancel_new();
  request.collection_name = (char *)"c";
  options.headers = &header;
  options.n_headers = 1;
  options.cancel = cancel;
  qdrant_status status =
      cancel == NULL ? QDRANT_NO_MEMORY : qdrant_points_count(f->client, &request, &options, &f->reply, &f->err);
  qdrant_cancel_free(cancel);
  qdrant_reply_free(f->reply);
  f->reply = NULL;
  return status;
}

static void test_call_allocations_fail_no_memory(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL, 0);
  torture(call_blocking, &f);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_call_transport_with_start_answered),
      cmocka_unit_test(test_call_transport_with_run_answered),
      cmocka_unit_test(test_call_done_before_start_returns_answered),
      cmocka_unit_test(test_call_reply_outlives_client),
      cmocka_unit_test(test_call_read_failing_twice_answered_at_the_third),
      cmocka_unit_test(test_call_read_failing_always_last_error_told),
      cmocka_unit_test(test_call_no_retries_wanted_one_attempt),
      cmocka_unit_test(test_call_made_once_maybe_done_not_repeated),
      cmocka_unit_test(test_call_retry_after_longer_than_time_left_fails_at_once),
      cmocka_unit_test(test_call_transport_hangs_caller_goes_on_at_deadline),
      cmocka_unit_test(test_call_server_timeout_whole_seconds_left),
      cmocka_unit_test(test_call_rpc_without_timeout_field_none_sent),
      cmocka_unit_test(test_call_headers_reach_the_transport),
      cmocka_unit_test(test_call_unreadable_reply_bad_reply_maybe_done),
      cmocka_unit_test(test_call_bad_arguments_named),
      cmocka_unit_test(test_call_without_checks_leaves_them_to_the_server),
      cmocka_unit_test(test_response_of_another_rpc_refused),
      cmocka_unit_test(test_call_start_each_ends_once),
      cmocka_unit_test(test_call_start_failing_twice_retried_on_the_timer),
      cmocka_unit_test(test_call_start_refused_not_taken),
      cmocka_unit_test(test_call_start_beyond_limit_again_until_one_ends),
      cmocka_unit_test(test_call_blocking_beyond_limit_waits_until_deadline),
      cmocka_unit_test(test_call_blocking_beyond_limit_goes_on_when_one_ends),
      cmocka_unit_test(test_call_inside_callback_only_started_ones_taken),
      cmocka_unit_test(test_call_allocations_fail_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
