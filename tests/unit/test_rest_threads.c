#include "core/deadline.h"
#include "tests/support/ends.h"
#include "tests/support/http_peer.h"
#include "tests/support/ported_client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { CALL_MS = 20000, N_THREADS = 6, N_ROUNDS = 40, CHILD_LIMIT_S = 30 };

/* The child's findings, one bit each; it must not touch cmocka. */
enum { CALL_IS_FORKED = 1, HAS_CLOSED = 2, ALL_FINDINGS = 3 };

#ifdef __SANITIZE_THREAD__
enum { CAN_START_THREADS_AFTER_FORK = 0 };
#else
enum { CAN_START_THREADS_AFTER_FORK = 1 };
#endif

static void answer_rest(void *user, const http_request *request, http_answer *answer) {
  (void)user;
  answer->body = rest_health;
  if (request->number % 7 == 0)
    *answer = (http_answer){.raw = "", .then = request->number % 2 == 0 ? HTTP_RESET : HTTP_CLOSE};
}

static http_peer *start_rest(void) {
  return http_peer_start(&(http_peer_options){.handler = answer_rest});
}

typedef struct worker {
  qdrant_client *client;
  pthread_t thread;
  size_t n_ends;
} worker;

/* Blocking calls between started ones, half of which are cancelled. */
static void *work(void *arg) {
  worker *self = arg;
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  for (int i = 0; i < N_ROUNDS; i++) {
    qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
    qdrant_error err;
    ends counted;
    ends_init(&counted);
    qdrant_then then = {.done = ends_count, .user = &counted};
    options.cancel = qdrant_cancel_new();
    if (qdrant_health_check_start(self->client, &request, &options, &then, NULL) == QDRANT_OK) {
      ask_health(self->client, CALL_MS, &err);
      if (i % 2 == 0)
        qdrant_cancel_fire(options.cancel);
      ends_wait(&counted, 1);
      self->n_ends++;
    }
    qdrant_cancel_free(options.cancel);
  }
  return NULL;
}

static void test_calls_from_many_threads_with_cancels_each_end_once(void **state) {
  (void)state;
  worker workers[N_THREADS] = {0};
  http_peer *rest = start_rest();
  qdrant_client *client = open_on_ports(0, http_peer_port(rest), QDRANT_OFF);
  for (size_t i = 0; i < N_THREADS; i++) {
    workers[i].client = client;
    assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
  }
  for (size_t i = 0; i < N_THREADS; i++) {
    pthread_join(workers[i].thread, NULL);
    assert_int_equal(workers[i].n_ends, N_ROUNDS);
  }
  qdrant_client_close(client);
  http_peer_stop(rest);
}

static void test_close_while_calls_start_reports_each_taken_one(void **state) {
  (void)state;
  http_peer *rest = start_rest();
  for (int round = 0; round < N_ROUNDS; round++) {
    Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
    ends counted;
    ends_init(&counted);
    qdrant_then then = {.done = ends_count, .user = &counted};
    qdrant_client *client = open_on_ports(0, http_peer_port(rest), QDRANT_OFF);
    size_t n_taken = 0;
    for (int i = 0; i < 8; i++)
      n_taken += qdrant_health_check_start(client, &request, NULL, &then, NULL) == QDRANT_OK;
    qdrant_client_close(client);
    ends_wait(&counted, n_taken);
  }
  http_peer_stop(rest);
}

static int examine_in_child(qdrant_client *client) {
  qdrant_error err = {0};
  int findings = ask_health(client, CALL_MS, &err) == QDRANT_FORKED ? CALL_IS_FORKED : 0;
  qdrant_client_close(client);
  return findings | HAS_CLOSED;
}

static void expect_exit(pid_t child, int code) {
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), code);
}

static void test_fork_child_gets_forked_and_parent_goes_on(void **state) {
  (void)state;
  qdrant_error err = {0};
  http_peer *rest = start_rest();
  qdrant_client *client = open_on_ports(0, http_peer_port(rest), QDRANT_OFF);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  pid_t child = fork();
  if (child == 0) {
    alarm(CHILD_LIMIT_S);
    _exit(examine_in_child(client));
  }
  expect_exit(child, ALL_FINDINGS);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  qdrant_client_close(client);
  http_peer_stop(rest);
}

static void test_fork_child_can_open_a_client_of_its_own(void **state) {
  (void)state;
  if (!CAN_START_THREADS_AFTER_FORK) {
    print_message("skipped: the thread sanitizer allows no new threads after a fork\n");
    skip();
  }
  qdrant_error err = {0};
  http_peer *rest = start_rest();
  qdrant_client *client = open_on_ports(0, http_peer_port(rest), QDRANT_OFF);
  assert_int_equal(ask_health(client, CALL_MS, &err), QDRANT_OK);
  pid_t child = fork();
  if (child == 0) {
    alarm(CHILD_LIMIT_S);
    qdrant_client *own = open_on_ports(0, http_peer_port(rest), QDRANT_OFF);
    qdrant_status status = ask_health(own, CALL_MS, &err);
    qdrant_client_close(own);
    _exit(status == QDRANT_OK);
  }
  expect_exit(child, 1);
  qdrant_client_close(client);
  http_peer_stop(rest);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_calls_from_many_threads_with_cancels_each_end_once),
      cmocka_unit_test(test_close_while_calls_start_reports_each_taken_one),
      cmocka_unit_test(test_fork_child_gets_forked_and_parent_goes_on),
      cmocka_unit_test(test_fork_child_can_open_a_client_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
