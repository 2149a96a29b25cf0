#include "core/deadline.h"
#include "qdrant/calls.h"
#include "qdrant/hooks.h"
#include "qdrant/mock.h"
#include "tests/support/ends.h"
#include "tests/support/fake_transport.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX_NOTES = 32 };

/* What the hooks heard, in order, as "start", "attempt 1 UNAVAILABLE again", "end OK". */
typedef struct notes {
  pthread_mutex_t lock;
  size_t n;
  char lines[MAX_NOTES][64];
  uint64_t call_numbers[MAX_NOTES];
  const char *traceparent; /* what call_start gives; NULL: none */
  qdrant_client *client;   /* not NULL: call_start makes a blocking call on it */
  qdrant_status inside;    /* how that ended */
  int has_wrong_span;
} notes;

static void note(notes *to, const qdrant_call_event *event, const char *line) {
  pthread_mutex_lock(&to->lock);
  assert_true(to->n < MAX_NOTES);
  assert_string_equal(event->rpc, "Qdrant/HealthCheck");
  assert_int_equal(event->size, sizeof *event);
  to->call_numbers[to->n] = event->call_number;
  snprintf(to->lines[to->n++], sizeof to->lines[0], "%s", line);
  pthread_mutex_unlock(&to->lock);
}

static void on_start(void *user, const qdrant_call_event *event, qdrant_trace *trace) {
  notes *to = user;
  note(to, event, "start");
  trace->span = to;
  if (to->traceparent != NULL)
    snprintf(trace->traceparent, sizeof trace->traceparent, "%s", to->traceparent);
  if (to->client != NULL) {
    Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
    qdrant_reply *reply = NULL;
    to->inside = qdrant_health_check(to->client, &request, NULL, &reply, NULL);
  }
}

static void on_attempt(void *user, void *span, const qdrant_call_event *event) {
  notes *to = user;
  char line[64];
  to->has_wrong_span |= span != to;
  snprintf(line, sizeof line, "attempt %u %s%s", (unsigned)event->attempt,
      event->error != NULL ? qdrant_status_name(event->error->status) : "OK", event->sleep_ns >= 0 ? " again" : "");
  assert_non_null(event->endpoint);
  note(to, event, line);
}

static void on_end(void *user, void *span, const qdrant_call_event *event) {
  notes *to = user;
  char line[64];
  to->has_wrong_span |= span != to;
  snprintf(line, sizeof line, "end %s", event->error != NULL ? qdrant_status_name(event->error->status) : "OK");
  assert_true(event->elapsed_ns >= 0);
  note(to, event, line);
}

/* A client on a fake transport with hooks that take notes. */
typedef struct fixture {
  fake_transport *fake;
  qdrant_client *client;
  notes heard;
  qdrant_hooks hooks;
} fixture;

static void open_fixture(fixture *f, const qdrant_options *given) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  if (given != NULL)
    options = *given;
  *f = (fixture){.fake = fake_new(), .heard = {.lock = PTHREAD_MUTEX_INITIALIZER}};
  f->hooks = (qdrant_hooks){.size = sizeof f->hooks,
      .user = &f->heard,
      .call_start = on_start,
      .attempt_end = on_attempt,
      .call_end = on_end};
  options.hooks = &f->hooks;
  f->client = fake_client(f->fake, &options, 0);
}

static void close_fixture(fixture *f) {
  qdrant_client_close(f->client);
  fake_free(f->fake);
}

static void assert_heard(const fixture *f, const char *const *lines, size_t n) {
  for (size_t i = 0; i < n && i < f->heard.n; i++)
    assert_string_equal(f->heard.lines[i], lines[i]);
  assert_int_equal(f->heard.n, n);
  assert_false(f->heard.has_wrong_span);
}

static qdrant_status check_health(fixture *f, const qdrant_call_options *options) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_health_check(f->client, &request, options, &reply, NULL);
  qdrant_reply_free(reply);
  return status;
}

static qdrant_status start_health(fixture *f, ends *to, const qdrant_call_options *options) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_then then = {.done = ends_count, .user = to};
  return qdrant_call_start(f->client, QDRANT_RPC_HEALTH_CHECK, &request.base, options, &then, NULL);
}

static const fake_step failure_then_success[] = {
    {.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_NOT_SENT, .retry_after_ms = 1}};
static const char *const retried[] = {"start", "attempt 1 UNAVAILABLE again", "attempt 2 OK", "end OK"};
static const char *const succeeded[] = {"start", "attempt 1 OK", "end OK"};

