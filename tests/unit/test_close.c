#include "core/deadline.h"
#include "qdrant/calls.h"
#include "tests/support/ends.h"
#include "tests/support/fake_transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

typedef struct fixture {
  fake_transport *fake;
  qdrant_client *client;
  ends ends;
  qdrant_error err;
} fixture;

static void open_fixture(fixture *f, int64_t close_timeout_ms) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.close_timeout_ms = close_timeout_ms;
  memset(f, 0, sizeof *f);
  f->fake = fake_new();
  f->client = fake_client(f->fake, &options, 0);
  ends_init(&f->ends);
}

static void count_end(void *user, qdrant_reply *reply, const qdrant_error *err) {
  fixture *f = user;
  ends_count(&f->ends, reply, err);
}

static qdrant_status start_then(fixture *f, qdrant_done done) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_then then = {.done = done, .user = f};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.timeout_ms = -1;
  return qdrant_health_check_start(f->client, &request, &options, &then, NULL);
}

static void test_close_idle_client_transport_closed(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 0);
  qdrant_client_close(f.client);
  assert_true(fake_is_closed(f.fake));
  fake_free(f.fake);
  qdrant_client_close(NULL);
}

static void test_close_calls_about_to_end_waited_for(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.delay_ms = 30}};
  open_fixture(&f, 3600000);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(start_then(&f, count_end), QDRANT_OK);
  qdrant_client_close(f.client);
  assert_int_equal(f.ends.n, 1);
  assert_int_equal(f.ends.last.status, QDRANT_OK);
  fake_free(f.fake);
}

static void test_close_calls_that_stall_cancelled_each_reports_once(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.kind = FAKE_STALL}, {.kind = FAKE_STALL}, {.kind = FAKE_HANG}};
  open_fixture(&f, -1);
  fake_script(f.fake, steps, N(steps));
  for (size_t i = 0; i < N(steps); i++)
    assert_int_equal(start_then(&f, count_end), QDRANT_OK);
  qdrant_client_close(f.client);
  assert_int_equal(f.ends.n, 3);
  assert_int_equal(f.ends.last.status, QDRANT_CANCELLED);
  assert_int_equal(fake_n_cancels(f.fake), 3);
  fake_free(f.fake);
}

static void test_close_call_between_attempts_ended(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.status = QDRANT_RESOURCE_EXHAUSTED, .delivery = QDRANT_ANSWERED, .retry_after_ms = 3600000}};
  open_fixture(&f, -1);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(start_then(&f, count_end), QDRANT_OK);
  fake_wait_asleep(f.client);
  qdrant_client_close(f.client);
  assert_int_equal(f.ends.n, 1);
  assert_int_equal(f.ends.last.status, QDRANT_CANCELLED);
  assert_non_null(strstr(f.ends.last.message, "the client was closed"));
  fake_free(f.fake);
}

static void close_inside(void *user, qdrant_reply *reply, const qdrant_error *err) {
  fixture *f = user;
  qdrant_client_close(f->client); /* must not wait for the thread it runs on */
  count_end(user, reply, err);
}

static void test_close_inside_callback_done_by_another_thread(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, 0);
  assert_int_equal(start_then(&f, close_inside), QDRANT_OK);
  assert_true(fake_is_closed(f.fake));
  assert_int_equal(f.ends.n, 1);
  fake_free(f.fake);
}

static void test_close_one_of_two_references_client_goes_on(void **state) {
  (void)state;
  fixture f;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  open_fixture(&f, 0);
  assert_ptr_equal(qdrant_client_ref(f.client), f.client);
  qdrant_client_close(f.client);
  assert_int_equal(qdrant_health_check(f.client, &request, NULL, &reply, NULL), QDRANT_OK);
  qdrant_reply_free(reply);
  qdrant_client_close(f.client);
  assert_true(fake_is_closed(f.fake));
  fake_free(f.fake);
}

/* A thread that is inside a blocking call while another closes. */
static void *call_blocking(void *user) {
  fixture *f = user;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  qdrant_health_check(f->client, &request, NULL, &reply, &f->err);
  qdrant_reply_free(reply);
  return NULL;
}

static void test_close_blocking_call_of_another_thread_ended(void **state) {
  (void)state;
  fixture f;
  pthread_t thread;
  fake_step steps[] = {{.kind = FAKE_STALL}};
  open_fixture(&f, -1);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(pthread_create(&thread, NULL, call_blocking, &f), 0);
  fake_wait_requests(f.fake, 1);
  qdrant_client_close(f.client);
  pthread_join(thread, NULL);
  assert_int_equal(f.err.status, QDRANT_CANCELLED);
  fake_free(f.fake);
}

