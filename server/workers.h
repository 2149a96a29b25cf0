#ifndef QD_WORKERS_H
#define QD_WORKERS_H

#include "qdrant/error.h"
#include <stddef.h>
#include <stdint.h>

/* Threads that run jobs when they are due: a delay is a place in the queue, not a sleeping thread. */
typedef struct qd_workers qd_workers;

/* Lies first in what is to be done; the queue's until it is run. */
typedef struct qd_job {
  int64_t due_ns;
  uint64_t number; /* equal times keep their order */
} qd_job;

typedef void (*qd_job_run)(qd_job *job);

/* At most max_jobs wait. NO_MEMORY when the threads cannot be started. */
qdrant_status qd_workers_start(
    size_t n_threads, size_t max_jobs, qd_job_run run, qd_workers **workers, qdrant_error *err);

/* Runs job at due_ns or soon after. AGAIN: the queue is full and the job still the caller's. */
qdrant_status qd_workers_put(qd_workers *workers, qd_job *job, int64_t due_ns);

/* Jobs still waiting are due now; threads end when there are none left. */
void qd_workers_stop(qd_workers *workers);

/* Waits for the threads; after qd_workers_stop. NULL is fine. */
void qd_workers_free(qd_workers *workers);

#endif
