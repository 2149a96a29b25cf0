#include "core/deadline.h"
#include "pool/picker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N_CHANNELS = 4, KIB = 1024 };

static qd_channel channels[N_CHANNELS];

static void set_states(
    grpc_connectivity_state a, grpc_connectivity_state b, grpc_connectivity_state c, grpc_connectivity_state d) {
  memset(channels, 0, sizeof channels);
  channels[0].state = a;
  channels[1].state = b;
  channels[2].state = c;
  channels[3].state = d;
}

static void set_ready(void) {
  set_states(GRPC_CHANNEL_READY, GRPC_CHANNEL_READY, GRPC_CHANNEL_READY, GRPC_CHANNEL_READY);
}

static size_t pick_but(uint32_t avoided, int64_t now_ns) {
  return (size_t)(qd_pick_channel(channels, N_CHANNELS, avoided, now_ns) - channels);
}

static size_t pick(int64_t now_ns) {
  return pick_but(0, now_ns);
}

static void test_qd_pick_channel_tie_is_lowest_index(void **state) {
  (void)state;
  set_ready();
  assert_int_equal(pick(1), 0);
}

static void test_qd_pick_channel_calls_spread_in_turn(void **state) {
  (void)state;
  set_ready();
  for (size_t i = 0; i < 3 * N_CHANNELS; i++) {
    assert_int_equal(pick(1), i % N_CHANNELS);
    qd_channel_add_call(&channels[pick(1)], 10);
  }
  qd_channel_end_call(&channels[2]);
  qd_channel_end_send(&channels[2], 10);
  assert_int_equal(pick(1), 2);
}

static void test_qd_pick_channel_bytes_weigh_like_calls(void **state) {
  (void)state;
  set_ready();
  for (size_t i = 1; i < N_CHANNELS; i++) {
    qd_channel_add_call(&channels[i], 0);
    qd_channel_add_call(&channels[i], 0);
  }
  channels[0].n_bytes = 132 * KIB; /* a little more than two calls */
  assert_int_equal(pick(1), 1);
  channels[0].n_bytes = 127 * KIB;
  assert_int_equal(pick(1), 0);
}

static void test_qd_pick_channel_ready_goes_before_idle_load(void **state) {
  (void)state;
  set_states(GRPC_CHANNEL_CONNECTING, GRPC_CHANNEL_TRANSIENT_FAILURE, GRPC_CHANNEL_READY, GRPC_CHANNEL_IDLE);
  channels[2].n_calls = 1000;
  assert_int_equal(pick(1), 2);
}

static void test_qd_pick_channel_avoided_only_if_no_other_is_ready(void **state) {
  (void)state;
  set_ready();
  for (size_t i = 1; i < N_CHANNELS; i++) {
    qd_channel_add_call(&channels[i], 10);
    qd_channel_penalise(&channels[i], 1);
  }
  assert_int_equal(pick_but(1, 1), 1);
  set_states(GRPC_CHANNEL_READY, GRPC_CHANNEL_CONNECTING, GRPC_CHANNEL_IDLE, GRPC_CHANNEL_TRANSIENT_FAILURE);
  assert_int_equal(pick_but(1, 1), 0);
}

static void test_qd_pick_channel_none_ready_takes_one_that_connects(void **state) {
  (void)state;
  set_states(
      GRPC_CHANNEL_TRANSIENT_FAILURE, GRPC_CHANNEL_CONNECTING, GRPC_CHANNEL_TRANSIENT_FAILURE, GRPC_CHANNEL_CONNECTING);
  assert_int_equal(pick(1), 1);
  channels[1].n_calls = 1;
  assert_int_equal(pick(1), 3);
}

static void test_qd_pick_channel_all_failing_takes_the_least_loaded(void **state) {
  (void)state;
  set_states(GRPC_CHANNEL_TRANSIENT_FAILURE, GRPC_CHANNEL_TRANSIENT_FAILURE, GRPC_CHANNEL_TRANSIENT_FAILURE,
      GRPC_CHANNEL_SHUTDOWN);
  channels[0].n_calls = 1;
  assert_int_equal(pick(1), 1);
}

static void test_qd_channel_penalise_keeps_it_back_for_a_while_only(void **state) {
  (void)state;
  set_ready();
  int64_t now_ns = 100 * QD_NS_PER_S;
  for (size_t i = 1; i < N_CHANNELS; i++)
    channels[i].n_calls = 50;
  qd_channel_penalise(&channels[0], now_ns);
  assert_int_equal(pick(now_ns), 1);
  assert_int_equal(pick(now_ns + 60 * QD_NS_PER_S), 0);
}

static void test_qd_channel_penalise_all_is_as_none(void **state) {
  (void)state;
  set_ready();
  for (size_t i = 0; i < N_CHANNELS; i++)
    qd_channel_penalise(&channels[i], 1);
  channels[0].n_calls = 1;
  assert_int_equal(pick(1), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_pick_channel_tie_is_lowest_index),
      cmocka_unit_test(test_qd_pick_channel_calls_spread_in_turn),
      cmocka_unit_test(test_qd_pick_channel_bytes_weigh_like_calls),
      cmocka_unit_test(test_qd_pick_channel_ready_goes_before_idle_load),
      cmocka_unit_test(test_qd_pick_channel_avoided_only_if_no_other_is_ready),
      cmocka_unit_test(test_qd_pick_channel_none_ready_takes_one_that_connects),
      cmocka_unit_test(test_qd_pick_channel_all_failing_takes_the_least_loaded),
      cmocka_unit_test(test_qd_channel_penalise_keeps_it_back_for_a_while_only),
      cmocka_unit_test(test_qd_channel_penalise_all_is_as_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
