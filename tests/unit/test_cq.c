#include "core/alloc.h"
#include "qdrant/calls.h"
#include "tests/support/fake_transport.h"
#include "tests/support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

typedef struct fixture {
  fake_transport *fake;
  qdrant_client *client;
  qdrant_cq *queue;
} fixture;

static void open_fixture(fixture *f) {
  f->fake = fake_new();
  f->client = fake_client(f->fake, NULL, 0);
  assert_int_equal(qdrant_cq_new(f->client, &f->queue, NULL), QDRANT_OK);
}

static void close_fixture(fixture *f) {
  qdrant_client_close(f->client);
  qdrant_cq_free(f->queue);
  fake_free(f->fake);
}

static void start(fixture *f, void *user) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_then then = {.queue = f->queue, .user = user};
  assert_int_equal(qdrant_health_check_start(f->client, &request, NULL, &then, NULL), QDRANT_OK);
}

static int is_readable(const fixture *f, int timeout_ms) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, qdrant_cq_fd(f->queue), &event), 0);
  int n = epoll_wait(epoll, &event, 1, timeout_ms);
  close(epoll);
  return n == 1;
}

static void test_cq_fd_readable_exactly_while_completions_wait(void **state) {
  (void)state;
  fixture f;
  qdrant_completion out[2];
  open_fixture(&f);
  assert_false(is_readable(&f, 0));
  start(&f, &f);
  start(&f, NULL);
  assert_true(is_readable(&f, 20000));
  size_t n = qdrant_cq_wait(f.queue, out, 1, 20000);
  assert_int_equal(n, 1);
  assert_ptr_equal(out[0].user, &f);
  assert_int_equal(out[0].error.status, QDRANT_OK);
  assert_int_equal(qdrant_reply_rpc(out[0].reply), QDRANT_RPC_HEALTH_CHECK);
  assert_true(is_readable(&f, 20000));
  assert_int_equal(qdrant_cq_pop(f.queue, out + 1, 1), 1);
  assert_false(is_readable(&f, 0));
  assert_int_equal(qdrant_cq_pop(f.queue, out, 1), 0);
  qdrant_reply_free(out[0].reply);
  qdrant_reply_free(out[1].reply);
  close_fixture(&f);
}

static void test_cq_wait_until_nothing_in_flight_all_popped(void **state) {
  (void)state;
  fixture f;
  qdrant_completion out[4];
  fake_step steps[] = {{.delay_ms = 3}, {.status = QDRANT_NOT_FOUND, .delivery = QDRANT_ANSWERED}, {.delay_ms = 1}};
  open_fixture(&f);
  fake_script(f.fake, steps, N(steps));
  for (size_t i = 0; i < 9; i++)
    start(&f, &f);
  size_t n_ok = 0, n_failed = 0, n;
  while ((n = qdrant_cq_wait(f.queue, out, N(out), -1)) > 0) {
    for (size_t i = 0; i < n; i++) {
      assert_true((out[i].reply != NULL) == (out[i].error.status == QDRANT_OK));
      n_ok += out[i].reply != NULL;
      n_failed += out[i].error.status == QDRANT_NOT_FOUND;
      qdrant_reply_free(out[i].reply);
    }
  }
  assert_int_equal(n_ok, 8);
  assert_int_equal(n_failed, 1);
  close_fixture(&f);
}

static void test_cq_wait_time_over_nothing(void **state) {
  (void)state;
  fixture f;
  qdrant_completion out;
  fake_step steps[] = {{.kind = FAKE_STALL}};
  open_fixture(&f);
  fake_script(f.fake, steps, N(steps));
  start(&f, NULL);
  assert_int_equal(qdrant_cq_wait(f.queue, &out, 1, 5), 0);
  close_fixture(&f);
}

static uint8_t *answer_garbage(void *user, const qd_call *call, size_t *n_bytes) {
  (void)user;
  (void)call;
  uint8_t *bytes = qd_alloc(1);
  bytes[0] = 0xff;
  *n_bytes = 1;
  return bytes;
}

