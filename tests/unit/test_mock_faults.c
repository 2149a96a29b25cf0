#include "core/deadline.h"
#include "qdrant/mock.h"
#include "tests/support/points.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { HOUR_MS = 3600000, WAIT_MS = 30000 };

typedef struct fixture {
  qdrant_mock *mock;
  raw_client *client;
} fixture;

/* One worker: a delay that kept it would be seen. The collection is there. */
static int set_up(void **state) {
  static fixture made;
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  options.n_threads = 1;
  assert_int_equal(qdrant_mock_start(&options, &made.mock, NULL), QDRANT_OK);
  made.client = raw_client_open(qdrant_mock_grpc_port(made.mock));
  points_create(made.client);
  *state = &made;
  return 0;
}

static int tear_down(void **state) {
  fixture *made = *state;
  raw_client_close(made->client);
  qdrant_mock_stop(made->mock);
  return 0;
}

static qdrant_mock_fault fault_of(qdrant_fault_kind kind) {
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  fault.kind = kind;
  fault.rpc = "Points/Upsert";
  return fault;
}

static void add(fixture *made, const qdrant_mock_fault *fault) {
  qdrant_error err = {0};
  qdrant_status status = qdrant_mock_add_fault(made->mock, fault, &err);
  if (status != QDRANT_OK)
    print_error("%s\n", err.message);
  assert_int_equal(status, QDRANT_OK);
}

static qdrant_mock_stats stats_of(fixture *made) {
  qdrant_mock_stats stats = {.size = sizeof stats};
  qdrant_mock_get_stats(made->mock, &stats);
  return stats;
}

static void wait_for_faults(fixture *made, uint64_t n_wanted) {
  int64_t limit_ns = qd_deadline_in_ms(WAIT_MS);
  while (stats_of(made).n_faults < n_wanted && !qd_deadline_has_passed(limit_ns))
    nanosleep(&(struct timespec){.tv_nsec = QD_NS_PER_MS}, NULL);
  assert_int_equal(stats_of(made).n_faults, n_wanted);
}

static void test_status_answers_it_and_does_not_carry_out(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_STATUS);
  fault.status = QDRANT_RESOURCE_EXHAUSTED;
  fault.message = "slow down";
  fault.retry_after_s = 15;
  add(made, &fault);
  raw_call *call = points_start_upsert(made->client, 1, 2);
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_RESOURCE_EXHAUSTED);
  assert_string_equal(raw_call_text(call), "slow down");
  assert_string_equal(raw_call_trailer(call, "retry-after"), "15");
  assert_non_null(raw_call_trailer(call, "date"));
  raw_call_free(call);
  assert_int_equal(points_count(made->client), 0);
  assert_int_equal(points_upsert(made->client, 1, 2), 0);
  assert_int_equal(points_count(made->client), 2);
  assert_int_equal(stats_of(made).n_faults, 1);
  assert_int_equal(stats_of(made).n_connections, 1);
}

static void test_delay_carries_out_not_before_its_time(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_DELAY);
  fault.delay_ms = 50;
  add(made, &fault);
  int64_t begin_ns = qd_now_ns();
  assert_int_equal(points_upsert(made->client, 1, 2), 0);
  assert_true(qd_now_ns() - begin_ns >= 50 * QD_NS_PER_MS);
  assert_int_equal(points_count(made->client), 2);
}

static void test_delay_keeps_no_worker(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_DELAY);
  fault.delay_ms = HOUR_MS;
  add(made, &fault);
  raw_call *call = points_start_upsert(made->client, 1, 2);
  wait_for_faults(made, 1);
  assert_int_equal(points_count(made->client), 0);
  raw_call_cancel(call);
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_CANCELLED);
  raw_call_free(call);
}

