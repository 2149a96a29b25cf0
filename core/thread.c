#include "core/thread.h"

#include "core/deadline.h"

#include <signal.h>
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
