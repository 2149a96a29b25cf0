#include "core/deadline.h"
#include "tests/support/grpc_peer.h"
#include "tests/support/made_call.h"
#include "tests/support/raw_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { CALL_MS = 10000, WAIT_MS = 20000, SHORT_MS = 500, STEP_US = 5000 };

/* c-ares, which gRPC asks for names, loses 10 bytes when it resolves "localhost". */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libcares";
}

static grpc_peer *start_peer(uint16_t port) {
  peer_options options = {.port = port};
  return grpc_peer_start(&options);
}

static qdrant_error fail_against(raw_behaviour behaviour, uint32_t rst_code) {
  raw_options raw = {.behaviour = behaviour, .rst_code = rst_code};
  raw_peer *peer = raw_peer_start(&raw);
  qd_grpc_options options = local_options(raw_peer_port(peer), 1);
  /* A reset that reaches core together with the last bytes goes unnoticed until something is written: core 1.51 trusts
   * TCP_INQ, which counts no pending reset, and epoll tells an edge only once. A keepalive ping is what finds it out.
   */
  options.keepalive_ms = SHORT_MS;
  qd_transport transport = open_local(&options);
  qdrant_error error;
  assert_int_not_equal(call_once(&transport, QDRANT_RPC_POINTS_UPSERT, 100, CALL_MS, &error), QDRANT_OK);
  close_local(&transport);
  raw_peer_stop(peer);
  return error;
}

static void expect_not_sent(qd_transport *transport) {
  qdrant_error error;
  assert_int_equal(call_once(transport, QDRANT_RPC_POINTS_UPSERT, 1000, CALL_MS, &error), QDRANT_UNAVAILABLE);
  assert_int_equal(error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(error.remote_code, 0);
  assert_true(error.is_retryable);
  assert_false(error.is_permanent);
  assert_non_null(strstr(error.message, "refused"));
}

static void test_start_refused_is_not_sent_cold_and_warm(void **state) {
  (void)state;
  qd_grpc_options options = local_options(unused_port(), 2);
  for (int round = 0; round < 20; round++) {
    qd_transport transport = open_local(&options);
    for (int i = 0; i < 5; i++)
      expect_not_sent(&transport);
    close_local(&transport);
  }
}

/* A server that is about to go says which calls it has taken: those end as always, the others were not sent as far as
 * anybody can tell, and what comes next goes to a new connection. */
static void test_start_server_drains_what_it_has_not_taken_is_not_sent(void **state) {
  (void)state;
  raw_peer *peer = raw_peer_start(&(raw_options){.behaviour = RAW_DRAIN});
  qd_grpc_options options = local_options(raw_peer_port(peer), 1);
  qd_transport transport = open_local(&options);
  made_call *calls[2];
  assert_true(wait_n_ready(&transport, 1)); /* calls that wait for a connection are sent in any order */
  for (int i = 0; i < 2; i++) {
    calls[i] = new_call(QDRANT_RPC_POINTS_UPSERT, 100, CALL_MS);
    assert_int_equal(start_call(&transport, calls[i]), QDRANT_OK);
  }
  for (int i = 0; i < 2; i++)
    assert_true(wait_done(calls[i], WAIT_MS));
  assert_int_equal(calls[0]->call.error.status, QDRANT_OK);
  assert_int_equal(calls[1]->call.error.status, QDRANT_UNAVAILABLE);
  assert_int_equal(calls[1]->call.error.delivery, QDRANT_NOT_SENT);
  assert_true(calls[1]->call.error.is_retryable);
  qdrant_error error;
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_UPSERT, 100, CALL_MS, &error), QDRANT_OK);
  assert_int_equal(raw_peer_n_accepted(peer), 2);
  for (int i = 0; i < 2; i++)
    free_call(calls[i]);
  close_local(&transport);
  raw_peer_stop(peer);
}

static void test_start_http1_server_names_both_ports(void **state) {
  (void)state;
  qdrant_error error = fail_against(RAW_HTTP1, 0);
  assert_non_null(strstr(error.message, "6333"));
  assert_non_null(strstr(error.message, "6334"));
  assert_non_null(strstr(error.message, "grpc_port"));
  assert_true(error.is_permanent);
  assert_false(error.is_retryable);
}

static void test_start_peer_that_closes_at_once_is_not_sent(void **state) {
  (void)state;
  qdrant_error error = fail_against(RAW_CLOSES, 0);
  assert_int_equal(error.status, QDRANT_UNAVAILABLE);
  assert_int_equal(error.delivery, QDRANT_NOT_SENT);
}

static void expect_maybe(qdrant_error error) {
  assert_int_equal(error.status, QDRANT_UNAVAILABLE);
  assert_int_equal(error.delivery, QDRANT_MAYBE);
  assert_true(error.is_retryable);
}

