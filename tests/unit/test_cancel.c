#include "core/deadline.h"
#include "qdrant/calls.h"
#include "tests/support/ends.h"
#include "tests/support/fake_transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

typedef struct fixture {
  fake_transport *fake;
  qdrant_client *client;
  qdrant_cancel *cancel;
  qdrant_call_options options;
  ends ends;
} fixture;

static void open_fixture(fixture *f, const qdrant_options *options, int runs_in_caller) {
  memset(f, 0, sizeof *f);
  f->fake = fake_new();
  f->client = fake_client(f->fake, options, runs_in_caller);
  f->cancel = qdrant_cancel_new();
  f->options = (qdrant_call_options)QDRANT_CALL_OPTIONS_INIT;
  f->options.cancel = f->cancel;
  ends_init(&f->ends);
}

static void close_fixture(fixture *f) {
  qdrant_client_close(f->client);
  qdrant_cancel_free(f->cancel);
  fake_free(f->fake);
}

static qdrant_status start(fixture *f) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_then then = {.done = ends_count, .user = &f->ends};
  return qdrant_health_check_start(f->client, &request, &f->options, &then, NULL);
}

static qdrant_status call(fixture *f, qdrant_error *err) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_health_check(f->client, &request, &f->options, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

static void test_cancel_fire_calls_in_flight_all_end(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.kind = FAKE_STALL}, {.kind = FAKE_STALL}, {.kind = FAKE_STALL}};
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  for (size_t i = 0; i < N(steps); i++)
    assert_int_equal(start(&f), QDRANT_OK);
  qdrant_cancel_fire(f.cancel);
  ends_wait(&f.ends, 3);
  assert_int_equal(f.ends.last.status, QDRANT_CANCELLED);
  assert_int_equal(f.ends.last.delivery, QDRANT_MAYBE);
  assert_int_equal(fake_n_cancels(f.fake), 3);
  close_fixture(&f);
}

static void test_cancel_fired_later_calls_not_taken(void **state) {
  (void)state;
  fixture f;
  qdrant_error err;
  open_fixture(&f, NULL, 0);
  qdrant_cancel_fire(f.cancel);
  qdrant_cancel_fire(f.cancel);
  assert_int_equal(start(&f), QDRANT_CANCELLED);
  assert_int_equal(call(&f, &err), QDRANT_CANCELLED);
  assert_int_equal(err.delivery, QDRANT_NOT_SENT);
  assert_int_equal(err.n_attempts, 0);
  assert_int_equal(fake_n_requests(f.fake), 0);
  close_fixture(&f);
  assert_int_equal(f.ends.n, 0);
}

/* Fires once the transport has seen n attempts. */
typedef struct firing {
  fixture *f;
  size_t n_requests;
} firing;

static void *fire_when_seen(void *user) {
  firing *job = user;
  fake_wait_requests(job->f->fake, job->n_requests);
  qdrant_cancel_fire(job->f->cancel);
  return NULL;
}

static qdrant_status call_and_fire(fixture *f, size_t n_requests, qdrant_error *err) {
  pthread_t thread;
  firing job = {f, n_requests};
  assert_int_equal(pthread_create(&thread, NULL, fire_when_seen, &job), 0);
  qdrant_status status = call(f, err);
  pthread_join(thread, NULL);
  return status;
}

static void test_cancel_fire_blocking_call_woken(void **state) {
  (void)state;
  fixture f;
  qdrant_error err;
  fake_step steps[] = {{.kind = FAKE_STALL}};
  for (int runs_in_caller = 0; runs_in_caller < 2; runs_in_caller++) {
    open_fixture(&f, NULL, runs_in_caller);
    f.options.timeout_ms = -1;
    fake_script(f.fake, steps, N(steps));
    assert_int_equal(call_and_fire(&f, 1, &err), QDRANT_CANCELLED);
    assert_int_equal(err.n_attempts, 1);
    close_fixture(&f);
  }
}

/* The server's wish keeps the call asleep far longer than this test lasts. */
static const fake_step asleep[] = {
    {.status = QDRANT_RESOURCE_EXHAUSTED, .delivery = QDRANT_ANSWERED, .retry_after_ms = 3600000}};

static void test_cancel_fire_blocking_call_between_attempts_woken(void **state) {
  (void)state;
  fixture f;
  qdrant_error err;
  open_fixture(&f, NULL, 0);
  f.options.timeout_ms = -1;
  fake_script(f.fake, asleep, N(asleep));
  assert_int_equal(call_and_fire(&f, 1, &err), QDRANT_CANCELLED);
  assert_int_not_equal(err.delivery, QDRANT_NOT_SENT); /* what the first attempt did stays */
  assert_int_equal(fake_n_requests(f.fake), 1);
  close_fixture(&f);
}