static void test_hooks_of_a_blocking_call_are_heard_once_in_order(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL);
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  assert_heard(&f, succeeded, N(succeeded));
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  assert_int_equal(f.heard.n, 2 * N(succeeded));
  for (size_t i = 0; i < f.heard.n; i++)
    assert_int_equal(f.heard.call_numbers[i], i / N(succeeded) + 1);
  close_fixture(&f);
}

static void test_hooks_of_a_retried_call_hear_each_attempt(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL);
  fake_script(f.fake, failure_then_success, N(failure_then_success));
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  assert_heard(&f, retried, N(retried));
  close_fixture(&f);
}

static void test_hooks_of_a_failed_call_hear_its_error(void **state) {
  (void)state;
  static const char *const lines[] = {"start", "attempt 1 NOT_FOUND", "end NOT_FOUND"};
  const fake_step script[] = {{.status = QDRANT_NOT_FOUND, .delivery = QDRANT_ANSWERED}};
  fixture f;
  open_fixture(&f, NULL);
  fake_script(f.fake, script, N(script));
  assert_int_equal(check_health(&f, NULL), QDRANT_NOT_FOUND);
  assert_heard(&f, lines, N(lines));
  close_fixture(&f);
}

static void test_hooks_of_a_started_call_are_heard_before_its_end_is_reported(void **state) {
  (void)state;
  fixture f;
  ends to;
  ends_init(&to);
  open_fixture(&f, NULL);
  fake_script(f.fake, failure_then_success, N(failure_then_success));
  assert_int_equal(start_health(&f, &to, NULL), QDRANT_OK);
  ends_wait(&to, 1);
  assert_int_equal(to.n_ok, 1);
  assert_heard(&f, retried, N(retried));
  close_fixture(&f);
}

static void test_hooks_of_a_started_call_that_fails_at_once_end_it(void **state) {
  (void)state;
  static const char *const lines[] = {"start", "attempt 1 NOT_FOUND", "end NOT_FOUND"};
  const fake_step script[] = {{.kind = FAKE_REFUSE, .status = QDRANT_NOT_FOUND}};
  fixture f;
  ends to;
  ends_init(&to);
  open_fixture(&f, NULL);
  fake_script(f.fake, script, N(script));
  assert_int_equal(start_health(&f, &to, NULL), QDRANT_NOT_FOUND);
  assert_heard(&f, lines, N(lines));
  assert_int_equal(to.n, 0);
  close_fixture(&f);
}

static void test_hooks_of_a_cancelled_call_hear_cancelled(void **state) {
  (void)state;
  static const char *const lines[] = {"start", "attempt 1 CANCELLED", "end CANCELLED"};
  const fake_step script[] = {{.kind = FAKE_STALL, .status = QDRANT_CANCELLED}};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  fixture f;
  ends to;
  ends_init(&to);
  open_fixture(&f, NULL);
  fake_script(f.fake, script, N(script));
  options.cancel = qdrant_cancel_new();
  assert_int_equal(start_health(&f, &to, &options), QDRANT_OK);
  fake_wait_requests(f.fake, 1);
  qdrant_cancel_fire(options.cancel);
  ends_wait(&to, 1);
  assert_heard(&f, lines, N(lines));
  qdrant_cancel_free(options.cancel);
  close_fixture(&f);
}

