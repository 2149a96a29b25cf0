#include "core/deadline.h"
#include "core/rpc.h"
#include "endpoints/endpoints_transport.h"
#include "tests/support/fake_transport.h"
#include "tests/support/made_call.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { N = 3, LONG_MS = 20000, MAX_FAILURES = 5, MAX_STATES = 32, UNIT_MS = 50 };

/* A question that is not answered within the two units it has. */
#define LATE_CHECK                                                                                                     \
  { .status = QDRANT_DEADLINE_EXCEEDED, .delivery = QDRANT_MAYBE, .delay_ms = 2 * UNIT_MS }

#define READ QDRANT_RPC_POINTS_QUERY
#define WRITE QDRANT_RPC_POINTS_UPSERT

static const fake_step stall = {.kind = FAKE_STALL};
static const fake_step unavailable[] = {{.status = QDRANT_UNAVAILABLE}, {.status = QDRANT_UNAVAILABLE},
    {.status = QDRANT_UNAVAILABLE}, {.status = QDRANT_UNAVAILABLE}, {.status = QDRANT_UNAVAILABLE},
    {.status = QDRANT_UNAVAILABLE}};

/* Several fakes behind one transport, and what was told of them. */
typedef struct world {
  fake_transport *fakes[N];
  size_t n;
  qd_transport transport;
  made_call *call;      /* of the test without memory */
  pthread_mutex_t lock; /* the rest */
  qdrant_endpoint_state states[N][MAX_STATES];
  size_t n_states[N];
} world;

static const char *const urls[N] = {"http://a:1", "http://b:2", "http://c:3"};

static void note_change(void *owner, size_t number, qdrant_endpoint_state state, const char *reason) {
  world *w = owner;
  pthread_mutex_lock(&w->lock);
  if (w->n_states[number] < MAX_STATES)
    w->states[number][w->n_states[number]++] = state;
  pthread_mutex_unlock(&w->lock);
  (void)reason;
}

static qdrant_status open_fakes(world *w, const qd_endpoints_options *options) {
  qd_transport transports[N];
  for (size_t i = 0; i < w->n; i++)
    transports[i] = fake_as_transport(w->fakes[i]);
  return qd_endpoints_open(options, transports, &w->transport, NULL);
}

static void open_with(world *w, size_t n, qd_endpoints_options options) {
  *w = (world){.n = n};
  pthread_mutex_init(&w->lock, NULL);
  for (size_t i = 0; i < n; i++)
    w->fakes[i] = fake_new();
  options.urls = urls;
  options.n_endpoints = n;
  options.changed = note_change;
  options.owner = w;
  assert_int_equal(open_fakes(w, &options), QDRANT_OK);
}

static void open_world(world *w, size_t n, int64_t hedge_delay_ms, double hedge_fraction) {
  open_with(w, n,
      (qd_endpoints_options){
          .has_hedges = hedge_fraction > 0, .hedge_delay_ms = hedge_delay_ms, .hedge_fraction = hedge_fraction});
}

static void open_quick_world(world *w, size_t n, int64_t unit_ms) {
  open_with(w, n, (qd_endpoints_options){.unit_ms = unit_ms});
}

static void close_world(world *w) {
  close_local(&w->transport);
  for (size_t i = 0; i < w->n; i++)
    fake_free(w->fakes[i]);
  pthread_mutex_destroy(&w->lock);
}

static qdrant_endpoint_stats stats_at(world *w, size_t i) {
  qdrant_endpoint_stats stats = {0};
  w->transport.ops->endpoint_stats(w->transport.self, i, &stats);
  return stats;
}

static made_call *begin(world *w, qdrant_rpc rpc) {
  made_call *made = new_call(rpc, 8, LONG_MS);
  assert_int_equal(start_call(&w->transport, made), QDRANT_OK);
  return made;
}

static qdrant_status ask(world *w, qdrant_rpc rpc) {
  return call_once(&w->transport, rpc, 8, LONG_MS, NULL);
}

static void end_cancelled(world *w, made_call *made) {
  w->transport.ops->cancel(w->transport.self, &made->call);
  assert_true(wait_done(made, LONG_MS));
  assert_int_equal(made->call.error.status, QDRANT_CANCELLED);
  free_call(made);
}