static void test_delay_longer_than_the_client_waits_carries_out(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_DELAY);
  fault.delay_ms = 100;
  add(made, &fault);
  raw_call *call = points_start_upsert(made->client, 1, 2);
  wait_for_faults(made, 1);
  raw_call_cancel(call);
  raw_call_free(call);
  int64_t limit_ns = qd_deadline_in_ms(WAIT_MS);
  while (points_count(made->client) == 0 && !qd_deadline_has_passed(limit_ns))
    nanosleep(&(struct timespec){.tv_nsec = QD_NS_PER_MS}, NULL);
  assert_int_equal(points_count(made->client), 2);
}

static void test_drop_closes_the_connection_and_does_not_carry_out(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_DROP);
  add(made, &fault);
  raw_call *call = points_start_upsert(made->client, 1, 2);
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_UNAVAILABLE);
  assert_null(raw_call_trailer(call, "date"));
  raw_call_free(call);
  assert_int_equal(points_count(made->client), 0);
  assert_int_equal(stats_of(made).n_connections, 2);
  assert_int_equal(stats_of(made).n_open, 1);
}

static void test_drop_leaves_other_connections(void **state) {
  fixture *made = *state;
  raw_client *other = raw_client_open(qdrant_mock_grpc_port(made->mock));
  qdrant_mock_fault stall = fault_of(QDRANT_FAULT_STALL);
  stall.rpc = "Qdrant/HealthCheck";
  add(made, &stall);
  raw_call *held = raw_call_start(other, &(raw_request){.path = "/qdrant.Qdrant/HealthCheck", .bytes = ""});
  wait_for_faults(made, 1);
  qdrant_mock_fault drop = fault_of(QDRANT_FAULT_DROP);
  add(made, &drop);
  assert_int_equal(points_upsert(made->client, 1, 1), GRPC_STATUS_UNAVAILABLE);
  assert_int_equal(points_count(made->client), 0);
  /* Still the first connection of other, and its call still under way. */
  assert_int_equal(points_count(other), 0);
  assert_false(raw_call_is_done_within(held, 0));
  assert_int_equal(stats_of(made).n_connections, 3);
  raw_call_cancel(held);
  raw_call_free(held);
  raw_client_close(other);
}

static void test_apply_then_fail_carries_out_and_answers_the_status(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_APPLY_THEN_FAIL);
  fault.status = QDRANT_UNAVAILABLE;
  fault.message = "lost the peer";
  add(made, &fault);
  raw_call *call = points_start_upsert(made->client, 1, 2);
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_UNAVAILABLE);
  assert_string_equal(raw_call_text(call), "lost the peer");
  assert_non_null(raw_call_trailer(call, "date"));
  raw_call_free(call);
  assert_int_equal(points_count(made->client), 2);
  assert_int_equal(stats_of(made).n_points, 2);
  assert_int_equal(stats_of(made).n_connections, 1);
}

static void test_apply_then_drop_carries_out_and_closes_the_connection(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_APPLY_THEN_DROP);
  add(made, &fault);
  raw_call *call = points_start_upsert(made->client, 1, 2);
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_UNAVAILABLE);
  assert_null(raw_call_trailer(call, "date"));
  raw_call_free(call);
  assert_int_equal(points_count(made->client), 2);
  assert_int_equal(stats_of(made).n_connections, 2);
}

static void test_stall_never_answers_until_the_connection_ends(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_STALL);
  add(made, &fault);
  raw_call *call = points_start_upsert(made->client, 1, 2);
  wait_for_faults(made, 1);
  assert_int_equal(points_count(made->client), 0);
  assert_false(raw_call_is_done_within(call, 20));
  qdrant_mock_drop_connections(made->mock);
  assert_int_equal(raw_call_wait(call), GRPC_STATUS_UNAVAILABLE);
  raw_call_free(call);
  assert_int_equal(points_count(made->client), 0);
}

static void test_skip_and_count_choose_the_calls(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_STATUS);
  fault.status = QDRANT_ABORTED;
  fault.skip = 2;
  fault.count = 2;
  add(made, &fault);
  const int wanted[] = {0, 0, GRPC_STATUS_ABORTED, GRPC_STATUS_ABORTED, 0};
  for (uint64_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
    assert_int_equal(points_health(made->client), 0); /* of another RPC: not counted */
    assert_int_equal(points_upsert(made->client, i, 1), wanted[i]);
  }
  assert_int_equal(points_count(made->client), 3);
}