static void test_hooks_hear_nothing_of_a_call_that_was_not_taken(void **state) {
  (void)state;
  const fake_step script[] = {{.kind = FAKE_STALL, .status = QDRANT_CANCELLED}};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_call_options wrong = QDRANT_CALL_OPTIONS_INIT;
  fixture f;
  ends to;
  ends_init(&to);
  options.max_calls_in_flight = 1;
  options.close_timeout_ms = -1;
  open_fixture(&f, &options);
  fake_script(f.fake, script, N(script));
  wrong.timeout_ms = -7;
  assert_int_equal(check_health(&f, &wrong), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(f.heard.n, 0);
  assert_int_equal(start_health(&f, &to, NULL), QDRANT_OK);
  assert_int_equal(start_health(&f, &to, NULL), QDRANT_AGAIN);
  assert_int_equal(f.heard.n, 1);
  close_fixture(&f);
  assert_int_equal(to.n, 1);
}

static void test_traceparent_goes_out_with_every_attempt(void **state) {
  (void)state;
  static const char parent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  fixture f;
  open_fixture(&f, NULL);
  f.heard.traceparent = parent;
  fake_script(f.fake, failure_then_success, N(failure_then_success));
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  for (size_t i = 0; i < 2; i++) {
    const fake_request *request = fake_request_at(f.fake, i);
    assert_int_equal(request->n_headers, 1);
    assert_memory_equal(request->header, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-", 49);
  }
  close_fixture(&f);
}

static void test_traceparent_arrives_over_each_transport(void **state) {
  (void)state;
  static const char parent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  for (int is_rest = 0; is_rest < 2; is_rest++) {
    char header[64];
    qdrant_mock *mock = NULL;
    qdrant_options options = QDRANT_OPTIONS_INIT;
    fixture f = {.heard = {.lock = PTHREAD_MUTEX_INITIALIZER, .traceparent = parent}};
    qdrant_hooks hooks = {.size = sizeof hooks, .user = &f.heard, .call_start = on_start};
    assert_int_equal(qdrant_mock_start(NULL, &mock, NULL), QDRANT_OK);
    options.url = qdrant_mock_url(mock);
    options.hooks = &hooks;
    options.prefer_grpc = is_rest ? QDRANT_OFF : QDRANT_ON;
    options.rest_port = is_rest ? qdrant_mock_rest_port(mock) : 0;
    assert_int_equal(qdrant_client_open(&options, &f.client, NULL), QDRANT_OK);
    assert_int_equal(check_health(&f, NULL), QDRANT_OK);
    assert_int_equal(
        qdrant_mock_last_header(mock, "Qdrant/HealthCheck", "traceparent", header, sizeof header), sizeof parent - 1);
    assert_string_equal(header, parent);
    qdrant_client_close(f.client);
    qdrant_mock_stop(mock);
  }
}

static void test_traceparent_of_the_call_itself_wins(void **state) {
  (void)state;
  const qdrant_header own = {"traceparent", "own"};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  fixture f;
  open_fixture(&f, NULL);
  options.headers = &own;
  options.n_headers = 1;
  f.heard.traceparent = "00-1-2-01";
  assert_int_equal(check_health(&f, &options), QDRANT_OK);
  assert_int_equal(fake_request_at(f.fake, 0)->n_headers, 1);
  assert_string_equal(fake_request_at(f.fake, 0)->header, "traceparent: own");
  close_fixture(&f);
}

static void test_traceparent_that_is_no_header_is_not_sent(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL);
  f.heard.traceparent = "00-1\n2";
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  assert_int_equal(fake_request_at(f.fake, 0)->n_headers, 0);
  close_fixture(&f);
}

static void test_blocking_call_inside_a_hook_is_refused(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL);
  f.heard.client = f.client;
  f.heard.inside = QDRANT_OK;
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  assert_int_equal(f.heard.inside, QDRANT_FAILED_PRECONDITION);
  assert_heard(&f, succeeded, N(succeeded));
  close_fixture(&f);
}

static void test_hooks_that_are_null_are_left_out(void **state) {
  (void)state;
  qdrant_hooks none = QDRANT_HOOKS_INIT;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  fake_transport *fake = fake_new();
  options.hooks = &none;
  qdrant_client *client = fake_client(fake, &options, 0);
  fixture f = {.client = client};
  assert_int_equal(check_health(&f, NULL), QDRANT_OK);
  qdrant_client_close(client);
  fake_free(fake);
}

static void test_open_with_bad_hooks_names_them(void **state) {
  (void)state;
  qdrant_hooks hooks = {0};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  qdrant_error err = {0};
  options.url = ":memory:";
  options.hooks = &hooks;
  assert_int_equal(qdrant_client_open(&options, &client, &err), QDRANT_CONFIG_INVALID);
  assert_non_null(strstr(err.message, "qdrant_hooks.size"));
  options.hooks = NULL;
  options.newer_fields = (qdrant_newer_fields)9;
  assert_int_equal(qdrant_client_open(&options, &client, &err), QDRANT_CONFIG_INVALID);
  assert_non_null(strstr(err.message, "newer_fields is 9"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hooks_of_a_blocking_call_are_heard_once_in_order),
      cmocka_unit_test(test_hooks_of_a_retried_call_hear_each_attempt),
      cmocka_unit_test(test_hooks_of_a_failed_call_hear_its_error),
      cmocka_unit_test(test_hooks_of_a_started_call_are_heard_before_its_end_is_reported),
      cmocka_unit_test(test_hooks_of_a_started_call_that_fails_at_once_end_it),
      cmocka_unit_test(test_hooks_of_a_cancelled_call_hear_cancelled),
      cmocka_unit_test(test_hooks_hear_nothing_of_a_call_that_was_not_taken),
      cmocka_unit_test(test_traceparent_goes_out_with_every_attempt),
      cmocka_unit_test(test_traceparent_arrives_over_each_transport),
      cmocka_unit_test(test_traceparent_of_the_call_itself_wins),
      cmocka_unit_test(test_traceparent_that_is_no_header_is_not_sent),
      cmocka_unit_test(test_blocking_call_inside_a_hook_is_refused),
      cmocka_unit_test(test_hooks_that_are_null_are_left_out),
      cmocka_unit_test(test_open_with_bad_hooks_names_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