static void test_start_idle_endpoints_take_turns(void **state) {
  (void)state;
  world w;
  open_world(&w, N, 0, 0);
  for (int i = 0; i < 2 * N; i++)
    assert_int_equal(ask(&w, i % 2 ? READ : WRITE), QDRANT_OK);
  for (size_t i = 0; i < N; i++)
    assert_int_equal(fake_n_requests(w.fakes[i]), 2);
  close_world(&w);
}

static void test_start_busy_endpoints_get_less(void **state) {
  (void)state;
  world w;
  open_world(&w, N, 0, 0);
  fake_script(w.fakes[0], &stall, 1);
  made_call *stalled = begin(&w, WRITE);
  for (int i = 0; i < 6; i++)
    assert_int_equal(ask(&w, READ), QDRANT_OK);
  assert_int_equal(fake_n_requests(w.fakes[0]), 1);
  assert_int_equal(fake_n_requests(w.fakes[1]) + fake_n_requests(w.fakes[2]), 6);
  assert_int_equal(stats_at(&w, 0).n_calls_in_flight, 1);
  end_cancelled(&w, stalled);
  assert_int_equal(stats_at(&w, 0).n_calls_in_flight, 0);
  close_world(&w);
}

static void test_start_avoided_endpoint_only_if_no_other_is_usable(void **state) {
  (void)state;
  world w;
  open_world(&w, 2, 0, 0);
  for (int i = 0; i < 4; i++) {
    made_call *made = new_call(READ, 8, LONG_MS);
    made->call.avoided_endpoint = 1;
    assert_int_equal(start_call(&w.transport, made), QDRANT_OK);
    assert_true(wait_done(made, LONG_MS));
    assert_int_equal(made->call.endpoint, 1);
    free_call(made);
  }
  fake_set_state(w.fakes[1], QDRANT_ENDPOINT_UNREACHABLE);
  while (stats_at(&w, 1).state != QDRANT_ENDPOINT_UNREACHABLE)
    usleep(1000);
  made_call *made = new_call(READ, 8, LONG_MS);
  made->call.avoided_endpoint = 1;
  assert_int_equal(start_call(&w.transport, made), QDRANT_OK);
  assert_true(wait_done(made, LONG_MS));
  assert_int_equal(made->call.endpoint, 0);
  free_call(made);
  close_world(&w);
}

static void test_start_snapshots_go_to_the_first(void **state) {
  (void)state;
  world w;
  open_world(&w, N, 1, 1.0);
  for (int i = 0; i < 4; i++)
    assert_int_equal(ask(&w, i % 2 ? QDRANT_RPC_SNAPSHOTS_LIST : QDRANT_RPC_SNAPSHOTS_CREATE), QDRANT_OK);
  assert_int_equal(fake_n_requests(w.fakes[0]), 4);
  close_world(&w);
}

static void eject(world *w, size_t i) {
  fake_script(w->fakes[i], unavailable, MAX_FAILURES);
  while (stats_at(w, i).n_ejections == 0)
    ask(w, READ);
}

static void wait_told(world *w, size_t i, qdrant_endpoint_state wanted) {
  int64_t deadline_ns = qd_deadline_in_ms(LONG_MS);
  int is_told = 0;
  while (!is_told) {
    assert_false(qd_deadline_has_passed(deadline_ns));
    pthread_mutex_lock(&w->lock);
    is_told = w->n_states[i] > 0 && w->states[i][w->n_states[i] - 1] == wanted;
    pthread_mutex_unlock(&w->lock);
    usleep(1000);
  }
}