static void test_close_in_progress_new_calls_closed(void **state) {
  (void)state;
  fixture f;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  open_fixture(&f, 0);
  pthread_mutex_lock(&f.client->lock);
  f.client->is_closed = 1; /* as the thread that closes sets it first */
  pthread_mutex_unlock(&f.client->lock);
  assert_int_equal(qdrant_health_check(f.client, &request, NULL, &reply, &err), QDRANT_CLOSED);
  assert_int_equal(err.delivery, QDRANT_NOT_SENT);
  assert_int_equal(start_then(&f, count_end), QDRANT_CLOSED);
  assert_int_equal(fake_n_requests(f.fake), 0);
  qdrant_client_close(f.client);
  fake_free(f.fake);
}

static int use_in_child(fixture *f) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  qdrant_cq *queue = NULL;
  qdrant_stats stats = QDRANT_STATS_INIT;
  int is_refused = qdrant_health_check(f->client, &request, NULL, &reply, NULL) == QDRANT_FORKED &&
                   start_then(f, count_end) == QDRANT_FORKED &&
                   qdrant_cq_new(f->client, &queue, NULL) == QDRANT_FORKED &&
                   qdrant_client_stats(f->client, &stats, NULL) == QDRANT_FORKED &&
                   qdrant_client_wait_ready(f->client, 1, NULL) == QDRANT_FORKED;
  qdrant_client_close(f->client);
  return is_refused ? 0 : 1;
}

static void test_fork_child_refused_parent_goes_on(void **state) {
  (void)state;
  fixture f;
  int status = -1;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  open_fixture(&f, 0);
  pid_t child = fork();
  if (child == 0)
    _exit(use_in_child(&f));
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(qdrant_health_check(f.client, &request, NULL, &reply, NULL), QDRANT_OK);
  qdrant_reply_free(reply);
  qdrant_client_close(f.client);
  fake_free(f.fake);
}

/* A thread of the client's that waits while the process forks waits for ever in the child's copy of what it waits on.
 */
static void test_fork_with_a_thread_that_waits_child_closes(void **state) {
  (void)state;
  fixture f;
  fake_step steps[] = {{.status = QDRANT_UNAVAILABLE, .delivery = QDRANT_NOT_SENT}};
  open_fixture(&f, 0);
  fake_script(f.fake, steps, N(steps));
  assert_int_equal(start_then(&f, count_end), QDRANT_OK); /* its second attempt is begun by the alarms' thread */
  ends_wait(&f.ends, 1);
  usleep(20000); /* which then waits for the next alarm */
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    qdrant_client_close(f.client);
    _exit(0);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  qdrant_client_close(f.client);
  fake_free(f.fake);
}

static void test_stats_older_struct_only_its_part_filled(void **state) {
  (void)state;
  fixture f;
  qdrant_stats stats = QDRANT_STATS_INIT;
  qdrant_error err;
  open_fixture(&f, 0);
  stats.size = offsetof(qdrant_stats, n_ready);
  stats.n_ready = 77;
  assert_int_equal(qdrant_client_stats(f.client, &stats, &err), QDRANT_OK);
  assert_string_equal(stats.transport, "fake");
  assert_int_equal(stats.n_ready, 77);
  stats.size = 0;
  assert_int_equal(qdrant_client_stats(f.client, &stats, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_client_stats(f.client, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_client_wait_ready(f.client, -1, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(qdrant_client_wait_ready(f.client, 0, &err), QDRANT_OK);
  assert_string_equal(qdrant_client_endpoint(f.client), "http://localhost:6334");
  assert_null(qdrant_client_endpoint(NULL));
  qdrant_client_close(f.client);
  fake_free(f.fake);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_close_idle_client_transport_closed),
      cmocka_unit_test(test_close_calls_about_to_end_waited_for),
      cmocka_unit_test(test_close_calls_that_stall_cancelled_each_reports_once),
      cmocka_unit_test(test_close_call_between_attempts_ended),
      cmocka_unit_test(test_close_inside_callback_done_by_another_thread),
      cmocka_unit_test(test_close_one_of_two_references_client_goes_on),
      cmocka_unit_test(test_close_blocking_call_of_another_thread_ended),
      cmocka_unit_test(test_close_in_progress_new_calls_closed),
      cmocka_unit_test(test_fork_child_refused_parent_goes_on),
      cmocka_unit_test(test_fork_with_a_thread_that_waits_child_closes),
      cmocka_unit_test(test_stats_older_struct_only_its_part_filled),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
