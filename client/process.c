#include "client/process.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_uint generation;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local unsigned n_callbacks;

static void count_fork(void) {
  atomic_fetch_add(&generation, 1);
}

static void watch_forks(void) {
  pthread_atfork(NULL, NULL, count_fork);
}

unsigned qd_fork_generation(void) {
  pthread_once(&once, watch_forks);
  return atomic_load(&generation);
}

void qd_callback_enter(void) {
  n_callbacks++;
}

void qd_callback_leave(void) {
  n_callbacks--;
}

int qd_is_in_callback(void) {
  return n_callbacks > 0;
}
