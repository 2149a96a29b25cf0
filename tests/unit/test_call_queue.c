/* The queue of a blocking transport, through the transport. */
#include "core/deadline.h"
#include "tests/support/letters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_start_beyond_the_queue_answers_again(void **state) {
  (void)state;
  letters_engine letters;
  letters_call attempts[3];
  qd_transport transport = letters_open(&letters, 1, 1);
  for (int i = 0; i < 3; i++)
    letters_make(&attempts[i], &letters, "wait");
  assert_int_equal(letters_start(transport, &attempts[0]), QDRANT_OK);
  letters_await(&letters, &letters.n_inside, 1);
  assert_int_equal(letters_start(transport, &attempts[1]), QDRANT_OK);
  assert_int_equal(letters_start(transport, &attempts[2]), QDRANT_AGAIN);
  assert_int_equal(attempts[2].call.error.delivery, QDRANT_NOT_SENT);
  letters_let_go(&letters);
  letters_wait_done(&attempts[1]);
  assert_int_equal(letters_start(transport, &attempts[2]), QDRANT_OK);
  assert_int_equal(letters_wait_done(&attempts[2]), QDRANT_OK);
  letters_close(transport);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(attempts[i].n_done, 1);
    letters_drop(&attempts[i]);
  }
}

static void test_start_uses_all_threads_and_no_more(void **state) {
  (void)state;
  enum { N = 8 };
  letters_engine letters;
  letters_call attempts[N];
  qd_transport transport = letters_open(&letters, 3, N);
  for (int i = 0; i < N; i++) {
    letters_make(&attempts[i], &letters, "wait");
    assert_int_equal(letters_start(transport, &attempts[i]), QDRANT_OK);
  }
  letters_await(&letters, &letters.n_inside, 3);
  letters_let_go(&letters);
  for (int i = 0; i < N; i++)
    assert_int_equal(letters_wait_done(&attempts[i]), QDRANT_OK);
  letters_close(transport);
  assert_int_equal(letters.most_inside, 3);
  for (int i = 0; i < N; i++)
    letters_drop(&attempts[i]);
}

static void test_cancel_of_a_queued_call_ends_it_while_the_worker_is_busy(void **state) {
  (void)state;
  letters_engine letters;
  letters_call busy;
  letters_call queued;
  letters_call last;
  qd_transport transport = letters_open(&letters, 1, 10);
  letters_make(&busy, &letters, "wait");
  letters_make(&queued, &letters, "cities");
  letters_make(&last, &letters, "words");
  assert_int_equal(letters_start(transport, &busy), QDRANT_OK);
  letters_await(&letters, &letters.n_inside, 1);
  assert_int_equal(letters_start(transport, &queued), QDRANT_OK);
  assert_int_equal(letters_start(transport, &last), QDRANT_OK);
  transport.ops->cancel(transport.self, &queued.call);
  transport.ops->cancel(transport.self, &queued.call);
  assert_int_equal(letters_wait_done(&queued), QDRANT_CANCELLED);
  assert_int_equal(queued.call.error.delivery, QDRANT_NOT_SENT);
  transport.ops->cancel(transport.self, &queued.call);
  letters_let_go(&letters);
  assert_int_equal(letters_wait_done(&busy), QDRANT_OK);
  assert_int_equal(letters_wait_done(&last), QDRANT_OK);
  letters_close(transport);
  assert_int_equal(letters.n_calls, 2);
  assert_int_equal(queued.n_done, 1);
  letters_drop(&busy);
  letters_drop(&queued);
  letters_drop(&last);
}

static void test_cancel_of_a_running_call_lets_it_finish(void **state) {
  (void)state;
  letters_engine letters;
  letters_call one;
  qd_transport transport = letters_open(&letters, 1, 10);
  letters_make(&one, &letters, "wait");
  assert_int_equal(letters_start(transport, &one), QDRANT_OK);
  letters_await(&letters, &letters.n_inside, 1);
  transport.ops->cancel(transport.self, &one.call);
  letters_let_go(&letters);
  assert_int_equal(letters_wait_done(&one), QDRANT_OK);
  transport.ops->cancel(transport.self, &one.call);
  letters_close(transport);
  assert_int_equal(one.n_done, 1);
  letters_drop(&one);
}

static void test_deadline_of_a_queued_call_ends_it_while_the_worker_is_busy(void **state) {
  (void)state;
  letters_engine letters;
  letters_call busy;
  letters_call queued[2];
  qd_transport transport = letters_open(&letters, 1, 10);
  letters_make(&busy, &letters, "wait");
  assert_int_equal(letters_start(transport, &busy), QDRANT_OK);
  letters_await(&letters, &letters.n_inside, 1);
  for (int i = 0; i < 2; i++) {
    letters_make(&queued[i], &letters, "cities");
    queued[i].call.deadline_ns = qd_deadline_in_ms(20 - 15 * i); /* the second has less time than the first */
    assert_int_equal(letters_start(transport, &queued[i]), QDRANT_OK);
  }
  for (int i = 0; i < 2; i++) {
    assert_int_equal(letters_wait_done(&queued[i]), QDRANT_DEADLINE_EXCEEDED);
    assert_int_equal(queued[i].call.error.delivery, QDRANT_NOT_SENT);
    assert_true(qd_deadline_has_passed(queued[i].call.deadline_ns));
    letters_drop(&queued[i]);
  }
  letters_let_go(&letters);
  assert_int_equal(letters_wait_done(&busy), QDRANT_OK);
  letters_close(transport);
  assert_int_equal(letters.n_calls, 1);
  letters_drop(&busy);
}

