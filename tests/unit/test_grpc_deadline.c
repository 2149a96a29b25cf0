#include "core/deadline.h"
#include "tests/support/grpc_peer.h"
#include "tests/support/made_call.h"
#include "tests/support/raw_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SHORT_MS = 500, CALL_MS = 10000, LONG_MS = 60000, ANSWER_MS = 8000, STUCK_BYTES = 48 << 20 };

static void withhold(void *user, const peer_request *request, peer_answer *answer) {
  (void)user;
  (void)request;
  answer->is_withheld = 1;
}

static grpc_peer *start_withholding(void) {
  peer_options options = {.handler = withhold};
  return grpc_peer_start(&options);
}

static raw_peer *start_raw(raw_behaviour behaviour) {
  raw_options options = {.behaviour = behaviour};
  return raw_peer_start(&options);
}

/* A pool on a peer that never reads, with keepalive short enough to free what is stuck before the test is over. */
static qd_transport open_stalled(raw_peer *peer, int64_t keepalive_ms) {
  qd_grpc_options options = local_options(raw_peer_port(peer), 1);
  options.keepalive_ms = keepalive_ms;
  options.keepalive_timeout_ms = 1000;
  qd_transport transport = open_local(&options);
  assert_true(wait_n_ready(&transport, 1));
  return transport;
}

static void expect_end(made_call *made, qdrant_status status, qdrant_delivery delivery) {
  assert_true(wait_done(made, ANSWER_MS));
  assert_int_equal(made->call.error.status, status);
  assert_int_equal(made->call.error.delivery, delivery);
}

static void test_deadline_peer_that_never_reads_ends_the_upload_and_the_call_behind_it(void **state) {
  (void)state;
  raw_peer *peer = start_raw(RAW_NEVER_READS);
  qd_transport transport = open_stalled(peer, 3000);
  made_call *upload = new_call(QDRANT_RPC_POINTS_UPSERT, STUCK_BYTES, SHORT_MS);
  made_call *small = new_call(QDRANT_RPC_POINTS_GET, 100, SHORT_MS);
  assert_int_equal(start_call(&transport, upload), QDRANT_OK);
  assert_int_equal(start_call(&transport, small), QDRANT_OK);
  expect_end(upload, QDRANT_DEADLINE_EXCEEDED, QDRANT_MAYBE);
  expect_end(small, QDRANT_DEADLINE_EXCEEDED, QDRANT_MAYBE);
  /* The upload's bytes are core's until the connection dies, which keepalive brings about. */
  assert_true(upload->call.request.body->refs > 1);
  transport.ops->close(transport.self, qd_deadline_in_ms(ANSWER_MS), 0);
  assert_int_equal(qd_grpc_leaked_calls(), 0);
  assert_int_equal(upload->call.request.body->refs, 1);
  assert_int_equal(count_done(upload), 1);
  free_call(upload);
  free_call(small);
  raw_peer_stop(peer);
}

static void test_cancel_peer_that_never_reads_ends_the_upload(void **state) {
  (void)state;
  raw_peer *peer = start_raw(RAW_NEVER_READS);
  qd_transport transport = open_stalled(peer, 3000);
  made_call *upload = new_call(QDRANT_RPC_POINTS_UPSERT, STUCK_BYTES, LONG_MS);
  assert_int_equal(start_call(&transport, upload), QDRANT_OK);
  transport.ops->cancel(transport.self, &upload->call);
  expect_end(upload, QDRANT_CANCELLED, QDRANT_MAYBE);
  transport.ops->close(transport.self, qd_deadline_in_ms(ANSWER_MS), 0);
  free_call(upload);
  raw_peer_stop(peer);
}

