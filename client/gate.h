#ifndef QD_GATE_H
#define QD_GATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

/* Keeps a transport alive while any thread is inside one of its functions: those enter and leave, close shuts and
 * waits. A counter instead of a lock, so that calls do not meet here. */
typedef struct qd_gate {
  atomic_uint word; /* number of those inside, and the highest bit when shut */
  pthread_mutex_t lock;
  pthread_cond_t left;
} qd_gate;

void qd_gate_init(qd_gate *gate);
void qd_gate_destroy(qd_gate *gate);

/* 1, or 0 when the gate is shut: then do not leave. */
int qd_gate_enter(qd_gate *gate);
void qd_gate_leave(qd_gate *gate);

/* Lets nobody else in and waits until all have left: 1, or 0 when the deadline passed first. */
int qd_gate_shut(qd_gate *gate, int64_t deadline_ns);

#endif
