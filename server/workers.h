#ifndef QD_WORKERS_H
#define QD_WORKERS_H

#include "qdrant/error.h"

#include <stddef.h>
#include <stdint.h>

/* Threads that run tasks when they are due: a delay is a place in the queue, not a sleeping thread. */
typedef struct qd_workers qd_workers;

/* Lies first in what is to be done; the queue's until it is run. */
typedef struct qd_task {
  int64_t due_ns;
  uint64_t number; /* equal times keep their order */
} qd_task;

typedef void (*qd_task_run)(qd_task *task);

/* At most max_tasks wait. NO_MEMORY when the threads cannot be started. */
qdrant_status qd_workers_start(
    size_t n_threads, size_t max_tasks, qd_task_run run, qd_workers **workers, qdrant_error *err);

/* Runs task at due_ns or soon after. AGAIN: the queue is full and the task still the caller's. */
qdrant_status qd_workers_put(qd_workers *workers, qd_task *task, int64_t due_ns);

/* Tasks still waiting are due now; threads end when there are none left. */
void qd_workers_stop(qd_workers *workers);

/* Waits for the threads; after qd_workers_stop. NULL is fine. */
void qd_workers_free(qd_workers *workers);

#endif