static void test_close_with_a_stuck_upload_reports_it_and_counts_what_is_left(void **state) {
  (void)state;
  raw_peer *peer = start_raw(RAW_NEVER_READS);
  qd_transport transport = open_stalled(peer, -1);
  made_call *upload = new_call(QDRANT_RPC_POINTS_UPSERT, STUCK_BYTES, LONG_MS);
  assert_int_equal(start_call(&transport, upload), QDRANT_OK);
  uint64_t n_before = qd_grpc_leaked_calls();
  transport.ops->close(transport.self, qd_deadline_in_ms(SHORT_MS), 0);
  assert_int_equal(qd_grpc_leaked_calls() - n_before, 1);
  assert_int_equal(count_done(upload), 1);
  assert_int_equal(upload->call.error.status, QDRANT_CANCELLED);
  assert_int_equal(upload->call.error.delivery, QDRANT_MAYBE);
  free_call(upload);
  raw_peer_stop(peer);
}

static void test_deadline_while_connecting_is_not_sent(void **state) {
  (void)state;
  raw_peer *peer = start_raw(RAW_SILENT);
  qd_grpc_options options = local_options(raw_peer_port(peer), 1);
  qd_transport transport = open_local(&options);
  made_call *made = new_call(QDRANT_RPC_POINTS_UPSERT, 100, SHORT_MS);
  assert_int_equal(start_call(&transport, made), QDRANT_OK);
  expect_end(made, QDRANT_DEADLINE_EXCEEDED, QDRANT_NOT_SENT);
  free_call(made);
  close_local(&transport);
  raw_peer_stop(peer);
}

static void test_cancel_while_connecting_is_not_sent(void **state) {
  (void)state;
  raw_peer *peer = start_raw(RAW_SILENT);
  qd_grpc_options options = local_options(raw_peer_port(peer), 1);
  qd_transport transport = open_local(&options);
  made_call *made = new_call(QDRANT_RPC_POINTS_UPSERT, 100, LONG_MS);
  assert_int_equal(start_call(&transport, made), QDRANT_OK);
  transport.ops->cancel(transport.self, &made->call);
  expect_end(made, QDRANT_CANCELLED, QDRANT_NOT_SENT);
  free_call(made);
  close_local(&transport);
  raw_peer_stop(peer);
}

static void test_connect_timeout_silent_peer_fails_the_call_before_its_deadline(void **state) {
  (void)state;
  raw_peer *peer = start_raw(RAW_SILENT);
  qd_grpc_options options = local_options(raw_peer_port(peer), 1);
  options.connect_timeout_ms = SHORT_MS;
  qd_transport transport = open_local(&options);
  qdrant_error error;
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_UPSERT, 100, LONG_MS, &error), QDRANT_UNAVAILABLE);
  assert_int_equal(error.delivery, QDRANT_NOT_SENT);
  close_local(&transport);
  raw_peer_stop(peer);
}

static void test_cancel_withheld_call_is_cancelled_once(void **state) {
  (void)state;
  grpc_peer *peer = start_withholding();
  qd_grpc_options options = local_options(grpc_peer_port(peer), 1);
  qd_transport transport = open_local(&options);
  made_call *made = new_call(QDRANT_RPC_POINTS_GET, 100, LONG_MS);
  assert_int_equal(start_call(&transport, made), QDRANT_OK);
  transport.ops->cancel(transport.self, &made->call);
  transport.ops->cancel(transport.self, &made->call);
  assert_true(wait_done(made, ANSWER_MS));
  assert_int_equal(made->call.error.status, QDRANT_CANCELLED);
  transport.ops->cancel(transport.self, &made->call);
  close_local(&transport);
  assert_int_equal(count_done(made), 1);
  free_call(made);
  grpc_peer_stop(peer);
}

