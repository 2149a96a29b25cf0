#include "core/thread.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static volatile sig_atomic_t n_signals;

static void count_signal(int number) {
  (void)number;
  n_signals++;
}

static void write_to_nobody(void) {
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  close(ends[1]);
  assert_int_equal(write(ends[0], "x", 1), -1);
  close(ends[0]);
}

static void test_pipe_guard_keeps_its_own_signals_from_the_program(void **state) {
  (void)state;
  qd_pipe_guard guard;
  signal(SIGPIPE, count_signal);
  qd_pipe_guard_begin(&guard);
  write_to_nobody();
  qd_pipe_guard_end(&guard);
  assert_int_equal(n_signals, 0);
  write_to_nobody();
  assert_int_equal(n_signals, 1);
  signal(SIGPIPE, SIG_DFL);
}

static void test_pipe_guard_leaves_a_signal_that_waited_before(void **state) {
  (void)state;
  qd_pipe_guard guard;
  sigset_t pipe_only;
  sigset_t pending;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
  raise(SIGPIPE);
  qd_pipe_guard_begin(&guard);
  qd_pipe_guard_end(&guard);
  sigpending(&pending);
  assert_true(sigismember(&pending, SIGPIPE));
  signal(SIGPIPE, SIG_IGN);
  pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL);
  signal(SIGPIPE, SIG_DFL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pipe_guard_keeps_its_own_signals_from_the_program),
      cmocka_unit_test(test_pipe_guard_leaves_a_signal_that_waited_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
