#ifndef QD_THREAD_H
#define QD_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdint.h>

/* Begins a thread of the library's with every signal blocked, since signals are the program's own affair. name: at most
 * 15 characters, for debuggers. 1, or 0 when the thread is not to be had. */
int qd_thread_start(pthread_t *thread, const char *name, void *(*run)(void *user), void *user);

/* A condition variable for CLOCK_MONOTONIC, and a wait on it: 0 when the deadline has passed. */
void qd_cond_init(pthread_cond_t *cond);
int qd_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ns);

/* Keeps the SIGPIPE that a library raises in the calling thread by writing to a closed socket from the program, which
 * may not expect it: not in threads of our own, where all signals are blocked. */
typedef struct qd_pipe_guard {
  sigset_t before;
  int was_pending;
} qd_pipe_guard;
void qd_pipe_guard_begin(qd_pipe_guard *guard);
void qd_pipe_guard_end(const qd_pipe_guard *guard);

#endif