static void test_cancel_fire_started_call_between_attempts_ends(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL, 0);
  f.options.timeout_ms = -1;
  fake_script(f.fake, asleep, N(asleep));
  assert_int_equal(start(&f), QDRANT_OK);
  fake_wait_asleep(f.client);
  qdrant_cancel_fire(f.cancel);
  ends_wait(&f.ends, 1);
  assert_int_equal(f.ends.last.status, QDRANT_CANCELLED);
  assert_int_equal(fake_n_requests(f.fake), 1);
  close_fixture(&f);
}

static void *fire_soon(void *user) {
  qdrant_cancel_fire(user);
  return NULL;
}

static void test_cancel_fire_blocking_call_waiting_for_a_place_woken(void **state) {
  (void)state;
  fixture f;
  qdrant_error err;
  pthread_t thread;
  fake_step steps[] = {{.kind = FAKE_STALL}};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.max_calls_in_flight = 1;
  open_fixture(&f, &options, 0);
  fake_script(f.fake, steps, N(steps));
  f.options.cancel = NULL;
  f.options.timeout_ms = -1;
  assert_int_equal(start(&f), QDRANT_OK);
  f.options.cancel = f.cancel;
  assert_int_equal(pthread_create(&thread, NULL, fire_soon, f.cancel), 0);
  assert_int_equal(call(&f, &err), QDRANT_CANCELLED);
  pthread_join(thread, NULL);
  assert_int_equal(err.delivery, QDRANT_NOT_SENT);
  assert_int_equal(fake_n_requests(f.fake), 1);
  close_fixture(&f);
}

static void test_cancel_free_before_calls_end_harmless(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.delay_ms = 5}};
  open_fixture(&f, NULL, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(start(&f), QDRANT_OK);
  qdrant_cancel_free(f.cancel);
  f.cancel = NULL;
  ends_wait(&f.ends, 1);
  assert_int_equal(f.ends.last.status, QDRANT_OK);
  close_fixture(&f);
}

static void test_cancel_fire_after_end_does_nothing(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, NULL, 0);
  assert_int_equal(call(&f, NULL), QDRANT_OK);
  qdrant_cancel_fire(f.cancel);
  assert_int_equal(fake_n_cancels(f.fake), 0);
  close_fixture(&f);
  qdrant_cancel_fire(NULL);
  qdrant_cancel_free(NULL);
  assert_null(qdrant_cancel_ref(NULL));
}

typedef struct race {
  fixture *f;
  int n_calls;
} race;

static void *start_many(void *user) {
  race *r = user;
  for (int i = 0; i < 60; i++)
    r->n_calls += start(r->f) == QDRANT_OK;
  return NULL;
}

/* Firing while calls begin and end on other threads: each taken call ends exactly once. */
static void test_cancel_fire_racing_with_calls_each_ends_once(void **state) {
  (void)state;
  fixture f;
  race races[2];
  pthread_t threads[2];
  open_fixture(&f, NULL, 0);
  for (size_t i = 0; i < 2; i++) {
    races[i] = (race){&f, 0};
    assert_int_equal(pthread_create(&threads[i], NULL, start_many, &races[i]), 0);
  }
  fake_wait_requests(f.fake, 10);
  qdrant_cancel_fire(f.cancel);
  for (size_t i = 0; i < 2; i++)
    pthread_join(threads[i], NULL);
  close_fixture(&f);
  assert_int_equal(f.ends.n, races[0].n_calls + races[1].n_calls);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cancel_fire_calls_in_flight_all_end),
      cmocka_unit_test(test_cancel_fired_later_calls_not_taken),
      cmocka_unit_test(test_cancel_fire_blocking_call_woken),
      cmocka_unit_test(test_cancel_fire_blocking_call_between_attempts_woken),
      cmocka_unit_test(test_cancel_fire_started_call_between_attempts_ends),
      cmocka_unit_test(test_cancel_fire_blocking_call_waiting_for_a_place_woken),
      cmocka_unit_test(test_cancel_free_before_calls_end_harmless),
      cmocka_unit_test(test_cancel_fire_after_end_does_nothing),
      cmocka_unit_test(test_cancel_fire_racing_with_calls_each_ends_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
