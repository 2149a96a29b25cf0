#include "core/deadline.h"
#include "qdrant/mock.h"
#include "tests/support/http_ask.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { WAIT_MS = 30000, N_THREADS = 8, N_CALLS = 40, HTTP_OK = 200 };
static const size_t TOO_LARGE = ((size_t)32 << 20) + 1;

static const char MAKE[] = "{\"vectors\":{\"size\":2,\"distance\":\"Dot\"}}";
static const char POINTS[] = "{\"points\":[{\"id\":18446744073709551615,\"vector\":[1.0,2.0],\"payload\":{\"a\":1}}]}";

static int set_up_with(void **state, const char *api_key) {
  qdrant_mock *mock = NULL;
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  options.api_key = api_key;
  if (qdrant_mock_start(&options, &mock, NULL) != QDRANT_OK)
    return -1;
  *state = mock;
  return 0;
}

static int set_up(void **state) {
  return set_up_with(state, NULL);
}

static int set_up_with_key(void **state) {
  return set_up_with(state, "secret");
}

static int tear_down(void **state) {
  qdrant_mock_stop(*state);
  return 0;
}

static http_answer ask(qdrant_mock *mock, const char *verb, const char *target, const char *body) {
  return http_ask(&(http_question){.port = qdrant_mock_rest_port(mock), .verb = verb, .target = target, .body = body});
}

/* Asks, compares the status and that the text has this in it. */
static void check(
    qdrant_mock *mock, const char *verb, const char *target, const char *body, long status, const char *text) {
  http_answer answer = ask(mock, verb, target, body);
  assert_true(answer.has_answer);
  if (answer.status != status || strstr(answer.text, text) == NULL)
    print_error("%s %s: %ld %s\n", verb, target, answer.status, answer.text);
  assert_int_equal(answer.status, status);
  assert_non_null(strstr(answer.text, text));
  free(answer.text);
}

static void add_fault(qdrant_mock *mock, qdrant_fault_kind kind, qdrant_status status, uint32_t delay_ms) {
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.kind = kind;
  fault.status = status;
  fault.message = "scripted";
  fault.delay_ms = delay_ms;
  fault.retry_after_s = status == QDRANT_RESOURCE_EXHAUSTED ? 7 : 0;
  assert_int_equal(qdrant_mock_add_fault(mock, &fault, NULL), QDRANT_OK);
}

static void make_points(qdrant_mock *mock) {
  check(mock, "PUT", "/collections/c", MAKE, HTTP_OK, "\"result\":true");
  check(mock, "PUT", "/collections/c/points?wait=true", POINTS, HTTP_OK, "\"completed\"");
}

static void test_points_put_by_rest_are_found_by_rest(void **state) {
  make_points(*state);
  check(*state, "POST", "/collections/c/points/query", "{\"query\":[1.0,1.0],\"with_payload\":true}", HTTP_OK,
      "{\"id\":18446744073709551615,\"payload\":{\"a\":1},\"score\":3.0,\"version\":1}");
  qdrant_mock_stats stats = QDRANT_MOCK_STATS_INIT;
  qdrant_mock_get_stats(*state, &stats);
  assert_int_equal(stats.n_points, 1);
  assert_int_equal(stats.n_calls, 3);
  assert_int_equal(stats.n_connections_used, 3);
  assert_int_equal(qdrant_mock_count_calls(*state, "Points/Upsert"), 1);
}

static void test_pages_without_an_rpc_are_answered(void **state) {
  check(*state, "GET", "/healthz", NULL, HTTP_OK, "healthz check passed");
  check(*state, "GET", "/readyz", NULL, HTTP_OK, "all shards are ready");
  check(*state, "GET", "/cluster", NULL, HTTP_OK, "\"disabled\"");
  check(*state, "GET", "/", NULL, HTTP_OK, "\"version\"");
}

static void test_an_unknown_route_answers_404_without_a_body(void **state) {
  http_answer answer = ask(*state, "POST", "/collections/x/points/frobnicate", "{}");
  assert_int_equal(answer.status, 404);
  assert_int_equal(answer.n_text, 0);
  free(answer.text);
}

