#include "tests/support/ends.h"
#include "tests/support/full_listener.h"
#include "tests/support/grpc_peer.h"
#include "tests/support/http_peer.h"
#include "tests/support/ported_client.h"
#include "tests/support/raw_peer.h"

#include "core/deadline.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { CALL_MS = 10000, SHORT_MS = 300, HANG_MS = 20000, STEP_US = 5000, TRIAL_DUE_US = 300 * 1000, MANY = 64 };

/* Answers as Qdrant's REST port. */
static void answer_rest(void *user, const http_request *request, http_answer *answer) {
  (void)user;
  answer->body = strcmp(request->target, "/") == 0 ? rest_health : rest_deleted;
}

static http_peer *start_rest(void) {
  return http_peer_start(&(http_peer_options){.handler = answer_rest});
}

static void await_transport(qdrant_client *client, const char *name) {
  int64_t deadline_ns = qd_deadline_in_ms(HANG_MS);
  const char *seen = NULL;
  while (strcmp(seen = stats_of(client).transport, name) != 0 && !qd_deadline_has_passed(deadline_ns))
    usleep(STEP_US);
  assert_string_equal(seen, name); /* what was seen: others' calls may have changed it by now */
}

static void test_start_grpc_refused_carries_any_call_over_rest(void **state) {
  (void)state;
  qdrant_error err = {0};
  http_peer *rest = start_rest();
  qdrant_client *client = open_on_ports(unused_port(), http_peer_port(rest), QDRANT_DEFAULT);
  assert_string_equal(stats_of(client).transport, "grpc");
  assert_int_equal(delete_by_filter(client, CALL_MS, &err), QDRANT_OK);
  assert_string_equal(stats_of(client).transport, "rest");
  assert_int_equal(stats_of(client).n_fallback, 1);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  assert_int_equal(stats_of(client).n_fallback, 2);
  assert_int_equal(stats_of(client).n_failed, 0);
  assert_int_equal(http_peer_n_requests(rest), 2);
  qdrant_client_close(client);
  http_peer_stop(rest);
}

static void test_start_grpc_port_speaks_http1_carries_calls_over_rest(void **state) {
  (void)state;
  qdrant_error err = {0};
  http_peer *rest = start_rest();
  raw_peer *wrong = raw_peer_start(&(raw_options){.behaviour = RAW_HTTP1});
  qdrant_client *client = open_on_ports(raw_peer_port(wrong), http_peer_port(rest), QDRANT_DEFAULT);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  assert_string_equal(stats_of(client).transport, "rest");
  qdrant_client_close(client);
  raw_peer_stop(wrong);
  http_peer_stop(rest);
}

/* A proxy that speaks HTTP/2 and knows nothing of gRPC: what it did with the call cannot be known, so only a call that
 * may be repeated moves over at once; later ones go to REST from the start, but for the odd trial. */
static void test_start_web_server_behind_the_grpc_port_carries_calls_over_rest(void **state) {
  (void)state;
  qdrant_error err = {0};
  http_peer *rest = start_rest();
  raw_peer *web = raw_peer_start(&(raw_options){.behaviour = RAW_WEB});
  qdrant_client *client = open_on_ports(raw_peer_port(web), http_peer_port(rest), QDRANT_DEFAULT);
  assert_int_equal(delete_by_filter(client, CALL_MS, &err), QDRANT_UNIMPLEMENTED);
  assert_int_equal(http_peer_n_requests(rest), 0);
  assert_string_equal(stats_of(client).transport, "rest");
  for (size_t i = 0; i < MANY; i++)
    assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  usleep(TRIAL_DUE_US);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  assert_int_equal(http_peer_n_requests(rest), MANY + 1);
  assert_string_equal(stats_of(client).transport, "rest");
  qdrant_client_close(client);
  raw_peer_stop(web);
  http_peer_stop(rest);
}

/* A firewall that drops what goes to gRPC's port only. */
static void test_start_grpc_port_swallows_connections_carries_calls_over_rest(void **state) {
  (void)state;
  qdrant_error err = {0};
  http_peer *rest = start_rest();
  full_listener grpc = full_listener_open();
  qdrant_client *client = open_on_ports(grpc.port, http_peer_port(rest), QDRANT_DEFAULT);
  assert_int_equal(delete_by_filter(client, CALL_MS, &err), QDRANT_OK);
  assert_string_equal(stats_of(client).transport, "rest");
  qdrant_client_close(client);
  full_listener_close(&grpc);
  http_peer_stop(rest);
}

static void test_start_grpc_comes_back_and_is_used_again(void **state) {
  (void)state;
  qdrant_error err = {0};
  uint16_t grpc_port = unused_port();
  http_peer *rest = start_rest();
  qdrant_client *client = open_on_ports(grpc_port, http_peer_port(rest), QDRANT_DEFAULT);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  assert_string_equal(stats_of(client).transport, "rest");
  grpc_peer *grpc = grpc_peer_start(&(peer_options){.port = grpc_port});
  assert_non_null(grpc);
  await_transport(client, "grpc");
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  assert_int_equal(grpc_peer_n_calls(grpc), 1);
  assert_int_equal(http_peer_n_requests(rest), 1);
  grpc_peer_stop(grpc);
  /* A call that meets the closing connection may have been carried out, and is not tried again here. */
  if (ask_health(client, CALL_MS, &err) != QDRANT_OK)
    assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  assert_string_equal(stats_of(client).transport, "rest");
  qdrant_client_close(client);
  http_peer_stop(rest);
}