static void test_start_connection_lost_after_headers_is_maybe(void **state) {
  (void)state;
  expect_maybe(fail_against(RAW_CLOSE_AFTER_HEADERS, 0));
}

static void test_start_connection_reset_is_maybe(void **state) {
  (void)state;
  expect_maybe(fail_against(RAW_RESET, 0));
}

static void test_start_goaway_before_the_call_is_not_sent_and_retryable(void **state) {
  (void)state;
  qdrant_error error = fail_against(RAW_GOAWAY, 0);
  assert_int_equal(error.status, QDRANT_UNAVAILABLE);
  assert_int_equal(error.delivery, QDRANT_NOT_SENT);
  assert_true(error.is_retryable);
}

static void test_start_stream_reset_by_the_peer_is_retryable(void **state) {
  (void)state;
  expect_maybe(fail_against(RAW_RST_STREAM, 7));  /* REFUSED_STREAM */
  expect_maybe(fail_against(RAW_RST_STREAM, 8));  /* CANCEL: nobody here asked for it */
  expect_maybe(fail_against(RAW_RST_STREAM, 11)); /* ENHANCE_YOUR_CALM */
}

static void test_pool_server_restarted_on_its_port_is_found_again(void **state) {
  (void)state;
  grpc_peer *peer = start_peer(0);
  uint16_t port = grpc_peer_port(peer);
  qd_grpc_options options = local_options(port, 3);
  qd_transport transport = open_local(&options);
  assert_true(wait_n_ready(&transport, 3));
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, NULL), QDRANT_OK);
  grpc_peer_stop(peer);
  assert_true(wait_n_ready(&transport, 0));
  expect_not_sent(&transport);
  peer = start_peer(port);
  /* No call is made meanwhile: the pool connects by itself. */
  assert_true(wait_n_ready(&transport, 3));
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, NULL), QDRANT_OK);
  close_local(&transport);
  grpc_peer_stop(peer);
}

static void test_pool_connections_cut_come_back(void **state) {
  (void)state;
  grpc_peer *peer = start_peer(0);
  raw_options raw = {.behaviour = RAW_RELAY, .relay_port = grpc_peer_port(peer)};
  raw_peer *relay = raw_peer_start(&raw);
  qd_grpc_options options = local_options(raw_peer_port(relay), 2);
  qd_transport transport = open_local(&options);
  assert_true(wait_n_ready(&transport, 2));
  assert_int_equal(raw_peer_n_accepted(relay), 2);
  raw_peer_cut(relay);
  int64_t deadline_ns = qd_deadline_in_ms(WAIT_MS);
  while (raw_peer_n_accepted(relay) < 4 && !qd_deadline_has_passed(deadline_ns))
    usleep(STEP_US);
  assert_true(wait_n_ready(&transport, 2));
  assert_int_equal(raw_peer_n_accepted(relay), 4);
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, NULL), QDRANT_OK);
  close_local(&transport);
  raw_peer_stop(relay);
  grpc_peer_stop(peer);
}

static void test_keepalive_peer_that_hangs_ends_the_call_long_before_its_deadline(void **state) {
  (void)state;
  grpc_peer *peer = start_peer(0);
  raw_options raw = {.behaviour = RAW_RELAY, .relay_port = grpc_peer_port(peer)};
  raw_peer *relay = raw_peer_start(&raw);
  qd_grpc_options options = local_options(raw_peer_port(relay), 1);
  options.keepalive_ms = SHORT_MS;
  options.keepalive_timeout_ms = SHORT_MS;
  qd_transport transport = open_local(&options);
  assert_true(wait_n_ready(&transport, 1));
  raw_peer_pause(relay);
  made_call *made = new_call(QDRANT_RPC_POINTS_GET, 100, 3600 * 1000);
  assert_int_equal(start_call(&transport, made), QDRANT_OK);
  assert_true(wait_done(made, WAIT_MS));
  assert_int_equal(made->call.error.status, QDRANT_UNAVAILABLE);
  assert_int_equal(made->call.error.delivery, QDRANT_MAYBE);
  free_call(made);
  close_local(&transport);
  raw_peer_stop(relay);
  grpc_peer_stop(peer);
}

/* A thousand connections a second would show here; a pool that waits makes ten. */
static void test_pool_peer_that_opens_and_closes_is_not_dialled_in_a_loop(void **state) {
  (void)state;
  raw_options raw = {.behaviour = RAW_OPENS_AND_CLOSES};
  raw_peer *peer = raw_peer_start(&raw);
  qd_grpc_options options = local_options(raw_peer_port(peer), 1);
  qd_transport transport = open_local(&options);
  usleep(1000 * 1000);
  assert_in_range(raw_peer_n_accepted(peer), 2, 50);
  close_local(&transport);
  raw_peer_stop(peer);
}

