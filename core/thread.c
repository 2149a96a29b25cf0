#include "core/thread.h"

#include "core/deadline.h"

#include <time.h>

int qd_thread_start(pthread_t *thread, const char *name, void *(*run)(void *user), void *user) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int is_started = pthread_create(thread, NULL, run, user) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (is_started)
    pthread_setname_np(*thread, name);
  return is_started;
}

void qd_cond_init(pthread_cond_t *cond) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(cond, &attributes);
  pthread_condattr_destroy(&attributes);
}

int qd_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ns) {
  struct timespec until = {.tv_sec = deadline_ns / QD_NS_PER_S, .tv_nsec = deadline_ns % QD_NS_PER_S};
  return pthread_cond_timedwait(cond, lock, &until) == 0 || !qd_deadline_has_passed(deadline_ns);
}

static void fill_pipe_set(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGPIPE);
}

void qd_pipe_guard_begin(qd_pipe_guard *guard) {
  sigset_t pipe_only;
  sigset_t pending;
  fill_pipe_set(&pipe_only);
  sigpending(&pending);
  guard->was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_only, &guard->before);
}

/* What was raised meanwhile is taken off; what waited before stays for the program. */
void qd_pipe_guard_end(const qd_pipe_guard *guard) {
  const struct timespec at_once = {0};
  sigset_t pipe_only;
  fill_pipe_set(&pipe_only);
  while (!guard->was_pending && sigtimedwait(&pipe_only, NULL, &at_once) == SIGPIPE) {
  }
  pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}