static void test_count_of_minus_one_meets_every_call_until_cleared(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_STATUS);
  fault.rpc = NULL;
  fault.status = QDRANT_INTERNAL;
  fault.count = -1;
  add(made, &fault);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(points_upsert(made->client, 1, 1), GRPC_STATUS_INTERNAL);
    assert_int_equal(points_health(made->client), GRPC_STATUS_INTERNAL);
  }
  qdrant_mock_clear_faults(made->mock);
  assert_int_equal(points_upsert(made->client, 1, 1), 0);
  assert_int_equal(stats_of(made).n_faults, 10);
}

static void test_two_faults_are_met_in_their_order(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_STATUS);
  fault.status = QDRANT_ABORTED;
  add(made, &fault);
  fault.status = QDRANT_INTERNAL;
  fault.skip = 1;
  add(made, &fault);
  assert_int_equal(points_upsert(made->client, 1, 1), GRPC_STATUS_ABORTED);
  assert_int_equal(points_upsert(made->client, 1, 1), 0);
  assert_int_equal(points_upsert(made->client, 1, 1), GRPC_STATUS_INTERNAL);
  assert_int_equal(points_upsert(made->client, 1, 1), 0);
}

static void expect_refused(fixture *made, const qdrant_mock_fault *fault, const char *member) {
  qdrant_error err = {0};
  assert_int_equal(qdrant_mock_add_fault(made->mock, fault, &err), QDRANT_INVALID_ARGUMENT);
  if (strstr(err.message, member) == NULL)
    print_error("%s\n", err.message);
  assert_non_null(strstr(err.message, member));
}

static void test_add_fault_with_a_wrong_member_names_it(void **state) {
  fixture *made = *state;
  qdrant_mock_fault fault = fault_of(QDRANT_FAULT_STATUS);
  fault.status = QDRANT_ABORTED;
  qdrant_mock_fault wrong = fault;
  wrong.size = 0;
  expect_refused(made, &wrong, "qdrant_mock_fault.size");
  wrong = fault;
  wrong.rpc = "Points/Nothing";
  expect_refused(made, &wrong, "fault.rpc");
  wrong = fault;
  wrong.kind = (qdrant_fault_kind)6;
  expect_refused(made, &wrong, "fault.kind");
  wrong = fault;
  wrong.count = -2;
  expect_refused(made, &wrong, "fault.count");
  wrong = fault;
  wrong.status = QDRANT_OK;
  expect_refused(made, &wrong, "fault.status");
  wrong = fault;
  wrong.status = QDRANT_AGAIN;
  expect_refused(made, &wrong, "fault.status");
  wrong = fault;
  wrong.delay_ms = UINT32_MAX;
  expect_refused(made, &wrong, "fault.delay_ms");
  expect_refused(made, NULL, "fault must not be NULL");
  assert_int_equal(points_upsert(made->client, 1, 1), 0);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_SERVER(test_status_answers_it_and_does_not_carry_out),
      WITH_SERVER(test_delay_carries_out_not_before_its_time),
      WITH_SERVER(test_delay_keeps_no_worker),
      WITH_SERVER(test_delay_longer_than_the_client_waits_carries_out),
      WITH_SERVER(test_drop_closes_the_connection_and_does_not_carry_out),
      WITH_SERVER(test_drop_leaves_other_connections),
      WITH_SERVER(test_apply_then_fail_carries_out_and_answers_the_status),
      WITH_SERVER(test_apply_then_drop_carries_out_and_closes_the_connection),
      WITH_SERVER(test_stall_never_answers_until_the_connection_ends),
      WITH_SERVER(test_skip_and_count_choose_the_calls),
      WITH_SERVER(test_count_of_minus_one_meets_every_call_until_cleared),
      WITH_SERVER(test_two_faults_are_met_in_their_order),
      WITH_SERVER(test_add_fault_with_a_wrong_member_names_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
