#include "pool/poller.h"
#include "pool/runtime.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct event {
  qd_tag tag;
  pthread_t thread; /* that ran it */
  int is_ok;
  sem_t has_run;
} event;

typedef struct fixture {
  qd_runtime *runtime;
  qd_poller poller;
  event event;
  int has_caught; /* on the poller's thread */
} fixture;

static void run_event(void *owner, int is_ok) {
  event *ended = owner;
  ended->thread = pthread_self();
  ended->is_ok = is_ok;
  sem_post(&ended->has_run);
}

static int set_up(void **state) {
  static fixture made;
  made = (fixture){.event.tag = {.run = run_event, .owner = &made.event}};
  made.runtime = qd_runtime_new();
  assert_non_null(made.runtime);
  assert_true(qd_poller_open(&made.poller));
  sem_init(&made.event.has_run, 0, 0);
  *state = &made;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  qd_poller_close(&f->poller);
  qd_runtime_unref(f->runtime);
  sem_destroy(&f->event.has_run);
  return 0;
}

/* An empty batch ends while it is started. */
static void end_event(fixture *f) {
  pthread_mutex_lock(&f->poller.lock);
  grpc_call_start_batch(f->poller.lame_call, NULL, 0, qd_tag_hand_over(&f->event.tag), NULL);
  pthread_mutex_unlock(&f->poller.lock);
}

static void test_qd_poller_has_caught_the_expected_tag_leaves_it_to_the_caller(void **state) {
  fixture *f = *state;
  qd_poller_catch(&f->poller);
  end_event(f);
  assert_true(qd_poller_has_caught(&f->poller, &f->event.tag));
  qd_poller_catch(&f->poller);
  assert_false(qd_poller_has_caught(&f->poller, &f->event.tag));
  assert_int_not_equal(sem_trywait(&f->event.has_run), 0);
}

static void test_qd_poller_has_caught_another_tag_passes_it_to_the_poller(void **state) {
  fixture *f = *state;
  qd_tag expected = {0};
  qd_poller_catch(&f->poller);
  end_event(f);
  assert_false(qd_poller_has_caught(&f->poller, &expected));
  sem_wait(&f->event.has_run);
  assert_true(f->event.is_ok);
  assert_true(pthread_equal(f->event.thread, f->poller.thread));
}

static void catch_on_poller(void *owner) {
  fixture *f = owner;
  qd_poller_catch(&f->poller);
  grpc_call_start_batch(f->poller.lame_call, NULL, 0, qd_tag_hand_over(&f->event.tag), NULL);
  f->has_caught = qd_poller_has_caught(&f->poller, &f->event.tag);
}

static void test_qd_poller_has_caught_on_the_poller_is_left_to_the_queue(void **state) {
  fixture *f = *state;
  qd_work work = {.run = catch_on_poller, .owner = f};
  qd_poller_post(&f->poller, &work);
  sem_wait(&f->event.has_run);
  assert_false(f->has_caught);
  assert_true(pthread_equal(f->event.thread, f->poller.thread));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(
          test_qd_poller_has_caught_the_expected_tag_leaves_it_to_the_caller, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_qd_poller_has_caught_another_tag_passes_it_to_the_poller, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_qd_poller_has_caught_on_the_poller_is_left_to_the_queue, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
