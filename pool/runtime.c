#include "pool/runtime.h"

#include "core/alloc.h"
#include "pool/grpc_transport.h"

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdatomic.h>

struct qd_runtime {
  atomic_int refs;
};

static pthread_once_t fork_watch_once = PTHREAD_ONCE_INIT;
static atomic_int has_initialised;
static atomic_int is_forked_child;
static atomic_ullong n_leaked_calls;

/* A child shares the parent's sockets but has none of its threads: a call there goes out on the parent's connection and
 * then hangs both. */
static void note_fork_in_child(void) {
  if (atomic_load(&has_initialised))
    atomic_store(&is_forked_child, 1);
}

static void watch_forks(void) {
  pthread_atfork(NULL, NULL, note_fork_in_child);
}

int qd_grpc_is_forked_child(void) {
  return atomic_load(&is_forked_child);
}

uint64_t qd_grpc_leaked_calls(void) {
  return atomic_load(&n_leaked_calls);
}

void qd_runtime_add_leaked(uint64_t n_calls) {
  atomic_fetch_add(&n_leaked_calls, n_calls);
}

qd_runtime *qd_runtime_new(void) {
  qd_runtime *runtime = qd_alloc(sizeof *runtime);
  if (runtime == NULL)
    return NULL;
  atomic_init(&runtime->refs, 1);
  pthread_once(&fork_watch_once, watch_forks);
  atomic_store(&has_initialised, 1);
  grpc_init();
  return runtime;
}

qd_runtime *qd_runtime_ref(qd_runtime *runtime) {
  atomic_fetch_add_explicit(&runtime->refs, 1, memory_order_relaxed);
  return runtime;
}

void qd_runtime_unref(qd_runtime *runtime) {
  if (runtime == NULL || atomic_fetch_sub_explicit(&runtime->refs, 1, memory_order_acq_rel) != 1)
    return;
  if (!qd_grpc_is_forked_child())
    grpc_shutdown();
  qd_free(runtime);
}