static void test_start_failing_endpoint_is_left_out_then_tried_by_one_check(void **state) {
  (void)state;
  world w;
  open_world(&w, N, 0, 0);
  eject(&w, 0);
  qdrant_endpoint_stats stats = stats_at(&w, 0);
  assert_int_equal(stats.state, QDRANT_ENDPOINT_EJECTED);
  assert_int_equal(stats.n_failed, MAX_FAILURES);
  assert_in_range(stats.ejected_ms, 1, 1000);
  for (int i = 0; i < 10; i++)
    assert_int_equal(ask(&w, READ), QDRANT_OK);
  assert_int_equal(fake_n_requests(w.fakes[0]), MAX_FAILURES);
  wait_told(&w, 0, QDRANT_ENDPOINT_READY); /* by the library's own question */
  assert_int_equal(fake_request_at(w.fakes[0], MAX_FAILURES)->rpc, QDRANT_RPC_HEALTH_CHECK);
  for (int i = 0; i < 3; i++)
    assert_int_equal(ask(&w, READ), QDRANT_OK);
  assert_true(fake_n_requests(w.fakes[0]) > MAX_FAILURES + 1);
  pthread_mutex_lock(&w.lock);
  assert_int_equal(w.n_states[0], 3);
  assert_int_equal(w.states[0][0], QDRANT_ENDPOINT_READY);
  assert_int_equal(w.states[0][1], QDRANT_ENDPOINT_EJECTED);
  pthread_mutex_unlock(&w.lock);
  close_world(&w);
}

/* What is let in at once doubles with each round of answers. */
static void test_start_endpoint_that_came_back_gets_calls_little_by_little(void **state) {
  (void)state;
  world w;
  open_world(&w, 2, 0, 0);
  wait_told(&w, 0, QDRANT_ENDPOINT_READY);
  fake_set_state(w.fakes[0], QDRANT_ENDPOINT_UNREACHABLE);
  wait_told(&w, 0, QDRANT_ENDPOINT_UNREACHABLE);
  static const fake_step stalls[] = {{.kind = FAKE_STALL}, {.kind = FAKE_STALL}, {.kind = FAKE_STALL},
      {.kind = FAKE_STALL}, {.kind = FAKE_STALL}, {.kind = FAKE_STALL}, {.kind = FAKE_STALL}, {.kind = FAKE_STALL}};
  fake_script(w.fakes[1], stalls, 8);
  size_t n_before = fake_n_requests(w.fakes[0]);
  made_call *others[8];
  for (int i = 0; i < 4; i++)
    others[i] = begin(&w, WRITE);
  assert_int_equal(fake_n_requests(w.fakes[1]), 4);
  fake_script(w.fakes[0], stalls, 8);
  fake_set_state(w.fakes[0], QDRANT_ENDPOINT_READY);
  wait_told(&w, 0, QDRANT_ENDPOINT_READY);
  size_t n_checks = fake_n_requests(w.fakes[0]) - n_before;
  for (int i = 4; i < 8; i++)
    others[i] = begin(&w, WRITE);
  assert_int_equal(fake_n_requests(w.fakes[0]) - n_before - n_checks, 1); /* although it has the least to do */
  for (int i = 0; i < 8; i++)
    end_cancelled(&w, others[i]);
  close_world(&w);
}

static void test_start_all_failing_one_is_used_all_the_same(void **state) {
  (void)state;
  world w;
  open_world(&w, 2, 0, 0);
  fake_script(w.fakes[0], unavailable, MAX_FAILURES);
  fake_script(w.fakes[1], unavailable, MAX_FAILURES);
  for (int i = 0; i < 2 * MAX_FAILURES; i++)
    assert_int_equal(ask(&w, READ), QDRANT_UNAVAILABLE);
  assert_int_equal(stats_at(&w, 0).state, QDRANT_ENDPOINT_EJECTED);
  assert_int_equal(stats_at(&w, 1).state, QDRANT_ENDPOINT_EJECTED);
  assert_int_equal(ask(&w, READ), QDRANT_OK);
  close_world(&w);
}