static void test_errors_come_in_the_envelope(void **state) {
  check(*state, "GET", "/collections/none", NULL, 404,
      "{\"status\":{\"error\":\"Not found: Collection `none` doesn't exist!\"},\"time\":");
  check(*state, "PUT", "/collections/c", "{\"vectors\":", 400, "Format error in JSON body: ");
}

static void test_a_key_is_wanted_and_taken(void **state) {
  check(*state, "GET", "/collections", NULL, 401, "Must provide an API key or an Authorization bearer token");
  check(*state, "GET", "/healthz", NULL, HTTP_OK, "passed");
  http_question question = {
      .port = qdrant_mock_rest_port(*state), .verb = "GET", .target = "/collections", .header = "Api-Key: wrong"};
  http_answer answer = http_ask(&question);
  assert_int_equal(answer.status, 401);
  assert_string_equal(answer.text, "Invalid API key or JWT");
  free(answer.text);
  question.header = "Authorization: Bearer secret";
  answer = http_ask(&question);
  assert_int_equal(answer.status, HTTP_OK);
  free(answer.text);
  char text[32];
  assert_int_equal(qdrant_mock_last_header(*state, "Collections/List", "authorization", text, sizeof text), 13);
}

static void test_a_body_over_the_limit_is_refused(void **state) {
  char *body = malloc(TOO_LARGE);
  assert_non_null(body);
  memset(body, ' ', TOO_LARGE);
  http_answer answer = http_ask(&(http_question){.port = qdrant_mock_rest_port(*state),
      .verb = "PUT",
      .target = "/collections/c",
      .body = body,
      .n_body = TOO_LARGE});
  assert_int_equal(answer.status, 400);
  assert_non_null(strstr(answer.text, "33554432"));
  free(answer.text);
  free(body);
}

static void test_a_status_fault_is_answered_with_its_wait(void **state) {
  add_fault(*state, QDRANT_FAULT_STATUS, QDRANT_RESOURCE_EXHAUSTED, 0);
  http_answer answer = ask(*state, "GET", "/collections", NULL);
  assert_int_equal(answer.status, 429);
  assert_int_equal(answer.retry_after_s, 7);
  assert_non_null(strstr(answer.text, "\"scripted\""));
  free(answer.text);
  check(*state, "GET", "/collections", NULL, HTTP_OK, "\"collections\"");
}

static void test_drop_faults_close_the_connection(void **state) {
  make_points(*state);
  add_fault(*state, QDRANT_FAULT_DROP, QDRANT_OK, 0);
  http_answer answer = ask(*state, "DELETE", "/collections/c", NULL);
  assert_false(answer.has_answer);
  free(answer.text);
  check(*state, "GET", "/collections/c/exists", NULL, HTTP_OK, "true");
  add_fault(*state, QDRANT_FAULT_APPLY_THEN_DROP, QDRANT_OK, 10);
  answer = ask(*state, "DELETE", "/collections/c", NULL);
  assert_false(answer.has_answer);
  free(answer.text);
  check(*state, "GET", "/collections/c/exists", NULL, HTTP_OK, "false");
}

static void test_apply_then_fail_does_both(void **state) {
  add_fault(*state, QDRANT_FAULT_APPLY_THEN_FAIL, QDRANT_UNAVAILABLE, 0);
  check(*state, "PUT", "/collections/c", MAKE, 503, "scripted");
  check(*state, "GET", "/collections/c/exists", NULL, HTTP_OK, "true");
}

static void test_delayed_calls_do_not_hold_up_others(void **state) {
  add_fault(*state, QDRANT_FAULT_STALL, QDRANT_OK, 0);
  http_answer stalled = http_ask(&(http_question){
      .port = qdrant_mock_rest_port(*state), .verb = "GET", .target = "/collections", .timeout_ms = 100});
  assert_false(stalled.has_answer);
  free(stalled.text);
  check(*state, "GET", "/collections", NULL, HTTP_OK, "\"collections\"");
}