static void test_start_ambiguous_failure_is_not_moved(void **state) {
  (void)state;
  qdrant_error err = {0};
  http_peer *rest = start_rest();
  raw_peer *reset = raw_peer_start(&(raw_options){.behaviour = RAW_RESET});
  qdrant_client *client = open_on_ports(raw_peer_port(reset), http_peer_port(rest), QDRANT_DEFAULT);
  assert_int_equal(delete_by_filter(client, CALL_MS, &err), QDRANT_UNAVAILABLE);
  assert_int_equal(err.delivery, QDRANT_MAYBE);
  assert_int_equal(http_peer_n_requests(rest), 0);
  qdrant_client_close(client);
  raw_peer_stop(reset);
  http_peer_stop(rest);
}

static void test_start_server_error_is_not_moved(void **state) {
  (void)state;
  qdrant_error err = {0};
  http_peer *rest = start_rest();
  grpc_peer *grpc = grpc_peer_start(&(peer_options){0});
  qdrant_client *client = open_on_ports(grpc_peer_port(grpc), http_peer_port(rest), QDRANT_DEFAULT);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  assert_int_equal(grpc_peer_n_calls(grpc), 1);
  assert_int_equal(http_peer_n_requests(rest), 0);
  assert_int_equal(stats_of(client).n_fallback, 0);
  qdrant_client_close(client);
  grpc_peer_stop(grpc);
  http_peer_stop(rest);
}

static void test_start_both_refused_tells_both_and_is_not_sent(void **state) {
  (void)state;
  qdrant_error err = {0};
  qdrant_client *client = open_on_ports(unused_port(), unused_port(), QDRANT_DEFAULT);
  assert_int_equal(delete_by_filter(client, CALL_MS, &err), QDRANT_UNAVAILABLE);
  assert_int_equal(err.delivery, QDRANT_NOT_SENT);
  assert_true(err.is_retryable);
  assert_non_null(strstr(err.message, "failed to connect to all addresses"));
  assert_non_null(strstr(err.message, "over REST: 127.0.0.1:"));
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_UNAVAILABLE);
  assert_int_equal(err.delivery, QDRANT_NOT_SENT);
  qdrant_client_close(client);
}

static void test_start_fallback_off_stays_with_grpc(void **state) {
  (void)state;
  qdrant_error err = {0};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  http_peer *rest = start_rest();
  options.url = "http://127.0.0.1";
  options.grpc_port = unused_port();
  options.rest_port = http_peer_port(rest);
  options.max_retries = -1;
  options.rest_fallback = QDRANT_OFF;
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_UNAVAILABLE);
  assert_int_equal(http_peer_n_requests(rest), 0);
  qdrant_client_close(client);
  http_peer_stop(rest);
}

static void test_wait_ready_takes_whichever_is_there(void **state) {
  (void)state;
  qdrant_error err = {0};
  http_peer *rest = start_rest();
  qdrant_client *client = open_on_ports(unused_port(), http_peer_port(rest), QDRANT_DEFAULT);
  assert_int_equal(qdrant_client_wait_ready(client, CALL_MS, &err), QDRANT_OK);
  qdrant_client_close(client);
  http_peer_stop(rest);
  client = open_on_ports(unused_port(), unused_port(), QDRANT_DEFAULT);
  assert_int_equal(qdrant_client_wait_ready(client, SHORT_MS, &err), QDRANT_UNAVAILABLE);
  qdrant_client_close(client);
}

static void stall(void *user, const http_request *request, http_answer *answer) {
  (void)user;
  (void)request;
  *answer = (http_answer){.raw = "", .then = HTTP_STALL};
}

static void test_cancel_moved_call_ends_it(void **state) {
  (void)state;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  ends counted;
  http_peer *rest = http_peer_start(&(http_peer_options){.handler = stall});
  qdrant_client *client = open_on_ports(unused_port(), http_peer_port(rest), QDRANT_DEFAULT);
  ends_init(&counted);
  options.cancel = qdrant_cancel_new();
  qdrant_then then = {.done = ends_count, .user = &counted};
  assert_int_equal(qdrant_health_check_start(client, &request, &options, &then, NULL), QDRANT_OK);
  while (http_peer_n_requests(rest) == 0)
    usleep(STEP_US);
  qdrant_cancel_fire(options.cancel);
  ends_wait(&counted, 1);
  assert_int_equal(counted.last.status, QDRANT_CANCELLED);
  qdrant_cancel_free(options.cancel);
  qdrant_client_close(client);
  http_peer_stop(rest);
}