static void test_wait_ready_server_there_is_ok(void **state) {
  (void)state;
  grpc_peer *peer = start_peer(0);
  qd_grpc_options options = local_options(grpc_peer_port(peer), 2);
  qd_transport transport = open_local(&options);
  assert_int_equal(transport.ops->wait_ready(transport.self, qd_deadline_in_ms(WAIT_MS), NULL), QDRANT_OK);
  close_local(&transport);
  assert_int_equal(grpc_peer_n_calls(peer), 0);
  grpc_peer_stop(peer);
}

static void test_wait_ready_refused_tells_the_reason_at_the_deadline(void **state) {
  (void)state;
  qdrant_error error = {0};
  qd_grpc_options options = local_options(unused_port(), 2);
  qd_transport transport = open_local(&options);
  int64_t deadline_ns = qd_deadline_in_ms(SHORT_MS);
  assert_int_equal(transport.ops->wait_ready(transport.self, deadline_ns, &error), QDRANT_UNAVAILABLE);
  assert_true(qd_deadline_has_passed(deadline_ns));
  assert_non_null(strstr(error.message, "refused"));
  assert_int_equal(error.delivery, QDRANT_NOT_SENT);
  close_local(&transport);
}

static void test_wait_ready_silent_peer_is_unavailable_at_the_deadline(void **state) {
  (void)state;
  raw_options raw = {.behaviour = RAW_SILENT};
  raw_peer *peer = raw_peer_start(&raw);
  qdrant_error error = {0};
  qd_grpc_options options = local_options(raw_peer_port(peer), 1);
  qd_transport transport = open_local(&options);
  qdrant_status status = transport.ops->wait_ready(transport.self, qd_deadline_in_ms(SHORT_MS), &error);
  assert_int_equal(status, QDRANT_UNAVAILABLE);
  assert_true(error.is_retryable);
  close_local(&transport);
  raw_peer_stop(peer);
}

static void test_wait_ready_unknown_name_gives_up_early(void **state) {
  (void)state;
  qdrant_error error = {0};
  qd_grpc_options options = local_options(6334, 1);
  options.host = "no-such-host.invalid";
  qd_transport transport = open_local(&options);
  assert_int_equal(transport.ops->wait_ready(transport.self, qd_deadline_in_ms(WAIT_MS), &error), QDRANT_UNAVAILABLE);
  assert_non_null(strstr(error.message, "no-such-host.invalid"));
  close_local(&transport);
}

static void test_open_ipv6_address_is_dialled(void **state) {
  (void)state;
  peer_options peer_options_6 = {.host = "[::1]"};
  grpc_peer *peer = grpc_peer_start(&peer_options_6);
  qd_grpc_options options = local_options(grpc_peer_port(peer), 1);
  options.host = "::1";
  qd_transport transport = open_local(&options);
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, NULL), QDRANT_OK);
  close_local(&transport);
  grpc_peer_stop(peer);
}

static void test_open_name_is_resolved(void **state) {
  (void)state;
  grpc_peer *peer = start_peer(0);
  qd_grpc_options options = local_options(grpc_peer_port(peer), 1);
  options.host = "localhost";
  qd_transport transport = open_local(&options);
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 10, CALL_MS, NULL), QDRANT_OK);
  close_local(&transport);
  grpc_peer_stop(peer);
}

int main(void) {
  /* A proxy that does not exist: whoever obeyed it would fail every test here. */
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("https_proxy", "http://127.0.0.1:1", 1);
  setenv("grpc_proxy", "http://127.0.0.1:1", 1);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_refused_is_not_sent_cold_and_warm),
      cmocka_unit_test(test_start_server_drains_what_it_has_not_taken_is_not_sent),
      cmocka_unit_test(test_start_http1_server_names_both_ports),
      cmocka_unit_test(test_start_peer_that_closes_at_once_is_not_sent),
      cmocka_unit_test(test_start_connection_lost_after_headers_is_maybe),
      cmocka_unit_test(test_start_connection_reset_is_maybe),
      cmocka_unit_test(test_start_goaway_before_the_call_is_not_sent_and_retryable),
      cmocka_unit_test(test_start_stream_reset_by_the_peer_is_retryable),
      cmocka_unit_test(test_pool_server_restarted_on_its_port_is_found_again),
      cmocka_unit_test(test_pool_connections_cut_come_back),
      cmocka_unit_test(test_keepalive_peer_that_hangs_ends_the_call_long_before_its_deadline),
      cmocka_unit_test(test_pool_peer_that_opens_and_closes_is_not_dialled_in_a_loop),
      cmocka_unit_test(test_wait_ready_server_there_is_ok),
      cmocka_unit_test(test_wait_ready_refused_tells_the_reason_at_the_deadline),
      cmocka_unit_test(test_wait_ready_silent_peer_is_unavailable_at_the_deadline),
      cmocka_unit_test(test_wait_ready_unknown_name_gives_up_early),
      cmocka_unit_test(test_open_ipv6_address_is_dialled),
      cmocka_unit_test(test_open_name_is_resolved),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