typedef struct closing {
  qd_transport transport;
  pthread_t thread;
} closing;

static void *close_in_thread(void *user) {
  letters_close(((closing *)user)->transport);
  return NULL;
}

static void test_close_cancels_what_waits_and_lets_finish_what_runs(void **state) {
  (void)state;
  letters_engine letters;
  letters_call busy;
  letters_call queued;
  letters_call late;
  closing closer = {.transport = letters_open(&letters, 1, 1000)};
  letters_make(&busy, &letters, "wait");
  letters_make(&queued, &letters, "cities");
  letters_make(&late, &letters, "late");
  assert_int_equal(letters_start(closer.transport, &busy), QDRANT_OK);
  letters_await(&letters, &letters.n_inside, 1);
  assert_int_equal(letters_start(closer.transport, &queued), QDRANT_OK);
  assert_int_equal(pthread_create(&closer.thread, NULL, close_in_thread, &closer), 0);
  assert_int_equal(letters_wait_done(&queued), QDRANT_CANCELLED);
  assert_int_equal(queued.call.error.delivery, QDRANT_NOT_SENT);
  assert_int_equal(letters_start(closer.transport, &late), QDRANT_CLOSED);
  assert_int_equal(closer.transport.ops->run(closer.transport.self, &late.call), QDRANT_CLOSED);
  assert_int_equal(letters.is_freed, 0);
  letters_let_go(&letters);
  pthread_join(closer.thread, NULL);
  assert_int_equal(letters.is_freed, 1);
  assert_int_equal(busy.n_done, 1);
  assert_int_equal(busy.call.error.status, QDRANT_OK);
  assert_int_equal(late.n_done, 0);
  letters_drop(&busy);
  letters_drop(&queued);
  letters_drop(&late);
}

static void test_close_at_its_deadline_leaves_the_rest_to_the_last_thread(void **state) {
  (void)state;
  letters_engine letters;
  letters_call busy;
  letters_call queued;
  qd_transport transport = letters_open(&letters, 1, 10);
  letters_make(&busy, &letters, "wait");
  letters_make(&queued, &letters, "cities");
  assert_int_equal(letters_start(transport, &busy), QDRANT_OK);
  letters_await(&letters, &letters.n_inside, 1);
  assert_int_equal(letters_start(transport, &queued), QDRANT_OK);
  transport.ops->close(transport.self, qd_now_ns(), 0);
  assert_int_equal(letters_wait_done(&queued), QDRANT_CANCELLED);
  assert_int_equal(busy.n_done, 0);
  letters_let_go(&letters);
  assert_int_equal(letters_wait_done(&busy), QDRANT_OK);
  letters_await(&letters, &letters.is_freed, 1);
  letters_drop(&busy);
  letters_drop(&queued);
}

typedef struct caller {
  qd_transport transport;
  letters_engine *owner;
  pthread_t thread;
  int n_wrong;
} caller;

static void *call_often(void *user) {
  caller *self = user;
  for (int i = 0; i < 200; i++) {
    letters_call one;
    letters_make(&one, self->owner, i % 3 == 0 ? "missing" : "cities");
    qdrant_status status =
        i % 2 == 0 ? letters_start(self->transport, &one) : self->transport.ops->run(self->transport.self, &one.call);
    if (i % 2 == 0 && status == QDRANT_OK) {
      if (i % 5 == 0)
        self->transport.ops->cancel(self->transport.self, &one.call);
      status = letters_wait_done(&one);
    }
    int is_right = status == (i % 3 == 0 ? QDRANT_NOT_FOUND : QDRANT_OK) || (i % 5 == 0 && status == QDRANT_CANCELLED);
    self->n_wrong += !is_right;
    letters_drop(&one);
  }
  return NULL;
}

static void test_calls_of_many_threads_each_report_once(void **state) {
  (void)state;
  letters_engine letters;
  qd_transport transport = letters_open(&letters, 2, 100);
  caller callers[4];
  for (int i = 0; i < 4; i++) {
    callers[i] = (caller){.transport = transport, .owner = &letters};
    assert_int_equal(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(callers[i].thread, NULL);
    assert_int_equal(callers[i].n_wrong, 0);
  }
  letters_close(transport);
  assert_int_equal(letters.is_freed, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_beyond_the_queue_answers_again),
      cmocka_unit_test(test_start_uses_all_threads_and_no_more),
      cmocka_unit_test(test_cancel_of_a_queued_call_ends_it_while_the_worker_is_busy),
      cmocka_unit_test(test_cancel_of_a_running_call_lets_it_finish),
      cmocka_unit_test(test_deadline_of_a_queued_call_ends_it_while_the_worker_is_busy),
      cmocka_unit_test(test_close_cancels_what_waits_and_lets_finish_what_runs),
      cmocka_unit_test(test_close_at_its_deadline_leaves_the_rest_to_the_last_thread),
      cmocka_unit_test(test_calls_of_many_threads_each_report_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