/* Cancels race the move from one transport to the other; each call ends once, whatever comes first. */
static void test_cancel_while_calls_move_each_ends_once(void **state) {
  (void)state;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  http_peer *rest = start_rest();
  for (useconds_t pause_us = 0; pause_us < 4000; pause_us += 400) {
    qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
    ends counted;
    qdrant_client *client = open_on_ports(unused_port(), http_peer_port(rest), QDRANT_DEFAULT);
    ends_init(&counted);
    options.cancel = qdrant_cancel_new();
    qdrant_then then = {.done = ends_count, .user = &counted};
    for (size_t i = 0; i < MANY; i++)
      assert_int_equal(qdrant_health_check_start(client, &request, &options, &then, NULL), QDRANT_OK);
    usleep(pause_us);
    qdrant_cancel_fire(options.cancel);
    ends_wait(&counted, MANY);
    qdrant_cancel_free(options.cancel);
    qdrant_client_close(client);
  }
  http_peer_stop(rest);
}

static void test_close_with_moved_calls_in_flight_reports_all(void **state) {
  (void)state;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  ends counted;
  http_peer *rest = http_peer_start(&(http_peer_options){.handler = stall});
  qdrant_client *client = open_on_ports(unused_port(), http_peer_port(rest), QDRANT_DEFAULT);
  ends_init(&counted);
  qdrant_then then = {.done = ends_count, .user = &counted};
  for (size_t i = 0; i < MANY; i++)
    assert_int_equal(qdrant_health_check_start(client, &request, NULL, &then, NULL), QDRANT_OK);
  while (http_peer_n_requests(rest) == 0)
    usleep(STEP_US);
  qdrant_client_close(client);
  ends_wait(&counted, MANY);
  assert_int_equal(counted.n_ok, 0);
  http_peer_stop(rest);
}

typedef struct caller {
  qdrant_client *client;
  pthread_t thread;
  atomic_int *is_over;
  size_t n_calls;
  size_t n_failed;
  qdrant_error err; /* of the last that failed */
} caller;

static void *call_until_over(void *arg) {
  caller *self = arg;
  while (!atomic_load(self->is_over)) {
    qdrant_error err = {0};
    if (ask_health(self->client, CALL_MS, &err) != QDRANT_OK) {
      self->n_failed++;
      self->err = err;
    }
    self->n_calls++;
  }
  return NULL;
}

/* A server that restarts again and again is no failed call to a client that may repeat. */
static void test_start_grpc_comes_and_goes_and_no_call_fails(void **state) {
  (void)state;
  enum { N_CALLERS = 3, N_RESTARTS = 8, UP_US = 150 * 1000 };
  caller callers[N_CALLERS] = {0};
  atomic_int is_over = 0;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  uint16_t grpc_port = unused_port();
  http_peer *rest = start_rest();
  options.url = "http://127.0.0.1";
  options.grpc_port = grpc_port;
  options.rest_port = http_peer_port(rest);
  options.max_retries = 20; /* each of the connections may be closing */
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  for (size_t i = 0; i < N_CALLERS; i++) {
    callers[i].client = client;
    callers[i].is_over = &is_over;
    assert_int_equal(pthread_create(&callers[i].thread, NULL, call_until_over, &callers[i]), 0);
  }
  for (size_t i = 0; i < N_RESTARTS; i++) {
    grpc_peer *grpc = grpc_peer_start(&(peer_options){.port = grpc_port});
    assert_non_null(grpc);
    await_transport(client, "grpc");
    usleep(UP_US);
    grpc_peer_stop(grpc);
    await_transport(client, "rest");
  }
  atomic_store(&is_over, 1);
  for (size_t i = 0; i < N_CALLERS; i++) {
    pthread_join(callers[i].thread, NULL);
    if (callers[i].n_failed > 0)
      fail_msg(
          "%zu of %zu calls failed, the last: %s", callers[i].n_failed, callers[i].n_calls, callers[i].err.message);
  }
  qdrant_client_close(client);
  http_peer_stop(rest);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_grpc_refused_carries_any_call_over_rest),
      cmocka_unit_test(test_start_grpc_port_speaks_http1_carries_calls_over_rest),
      cmocka_unit_test(test_start_web_server_behind_the_grpc_port_carries_calls_over_rest),
      cmocka_unit_test(test_start_grpc_port_swallows_connections_carries_calls_over_rest),
      cmocka_unit_test(test_start_grpc_comes_back_and_is_used_again),
      cmocka_unit_test(test_start_grpc_comes_and_goes_and_no_call_fails),
      cmocka_unit_test(test_start_ambiguous_failure_is_not_moved),
      cmocka_unit_test(test_start_server_error_is_not_moved),
      cmocka_unit_test(test_start_both_refused_tells_both_and_is_not_sent),
      cmocka_unit_test(test_start_fallback_off_stays_with_grpc),
      cmocka_unit_test(test_wait_ready_takes_whichever_is_there),
      cmocka_unit_test(test_cancel_moved_call_ends_it),
      cmocka_unit_test(test_cancel_while_calls_move_each_ends_once),
      cmocka_unit_test(test_close_with_moved_calls_in_flight_reports_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
