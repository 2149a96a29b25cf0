#include "core/deadline.h"
#include "server/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

enum { N_TASKS = 100 };
static const int64_t NEVER_NS = INT64_MAX;

typedef struct noted {
  qd_task task;
  int number;
} noted;

/* Written by the one worker, read after it has ended. */
static int ran[N_TASKS];
static atomic_int n_ran;
static int64_t ran_ns;

static void note(qd_task *task) {
  ran_ns = qd_now_ns();
  ran[atomic_fetch_add(&n_ran, 1)] = ((noted *)task)->number;
}

static qd_workers *start_one(size_t max_tasks) {
  qd_workers *workers = NULL;
  qdrant_error err = {0};
  atomic_store(&n_ran, 0);
  assert_int_equal(qd_workers_start(1, max_tasks, note, &workers, &err), QDRANT_OK);
  return workers;
}

static void test_put_tasks_of_several_times_runs_the_earliest_first(void **state) {
  (void)state;
  static noted tasks[N_TASKS];
  qd_workers *workers = start_one(N_TASKS);
  for (int i = 0; i < N_TASKS; i++) {
    tasks[i].number = (i * 37) % N_TASKS;
    assert_int_equal(qd_workers_put(workers, &tasks[i].task, NEVER_NS - N_TASKS + tasks[i].number), QDRANT_OK);
  }
  qd_workers_stop(workers);
  qd_workers_free(workers);
  assert_int_equal(atomic_load(&n_ran), N_TASKS);
  for (int i = 0; i < N_TASKS; i++)
    assert_int_equal(ran[i], i);
}

static void test_put_tasks_of_one_time_keeps_their_order(void **state) {
  (void)state;
  static noted tasks[N_TASKS];
  qd_workers *workers = start_one(N_TASKS);
  for (int i = 0; i < N_TASKS; i++) {
    tasks[i].number = i;
    assert_int_equal(qd_workers_put(workers, &tasks[i].task, NEVER_NS), QDRANT_OK);
  }
  qd_workers_stop(workers);
  qd_workers_free(workers);
  for (int i = 0; i < N_TASKS; i++)
    assert_int_equal(ran[i], i);
}

static void test_put_beyond_the_limit_answers_again(void **state) {
  (void)state;
  noted tasks[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
  qd_workers *workers = start_one(2);
  assert_int_equal(qd_workers_put(workers, &tasks[0].task, NEVER_NS), QDRANT_OK);
  assert_int_equal(qd_workers_put(workers, &tasks[1].task, NEVER_NS), QDRANT_OK);
  assert_int_equal(qd_workers_put(workers, &tasks[2].task, NEVER_NS), QDRANT_AGAIN);
  qd_workers_stop(workers);
  qd_workers_free(workers);
  assert_int_equal(atomic_load(&n_ran), 2);
}

static void test_put_a_later_task_runs_it_not_before_its_time(void **state) {
  (void)state;
  noted task = {.number = 7};
  noted last = {.number = 8};
  qd_workers *workers = start_one(2);
  int64_t due_ns = qd_now_ns() + 20 * QD_NS_PER_MS;
  assert_int_equal(qd_workers_put(workers, &last.task, NEVER_NS), QDRANT_OK);
  assert_int_equal(qd_workers_put(workers, &task.task, due_ns), QDRANT_OK);
  int64_t limit_ns = qd_deadline_in_ms(60000);
  while (atomic_load(&n_ran) == 0 && !qd_deadline_has_passed(limit_ns))
    nanosleep(&(struct timespec){.tv_nsec = QD_NS_PER_MS}, NULL);
  int n_ran_in_time = atomic_load(&n_ran);
  int64_t first_ns = ran_ns;
  qd_workers_stop(workers);
  qd_workers_free(workers);
  assert_int_equal(n_ran_in_time, 1);
  assert_int_equal(ran[0], 7);
  assert_true(first_ns >= due_ns);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_put_tasks_of_several_times_runs_the_earliest_first),
      cmocka_unit_test(test_put_tasks_of_one_time_keeps_their_order),
      cmocka_unit_test(test_put_beyond_the_limit_answers_again),
      cmocka_unit_test(test_put_a_later_task_runs_it_not_before_its_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
