#include "client/gate.h"

#include "core/thread.h"

#include <limits.h>

#define SHUT_BIT (UINT_MAX / 2 + 1)

void qd_gate_init(qd_gate *gate) {
  atomic_init(&gate->word, 0);
  pthread_mutex_init(&gate->lock, NULL);
  qd_cond_init(&gate->left);
}

void qd_gate_destroy(qd_gate *gate) {
  pthread_cond_destroy(&gate->left);
  pthread_mutex_destroy(&gate->lock);
}

int qd_gate_enter(qd_gate *gate) {
  unsigned before = atomic_fetch_add(&gate->word, 1);
  if ((before & SHUT_BIT) == 0)
    return 1;
  qd_gate_leave(gate);
  return 0;
}

void qd_gate_leave(qd_gate *gate) {
  if (atomic_fetch_sub(&gate->word, 1) != (SHUT_BIT | 1))
    return;
  pthread_mutex_lock(&gate->lock);
  pthread_cond_broadcast(&gate->left);
  pthread_mutex_unlock(&gate->lock);
}

int qd_gate_shut(qd_gate *gate, int64_t deadline_ns) {
  int is_empty = 0;
  int has_time = 1;
  atomic_fetch_or(&gate->word, SHUT_BIT);
  pthread_mutex_lock(&gate->lock);
  while (!(is_empty = atomic_load(&gate->word) == SHUT_BIT) && has_time)
    has_time = qd_cond_wait(&gate->left, &gate->lock, deadline_ns);
  pthread_mutex_unlock(&gate->lock);
  return is_empty;
}