static void *make_calls(void *mock) {
  size_t n_good = 0;
  for (int i = 0; i < N_CALLS; i++) {
    http_answer answer = ask(mock, "POST", "/collections/c/points/count", "{}");
    n_good += answer.has_answer && strstr(answer.text, "\"count\":1") != NULL;
    free(answer.text);
  }
  return n_good == N_CALLS ? mock : NULL;
}

static void test_many_threads_are_answered_at_once(void **state) {
  pthread_t threads[N_THREADS];
  make_points(*state);
  for (size_t i = 0; i < N_THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, make_calls, *state), 0);
  for (size_t i = 0; i < N_THREADS; i++) {
    void *good = NULL;
    pthread_join(threads[i], &good);
    assert_non_null(good);
  }
}

static void *ask_list(void *mock) {
  http_answer answer = ask(mock, "GET", "/collections", NULL);
  free(answer.text);
  return answer.has_answer ? mock : NULL;
}

static void wait_for_fault(qdrant_mock *mock) {
  qdrant_mock_stats stats = QDRANT_MOCK_STATS_INIT;
  int64_t limit_ns = qd_deadline_in_ms(WAIT_MS);
  while (stats.n_faults == 0 && !qd_deadline_has_passed(limit_ns)) {
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    qdrant_mock_get_stats(mock, &stats);
  }
  assert_int_equal(stats.n_faults, 1);
}

static void test_stop_with_calls_that_wait_ends_them(void **state) {
  qdrant_fault_kind kinds[] = {QDRANT_FAULT_STALL, QDRANT_FAULT_DELAY};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    qdrant_mock *mock = NULL;
    pthread_t thread;
    void *answered = NULL;
    assert_int_equal(qdrant_mock_start(NULL, &mock, NULL), QDRANT_OK);
    add_fault(mock, kinds[i], QDRANT_OK, WAIT_MS);
    assert_int_equal(pthread_create(&thread, NULL, ask_list, mock), 0);
    wait_for_fault(mock);
    qdrant_mock_stop(mock);
    pthread_join(thread, &answered);
    assert_null(answered);
  }
}

static void test_start_without_rest_has_no_port(void **state) {
  qdrant_mock *mock = NULL;
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  (void)state;
  options.rest = QDRANT_OFF;
  assert_int_equal(qdrant_mock_start(&options, &mock, NULL), QDRANT_OK);
  assert_int_equal(qdrant_mock_rest_port(mock), 0);
  assert_int_equal(qdrant_mock_rest_port(NULL), 0);
  qdrant_mock_stop(mock);
}

static void test_start_on_a_taken_rest_port_answers_unavailable(void **state) {
  qdrant_mock *mock = NULL;
  qdrant_error err;
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  options.rest_port = qdrant_mock_rest_port(*state);
  assert_int_equal(qdrant_mock_start(&options, &mock, &err), QDRANT_UNAVAILABLE);
  assert_non_null(strstr(err.message, "port"));
  assert_null(mock);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_SERVER(test_points_put_by_rest_are_found_by_rest),
      WITH_SERVER(test_pages_without_an_rpc_are_answered),
      WITH_SERVER(test_an_unknown_route_answers_404_without_a_body),
      WITH_SERVER(test_errors_come_in_the_envelope),
      cmocka_unit_test_setup_teardown(test_a_key_is_wanted_and_taken, set_up_with_key, tear_down),
      WITH_SERVER(test_a_body_over_the_limit_is_refused),
      WITH_SERVER(test_a_status_fault_is_answered_with_its_wait),
      WITH_SERVER(test_drop_faults_close_the_connection),
      WITH_SERVER(test_apply_then_fail_does_both),
      WITH_SERVER(test_delayed_calls_do_not_hold_up_others),
      WITH_SERVER(test_many_threads_are_answered_at_once),
      cmocka_unit_test(test_stop_with_calls_that_wait_ends_them),
      cmocka_unit_test(test_start_without_rest_has_no_port),
      WITH_SERVER(test_start_on_a_taken_rest_port_answers_unavailable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