static void test_start_refused_call_is_refused_and_forgotten(void **state) {
  static const fake_step refuse = {.kind = FAKE_REFUSE, .status = QDRANT_INVALID_ARGUMENT};
  (void)state;
  world w;
  open_world(&w, 2, 1, 1.0);
  fake_script(w.fakes[0], &refuse, 1);
  made_call *made = new_call(READ, 8, LONG_MS);
  assert_int_equal(start_call(&w.transport, made), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(count_done(made), 0);
  assert_null(made->call.transport_state);
  assert_int_equal(stats_at(&w, 0).n_calls_in_flight, 0);
  free_call(made);
  close_world(&w);
}

/* A node that was stopped: reads do not wait for it beyond five units of time, writes keep their own deadline. */
static void test_watch_silent_endpoint_is_left_out_and_its_reads_given_up(void **state) {
  static const fake_step silent[] = {{.kind = FAKE_STALL}, {.kind = FAKE_STALL}, LATE_CHECK, LATE_CHECK, LATE_CHECK,
      LATE_CHECK, LATE_CHECK, LATE_CHECK, LATE_CHECK, LATE_CHECK};
  (void)state;
  world w;
  open_quick_world(&w, 2, UNIT_MS);
  fake_script(w.fakes[0], silent, sizeof silent / sizeof silent[0]);
  made_call *read = begin(&w, READ);
  fake_script(w.fakes[1], &stall, 1);
  made_call *other = begin(&w, READ);
  made_call *write = begin(&w, WRITE);
  end_cancelled(&w, other);
  while (!wait_done(read, 5))
    assert_int_equal(ask(&w, READ), QDRANT_OK); /* somebody answers */
  assert_int_equal(read->call.error.status, QDRANT_UNAVAILABLE);
  assert_true(read->call.error.is_retryable);
  assert_non_null(strstr(read->call.error.message, "no answer, while other endpoints do answer"));
  assert_int_equal(stats_at(&w, 0).state, QDRANT_ENDPOINT_EJECTED);
  assert_int_equal(fake_request_at(w.fakes[0], 2)->rpc, QDRANT_RPC_HEALTH_CHECK);
  assert_int_equal(count_done(write), 0);
  end_cancelled(&w, write);
  free_call(read);
  close_world(&w);
}

/* What answers its checks is slow, not gone. */
static void test_watch_slow_endpoint_that_answers_checks_keeps_its_calls(void **state) {
  static const fake_step slow[] = {{.delay_ms = 8 * UNIT_MS}};
  (void)state;
  world w;
  open_quick_world(&w, 2, UNIT_MS);
  fake_script(w.fakes[0], slow, 1);
  made_call *read = begin(&w, READ);
  while (!wait_done(read, 5))
    assert_int_equal(ask(&w, READ), QDRANT_OK);
  assert_int_equal(read->call.error.status, QDRANT_OK);
  assert_true(fake_n_requests(w.fakes[0]) > 1); /* it was asked */
  assert_int_equal(stats_at(&w, 0).n_ejections, 0);
  free_call(read);
  close_world(&w);
}

static void test_hedge_late_read_is_answered_by_the_other_and_the_loser_cancelled(void **state) {
  (void)state;
  world w;
  open_world(&w, 2, 1, 1.0);
  fake_script(w.fakes[0], &stall, 1);
  made_call *made = begin(&w, READ);
  assert_true(wait_done(made, LONG_MS));
  assert_int_equal(made->call.error.status, QDRANT_OK);
  assert_int_equal(made->call.endpoint, 1);
  free_call(made); /* the loser goes on without it */
  assert_int_equal(fake_n_requests(w.fakes[1]), 1);
  assert_int_equal(fake_n_cancels(w.fakes[0]), 1);
  assert_int_equal(stats_at(&w, 1).n_hedges, 1);
  close_world(&w);
}

static void test_hedge_writes_never(void **state) {
  (void)state;
  world w;
  open_world(&w, 2, 1, 1.0);
  fake_script(w.fakes[0], &(fake_step){.delay_ms = 30}, 1);
  made_call *made = begin(&w, WRITE);
  assert_true(wait_done(made, LONG_MS));
  assert_int_equal(made->call.endpoint, 0);
  free_call(made);
  assert_int_equal(fake_n_requests(w.fakes[1]), 0);
  close_world(&w);
}

static void test_hedge_at_most_the_fraction(void **state) {
  static fake_step late[20];
  (void)state;
  world w;
  for (int i = 0; i < 20; i++)
    late[i] = (fake_step){.delay_ms = 5};
  open_world(&w, 2, 1, 0.1);
  fake_script(w.fakes[0], late, 20);
  fake_script(w.fakes[1], late, 20);
  for (int i = 0; i < 20; i++)
    assert_int_equal(ask(&w, READ), QDRANT_OK);
  assert_in_range(stats_at(&w, 0).n_hedges + stats_at(&w, 1).n_hedges, 1, 2);
  close_world(&w);
}

/* Trouble of the first leaves the other's answer to come; a refusal is an answer. */
static void test_hedge_failure_waits_for_the_other_but_a_refusal_counts(void **state) {
  static const fake_step dies = {.status = QDRANT_UNAVAILABLE, .delay_ms = 30};
  static const fake_step answers_later = {.delay_ms = 100};
  static const fake_step refuses = {.status = QDRANT_NOT_FOUND, .delivery = QDRANT_ANSWERED};
  (void)state;
  world w;
  open_world(&w, 2, 1, 1.0);
  fake_script(w.fakes[0], &dies, 1);
  fake_script(w.fakes[1], &answers_later, 1);
  assert_int_equal(ask(&w, READ), QDRANT_OK);
  close_world(&w);
  open_world(&w, 2, 1, 1.0);
  fake_script(w.fakes[0], &stall, 1);
  fake_script(w.fakes[1], &refuses, 1);
  assert_int_equal(ask(&w, READ), QDRANT_NOT_FOUND);
  close_world(&w);
}

static void test_hedge_both_fail_is_told_once(void **state) {
  static const fake_step dies_later = {.status = QDRANT_UNAVAILABLE, .delay_ms = 30};
  (void)state;
  world w;
  open_world(&w, 2, 1, 1.0);
  fake_script(w.fakes[0], &dies_later, 1);
  fake_script(w.fakes[1], &dies_later, 1);
  made_call *made = begin(&w, READ);
  assert_true(wait_done(made, LONG_MS));
  assert_int_equal(made->call.error.status, QDRANT_UNAVAILABLE);
  close_local(&w.transport);
  assert_int_equal(count_done(made), 1);
  free_call(made);
  for (size_t i = 0; i < 2; i++)
    fake_free(w.fakes[i]);
}

static void test_hedge_refused_second_leaves_the_first(void **state) {
  static const fake_step refuse = {.kind = FAKE_REFUSE, .status = QDRANT_NO_MEMORY};
  static const fake_step late = {.delay_ms = 50};
  (void)state;
  world w;
  open_world(&w, 2, 1, 1.0);
  fake_script(w.fakes[0], &late, 1);
  fake_script(w.fakes[1], &refuse, 1);
  assert_int_equal(ask(&w, READ), QDRANT_OK);
  assert_int_equal(fake_n_requests(w.fakes[1]), 1);
  close_world(&w);
}

static void test_hedge_one_endpoint_asks_on_another_connection(void **state) {
  (void)state;
  world w;
  open_world(&w, 1, 1, 1.0);
  fake_script(w.fakes[0], &stall, 1);
  assert_int_equal(ask(&w, READ), QDRANT_OK);
  assert_int_equal(fake_n_requests(w.fakes[0]), 2);
  assert_int_equal(fake_request_at(w.fakes[0], 0)->avoided_connection, 0);
  assert_int_equal(fake_request_at(w.fakes[0], 1)->avoided_connection, FAKE_CONNECTION);
  close_world(&w);
}

static void test_cancel_ends_both_legs(void **state) {
  (void)state;
  world w;
  open_world(&w, 2, 1, 1.0);
  fake_script(w.fakes[0], &stall, 1);
  fake_script(w.fakes[1], &stall, 1);
  made_call *made = begin(&w, READ);
  fake_wait_requests(w.fakes[1], 1);
  end_cancelled(&w, made);
  close_world(&w);
}

static void test_close_with_hedges_in_flight_ends_each_once(void **state) {
  (void)state;
  world w;
  made_call *made[8];
  fake_step steps[8];
  for (int i = 0; i < 8; i++)
    steps[i] = (fake_step){.kind = i % 2 ? FAKE_HANG : FAKE_STALL};
  open_world(&w, 2, 1, 1.0);
  fake_script(w.fakes[0], steps, 8);
  fake_script(w.fakes[1], steps, 8);
  for (int i = 0; i < 8; i++)
    made[i] = begin(&w, READ);
  fake_wait_requests(w.fakes[0], 5);
  close_local(&w.transport);
  for (int i = 0; i < 8; i++) {
    assert_int_equal(count_done(made[i]), 1);
    free_call(made[i]);
  }
  for (size_t i = 0; i < 2; i++)
    fake_free(w.fakes[i]);
}

static void close_fakes(world *w) {
  for (size_t i = 0; i < w->n; i++) {
    qd_transport fake = fake_as_transport(w->fakes[i]);
    close_local(&fake);
  }
}

/* One read, whose memory is there already; it goes out once when there is none for a second. */
static qdrant_status open_ask_and_close(void *user) {
  world *w = user;
  made_call *made = w->call;
  qd_endpoints_options options = {
      .urls = urls, .n_endpoints = 2, .has_hedges = 1, .hedge_delay_ms = 1, .hedge_fraction = 1.0};
  static const fake_step late = {.delay_ms = 5};
  for (size_t i = 0; i < w->n; i++) {
    w->fakes[i] = fake_new();
    fake_script(w->fakes[i], &late, 1);
  }
  qdrant_status status = open_fakes(w, &options);
  if (status == QDRANT_OK) {
    made->n_done = 0;
    made->call.deadline_ns = qd_deadline_in_ms(LONG_MS);
    status = start_call(&w->transport, made);
    if (status == QDRANT_OK) {
      assert_true(wait_done(made, LONG_MS));
      made->call.bytes.ops->release(made->call.bytes.owner);
      made->call.bytes.ops = NULL;
    }
    close_local(&w->transport);
  } else {
    close_fakes(w);
  }
  for (size_t i = 0; i < w->n; i++)
    fake_free(w->fakes[i]);
  return status;
}

static void test_open_and_start_out_of_memory_say_so(void **state) {
  (void)state;
  world w = {.n = 2, .call = new_call(READ, 0, LONG_MS)};
  torture_lenient(open_ask_and_close, &w);
  free_call(w.call);
}

static qdrant_status open_client_and_close(void *user) {
  static const qdrant_endpoint endpoints[] = {{.url = "http://127.0.0.1:1/a"}, {.url = "http://127.0.0.1:2/b"}};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  (void)user;
  options.endpoints = endpoints;
  options.n_endpoints = 2;
  options.prefer_grpc = QDRANT_OFF; /* gRPC core aborts without memory */
  options.hedge_reads = QDRANT_ON;
  options.route_affinity = "shelf-7";
  options.read_consistency = QDRANT_CONSISTENCY_QUORUM;
  options.close_timeout_ms = -1;
  qdrant_status status = qdrant_client_open(&options, &client, NULL);
  qdrant_client_close(client);
  return status;
}

static void test_client_of_several_endpoints_out_of_memory_says_so(void **state) {
  (void)state;
  torture_lenient(open_client_and_close, NULL); /* what is looked at meanwhile may lack memory unheard */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_idle_endpoints_take_turns),
      cmocka_unit_test(test_start_busy_endpoints_get_less),
      cmocka_unit_test(test_start_avoided_endpoint_only_if_no_other_is_usable),
      cmocka_unit_test(test_start_snapshots_go_to_the_first),
      cmocka_unit_test(test_start_failing_endpoint_is_left_out_then_tried_by_one_check),
      cmocka_unit_test(test_start_endpoint_that_came_back_gets_calls_little_by_little),
      cmocka_unit_test(test_start_all_failing_one_is_used_all_the_same),
      cmocka_unit_test(test_start_refused_call_is_refused_and_forgotten),
      cmocka_unit_test(test_watch_silent_endpoint_is_left_out_and_its_reads_given_up),
      cmocka_unit_test(test_watch_slow_endpoint_that_answers_checks_keeps_its_calls),
      cmocka_unit_test(test_hedge_late_read_is_answered_by_the_other_and_the_loser_cancelled),
      cmocka_unit_test(test_hedge_writes_never),
      cmocka_unit_test(test_hedge_at_most_the_fraction),
      cmocka_unit_test(test_hedge_failure_waits_for_the_other_but_a_refusal_counts),
      cmocka_unit_test(test_hedge_both_fail_is_told_once),
      cmocka_unit_test(test_hedge_refused_second_leaves_the_first),
      cmocka_unit_test(test_hedge_one_endpoint_asks_on_another_connection),
      cmocka_unit_test(test_cancel_ends_both_legs),
      cmocka_unit_test(test_close_with_hedges_in_flight_ends_each_once),
      cmocka_unit_test(test_open_and_start_out_of_memory_say_so),
      cmocka_unit_test(test_client_of_several_endpoints_out_of_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
