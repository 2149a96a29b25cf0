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

enum { N_JOBS = 100 };
static const int64_t NEVER_NS = INT64_MAX;

typedef struct noted {
  qd_job job;
  int number;
} noted;

/* Written by the one worker, read after it has ended. */
static int ran[N_JOBS];
static atomic_int n_ran;
static int64_t ran_ns;

static void note(qd_job *job) {
  ran_ns = qd_now_ns();
  ran[atomic_fetch_add(&n_ran, 1)] = ((noted *)job)->number;
}

static qd_workers *start_one(size_t max_jobs) {
  qd_workers *workers = NULL;
  qdrant_error err = {0};
  atomic_store(&n_ran, 0);
  assert_int_equal(qd_workers_start(1, max_jobs, note, &workers, &err), QDRANT_OK);
  return workers;
}

static void test_put_jobs_of_several_times_runs_the_earliest_first(void **state) {
  (void)state;
  static noted jobs[N_JOBS];
  qd_workers *workers = start_one(N_JOBS);
  for (int i = 0; i < N_JOBS; i++) {
    jobs[i].number = (i * 37) % N_JOBS;
    assert_int_equal(qd_workers_put(workers, &jobs[i].job, NEVER_NS - N_JOBS + jobs[i].number), QDRANT_OK);
  }
  qd_workers_stop(workers);
  qd_workers_free(workers);
  assert_int_equal(atomic_load(&n_ran), N_JOBS);
  for (int i = 0; i < N_JOBS; i++)
    assert_int_equal(ran[i], i);
}

static void test_put_jobs_of_one_time_keeps_their_order(void **state) {
  (void)state;
  static noted jobs[N_JOBS];
  qd_workers *workers = start_one(N_JOBS);
  for (int i = 0; i < N_JOBS; i++) {
    jobs[i].number = i;
    assert_int_equal(qd_workers_put(workers, &jobs[i].job, NEVER_NS), QDRANT_OK);
  }
  qd_workers_stop(workers);
  qd_workers_free(workers);
  for (int i = 0; i < N_JOBS; i++)
    assert_int_equal(ran[i], i);
}

static void test_put_beyond_the_limit_answers_again(void **state) {
  (void)state;
  noted jobs[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
  qd_workers *workers = start_one(2);
  assert_int_equal(qd_workers_put(workers, &jobs[0].job, NEVER_NS), QDRANT_OK);
  assert_int_equal(qd_workers_put(workers, &jobs[1].job, NEVER_NS), QDRANT_OK);
  assert_int_equal(qd_workers_put(workers, &jobs[2].job, NEVER_NS), QDRANT_AGAIN);
  qd_workers_stop(workers);
  qd_workers_free(workers);
  assert_int_equal(atomic_load(&n_ran), 2);
}

static void test_put_a_later_job_runs_it_not_before_its_time(void **state) {
  (void)state;
  noted job = {.number = 7};
  noted last = {.number = 8};
  qd_workers *workers = start_one(2);
  int64_t due_ns = qd_now_ns() + 20 * QD_NS_PER_MS;
  assert_int_equal(qd_workers_put(workers, &last.job, NEVER_NS), QDRANT_OK);
  assert_int_equal(qd_workers_put(workers, &job.job, due_ns), QDRANT_OK);
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
      cmocka_unit_test(test_put_jobs_of_several_times_runs_the_earliest_first),
      cmocka_unit_test(test_put_jobs_of_one_time_keeps_their_order),
      cmocka_unit_test(test_put_beyond_the_limit_answers_again),
      cmocka_unit_test(test_put_a_later_job_runs_it_not_before_its_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
