#include "memory/helpers.h"
#include "tests/support/torture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_PIECES = 500, N_CALLERS = 4, N_ROUNDS = 50, N_HELPERS = 3 };

typedef struct counted {
  atomic_int times[N_PIECES];
  atomic_int n_inside;
  atomic_int most_inside;
} counted;

static void count_piece(void *user, size_t piece) {
  counted *of = user;
  int n_inside = atomic_fetch_add(&of->n_inside, 1) + 1;
  int most = atomic_load(&of->most_inside);
  while (n_inside > most && !atomic_compare_exchange_weak(&of->most_inside, &most, n_inside)) {
  }
  atomic_fetch_add(&of->times[piece], 1);
  atomic_fetch_sub(&of->n_inside, 1);
}

static int is_each_done(const counted *of, int times) {
  for (size_t i = 0; i < N_PIECES; i++)
    if (atomic_load(&of->times[i]) != times)
      return 0;
  return 1;
}

static void test_run_every_piece_done_once(void **state) {
  (void)state;
  qd_helpers *helpers = qd_helpers_new(N_HELPERS);
  counted of = {0};
  qd_helpers_run(helpers, N_PIECES, count_piece, &of);
  assert_true(is_each_done(&of, 1));
  assert_true(atomic_load(&of.most_inside) <= N_HELPERS + 1);
  qd_helpers_free(helpers);
}

static void test_run_without_helpers_done_by_the_caller(void **state) {
  (void)state;
  qd_helpers *none = qd_helpers_new(0);
  counted of = {0};
  qd_helpers_run(none, N_PIECES, count_piece, &of);
  qd_helpers_run(NULL, N_PIECES, count_piece, &of);
  assert_true(is_each_done(&of, 2));
  assert_int_equal(qd_helpers_width(none), 1);
  qd_helpers_free(none);
}

typedef struct caller {
  pthread_t thread;
  qd_helpers *helpers;
  counted of;
} caller;

static void *call_again_and_again(void *user) {
  caller *self = user;
  for (size_t round = 0; round < N_ROUNDS; round++)
    qd_helpers_run(self->helpers, N_PIECES, count_piece, &self->of);
  return NULL;
}

static void test_run_from_many_threads_each_gets_its_own_done(void **state) {
  (void)state;
  static caller callers[N_CALLERS];
  qd_helpers *helpers = qd_helpers_new(N_HELPERS);
  for (size_t i = 0; i < N_CALLERS; i++) {
    callers[i] = (caller){.helpers = helpers};
    assert_int_equal(pthread_create(&callers[i].thread, NULL, call_again_and_again, &callers[i]), 0);
  }
  for (size_t i = 0; i < N_CALLERS; i++)
    pthread_join(callers[i].thread, NULL);
  for (size_t i = 0; i < N_CALLERS; i++)
    assert_true(is_each_done(&callers[i].of, N_ROUNDS));
  qd_helpers_free(helpers);
}

/* Two pieces that wait for each other end only when two threads do them. */
static void meet(void *user, size_t piece) {
  (void)piece;
  pthread_barrier_wait(user);
}

static void test_run_pieces_done_at_the_same_time(void **state) {
  (void)state;
  qd_helpers *helpers = qd_helpers_new(1);
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, NULL, 2);
  qd_helpers_run(helpers, 2, meet, &barrier);
  pthread_barrier_destroy(&barrier);
  qd_helpers_free(helpers);
}

static void test_free_in_a_forked_child_waits_for_nobody(void **state) {
  (void)state;
  int result = 0;
  qd_helpers *helpers = qd_helpers_new(N_HELPERS);
  counted of = {0};
  qd_helpers_run(helpers, N_PIECES, count_piece, &of);
  pid_t child = fork();
  if (child == 0) {
    qd_helpers_free(helpers);
    _exit(7);
  }
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 7);
  qd_helpers_free(helpers);
}

static qdrant_status make_and_run(void *user) {
  counted of = {0};
  (void)user;
  qd_helpers *helpers = qd_helpers_new(N_HELPERS);
  if (helpers == NULL)
    return QDRANT_NO_MEMORY;
  qd_helpers_run(helpers, N_PIECES, count_piece, &of);
  qd_helpers_free(helpers);
  return is_each_done(&of, 1) ? QDRANT_OK : QDRANT_INTERNAL;
}

static void test_new_without_memory_null(void **state) {
  (void)state;
  torture(make_and_run, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_run_every_piece_done_once),
      cmocka_unit_test(test_run_without_helpers_done_by_the_caller),
      cmocka_unit_test(test_run_from_many_threads_each_gets_its_own_done),
      cmocka_unit_test(test_run_pieces_done_at_the_same_time),
      cmocka_unit_test(test_free_in_a_forked_child_waits_for_nobody),
      cmocka_unit_test(test_new_without_memory_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