static void test_cq_pop_unreadable_reply_failed(void **state) {
  (void)state;
  fixture f;
  qdrant_completion out;
  open_fixture(&f);
  fake_on_answer(f.fake, answer_garbage, NULL);
  start(&f, NULL);
  assert_int_equal(qdrant_cq_wait(f.queue, &out, 1, 20000), 1);
  assert_null(out.reply);
  assert_int_equal(out.error.status, QDRANT_BAD_REPLY);
  assert_int_equal(out.error.delivery, QDRANT_MAYBE);
  assert_int_equal(out.error.n_attempts, 1);
  close_fixture(&f);
}

static void test_cq_free_with_calls_in_flight_replies_dropped(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.kind = FAKE_ANSWER}, {.delay_ms = 5}, {.kind = FAKE_STALL}};
  open_fixture(&f);
  fake_script(f.fake, steps, N(steps));
  for (size_t i = 0; i < N(steps); i++)
    start(&f, NULL);
  assert_true(is_readable(&f, 20000));
  qdrant_cq_free(f.queue);
  f.queue = NULL;
  close_fixture(&f);
}

static void test_cq_client_closed_first_completions_still_popped(void **state) {
  (void)state;
  fixture f;
  qdrant_completion out[2];
  fake_step steps[] = {{.kind = FAKE_ANSWER}, {.kind = FAKE_STALL}};
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.close_timeout_ms = -1;
  f.fake = fake_new();
  f.client = fake_client(f.fake, &options, 0);
  assert_int_equal(qdrant_cq_new(f.client, &f.queue, NULL), QDRANT_OK);
  fake_script(f.fake, steps, N(steps));
  start(&f, NULL);
  start(&f, NULL);
  assert_true(is_readable(&f, 20000));
  qdrant_client_close(f.client);
  f.client = NULL;
  assert_int_equal(qdrant_cq_pop(f.queue, out, 2), 2);
  assert_int_equal(out[0].error.status, QDRANT_OK);
  assert_int_equal(out[1].error.status, QDRANT_CANCELLED);
  qdrant_reply_free(out[0].reply);
  close_fixture(&f);
}

static void test_cq_null_arguments_harmless(void **state) {
  (void)state;
  qdrant_completion out;
  qdrant_cq *queue = NULL;
  qdrant_error err;
  assert_int_equal(qdrant_cq_new(NULL, &queue, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "client is NULL");
  assert_int_equal(qdrant_cq_pop(NULL, &out, 1), 0);
  assert_int_equal(qdrant_cq_fd(NULL), -1);
  qdrant_cq_free(NULL);
}

static qdrant_status start_and_pop(void *user) {
  fixture *f = user;
  qdrant_completion out;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_status status = qdrant_cq_new(f->client, &f->queue, NULL);
  qdrant_then then = {.queue = f->queue};
  if (status == QDRANT_OK)
    status = qdrant_health_check_start(f->client, &request, NULL, &then, NULL);
  if (status == QDRANT_OK && qdrant_cq_wait(f->queue, &out, 1, 20000) == 1) {
    status = out.error.status;
    qdrant_reply_free(out.reply);
  }
  qdrant_cq_free(f->queue);
  f->queue = NULL;
  return status;
}

static void test_cq_allocations_fail_no_memory(void **state) {
  (void)state;
  fixture f = {.fake = fake_new()};
  f.client = fake_client(f.fake, NULL, 0);
  torture(start_and_pop, &f);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cq_fd_readable_exactly_while_completions_wait),
      cmocka_unit_test(test_cq_wait_until_nothing_in_flight_all_popped),
      cmocka_unit_test(test_cq_wait_time_over_nothing),
      cmocka_unit_test(test_cq_pop_unreadable_reply_failed),
      cmocka_unit_test(test_cq_free_with_calls_in_flight_replies_dropped),
      cmocka_unit_test(test_cq_client_closed_first_completions_still_popped),
      cmocka_unit_test(test_cq_null_arguments_harmless),
      cmocka_unit_test(test_cq_allocations_fail_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