/* Ten times what may be reset in one burst: all report, and the connection lives on. */
static void test_cancel_of_many_reports_each_once_and_keeps_the_connection(void **state) {
  (void)state;
  enum { N_CALLS = 200 };
  made_call *calls[N_CALLS];
  grpc_peer *peer = start_withholding();
  qd_grpc_options options = local_options(grpc_peer_port(peer), 1);
  qd_transport transport = open_local(&options);
  assert_true(wait_n_ready(&transport, 1));
  for (size_t i = 0; i < N_CALLS; i++) {
    calls[i] = new_call(QDRANT_RPC_POINTS_GET, 100, LONG_MS);
    assert_int_equal(start_call(&transport, calls[i]), QDRANT_OK);
  }
  for (size_t i = 0; i < N_CALLS; i++)
    transport.ops->cancel(transport.self, &calls[i]->call);
  for (size_t i = 0; i < N_CALLS; i++) {
    assert_true(wait_done(calls[i], ANSWER_MS));
    assert_int_equal(calls[i]->call.error.status, QDRANT_CANCELLED);
  }
  assert_int_equal(call_once(&transport, QDRANT_RPC_POINTS_GET, 1, SHORT_MS, NULL), QDRANT_DEADLINE_EXCEEDED);
  assert_int_equal(grpc_peer_n_callers(peer), 1);
  close_local(&transport);
  assert_int_equal(qd_grpc_leaked_calls(), 1); /* of the test with the stuck upload */
  for (size_t i = 0; i < N_CALLS; i++) {
    assert_int_equal(count_done(calls[i]), 1);
    free_call(calls[i]);
  }
  grpc_peer_stop(peer);
}

static void test_close_with_calls_in_flight_reports_each_once(void **state) {
  (void)state;
  enum { N_CALLS = 100 };
  made_call *calls[N_CALLS];
  grpc_peer *peer = start_withholding();
  qd_grpc_options options = local_options(grpc_peer_port(peer), 3);
  qd_transport transport = open_local(&options);
  for (size_t i = 0; i < N_CALLS; i++) {
    calls[i] = new_call(QDRANT_RPC_POINTS_GET, 1000, LONG_MS);
    assert_int_equal(start_call(&transport, calls[i]), QDRANT_OK);
  }
  uint64_t n_before = qd_grpc_leaked_calls();
  transport.ops->close(transport.self, qd_deadline_in_ms(LONG_MS), 0);
  for (size_t i = 0; i < N_CALLS; i++) {
    assert_int_equal(count_done(calls[i]), 1);
    assert_int_equal(calls[i]->call.error.status, QDRANT_CANCELLED);
    free_call(calls[i]);
  }
  assert_int_equal(qd_grpc_leaked_calls(), n_before);
  grpc_peer_stop(peer);
}

typedef struct chain {
  made_call *made; /* first in its done */
  qd_transport *transport;
  qdrant_status status;
} chain;

static chain closing_chain;

static void start_another(qd_call *call) {
  (void)call;
  made_call *next = new_call(QDRANT_RPC_POINTS_GET, 1, LONG_MS);
  closing_chain.status = start_call(closing_chain.transport, next);
  free_call(next);
}

static void test_start_from_done_during_close_is_closed(void **state) {
  (void)state;
  grpc_peer *peer = start_withholding();
  qd_grpc_options options = local_options(grpc_peer_port(peer), 1);
  qd_transport transport = open_local(&options);
  made_call *made = new_call(QDRANT_RPC_POINTS_GET, 1, LONG_MS);
  closing_chain = (chain){.made = made, .transport = &transport, .status = QDRANT_OK};
  made->call.done = start_another;
  assert_int_equal(start_call(&transport, made), QDRANT_OK);
  close_local(&transport);
  assert_int_equal(closing_chain.status, QDRANT_CLOSED);
  free_call(made);
  grpc_peer_stop(peer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_deadline_peer_that_never_reads_ends_the_upload_and_the_call_behind_it),
      cmocka_unit_test(test_cancel_peer_that_never_reads_ends_the_upload),
      cmocka_unit_test(test_close_with_a_stuck_upload_reports_it_and_counts_what_is_left),
      cmocka_unit_test(test_deadline_while_connecting_is_not_sent),
      cmocka_unit_test(test_cancel_while_connecting_is_not_sent),
      cmocka_unit_test(test_connect_timeout_silent_peer_fails_the_call_before_its_deadline),
      cmocka_unit_test(test_cancel_withheld_call_is_cancelled_once),
      cmocka_unit_test(test_cancel_of_many_reports_each_once_and_keeps_the_connection),
      cmocka_unit_test(test_close_with_calls_in_flight_reports_each_once),
      cmocka_unit_test(test_start_from_done_during_close_is_closed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
