#ifndef QD_CALL_QUEUE_H
#define QD_CALL_QUEUE_H

#include "core/transport.h"

/* Started calls of a blocking transport, the workers that carry them out, and the count of threads inside. A call that
 * is cancelled or late before its turn is reported at once, with NOT_SENT, by a thread kept for that. */
typedef struct qd_call_queue qd_call_queue;

typedef struct qd_call_queue_plan {
  void *user;
  /* Carries a call out in a worker, all but `done`. body: the request. */
  void (*run)(void *user, qd_call *call, const qd_body *body);
  /* Frees user, after the last thread has left. */
  void (*end)(void *user);
  size_t n_threads;  /* begun one by one, when calls wait */
  size_t max_queued; /* calls that wait for a worker */
} qd_call_queue_plan;

/* NULL when out of memory. */
qd_call_queue *qd_call_queue_new(const qd_call_queue_plan *plan);

/* Queues a call: `done` follows. Takes the body's reference, but not on failure: AGAIN, CLOSED, NO_MEMORY, with the
 * reason in call->error. */
qdrant_status qd_call_queue_put(qd_call_queue *queue, qd_call *call, qd_body *body);

/* As qd_transport_ops.cancel. */
void qd_call_queue_cancel(qd_call_queue *queue, qd_call *call);

/* Counts a caller in who carries a call out himself, so that close waits for him; CLOSED. What has entered leaves. */
qdrant_status qd_call_queue_enter(qd_call_queue *queue, qdrant_error *err);
void qd_call_queue_leave(qd_call_queue *queue);

/* Refuses new calls, reports those that wait as cancelled, and waits for the others until deadline_ns. Then, or when
 * the last thread leaves later, frees itself and calls plan.end. */
void qd_call_queue_close(qd_call_queue *queue, int64_t deadline_ns);

/* In a forked child, which has none of the threads: gives the memory back and touches nothing else. */
void qd_call_queue_forget(qd_call_queue *queue);

#endif
