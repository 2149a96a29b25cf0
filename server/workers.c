#include "server/workers.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"

struct qd_workers {
  pthread_mutex_t lock; /* guards all below */
  pthread_cond_t has_changed;
  qd_job_run run;
  qd_job **heap; /* the earliest job comes first */
  size_t n_jobs;
  size_t max_jobs;
  uint64_t n_put;
  int is_stopping;
  pthread_t *threads;
  size_t n_threads;
};

static int is_earlier(const qd_job *left, const qd_job *right) {
  return left->due_ns != right->due_ns ? left->due_ns < right->due_ns : left->number < right->number;
}

static void move_up(qd_job **heap, size_t at) {
  qd_job *moved = heap[at];
  for (; at > 0 && is_earlier(moved, heap[(at - 1) / 2]); at = (at - 1) / 2)
    heap[at] = heap[(at - 1) / 2];
  heap[at] = moved;
}

static void move_down(qd_job **heap, size_t n_jobs, size_t at) {
  qd_job *moved = heap[at];
  for (size_t child = 2 * at + 1; child < n_jobs; child = 2 * at + 1) {
    if (child + 1 < n_jobs && is_earlier(heap[child + 1], heap[child]))
      child++;
    if (!is_earlier(heap[child], moved))
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moved;
}

static qd_job *pop_first(qd_workers *workers) {
  qd_job *first = workers->heap[0];
  qd_job *last = workers->heap[--workers->n_jobs];
  if (workers->n_jobs > 0) {
    workers->heap[0] = last;
    move_down(workers->heap, workers->n_jobs, 0);
  }
  return first;
}

/* NULL: the threads shall end. Called with the lock held. */
static qd_job *wait_for_job(qd_workers *workers) {
  for (;;) {
    if (workers->n_jobs == 0 && workers->is_stopping)
      return NULL;
    if (workers->n_jobs == 0) {
      pthread_cond_wait(&workers->has_changed, &workers->lock);
      continue;
    }
    int64_t due_ns = workers->heap[0]->due_ns;
    if (workers->is_stopping || qd_deadline_has_passed(due_ns))
      return pop_first(workers);
    qd_cond_wait(&workers->has_changed, &workers->lock, due_ns);
  }
}

static void *work(void *self) {
  qd_workers *workers = self;
  pthread_mutex_lock(&workers->lock);
  for (qd_job *job = wait_for_job(workers); job != NULL; job = wait_for_job(workers)) {
    pthread_mutex_unlock(&workers->lock);
    workers->run(job);
    pthread_mutex_lock(&workers->lock);
  }
  pthread_mutex_unlock(&workers->lock);
  return NULL;
}

static qd_workers *new_workers(size_t n_threads, size_t max_jobs, qd_job_run run) {
  qd_workers *workers = qd_zalloc(sizeof *workers);
  if (workers == NULL)
    return NULL;
  workers->run = run;
  workers->max_jobs = max_jobs;
  workers->heap = qd_alloc_array(max_jobs, sizeof *workers->heap);
  workers->threads = qd_alloc_array(n_threads, sizeof *workers->threads);
  pthread_mutex_init(&workers->lock, NULL);
  qd_cond_init(&workers->has_changed);
  return workers;
}

qdrant_status qd_workers_start(
    size_t n_threads, size_t max_jobs, qd_job_run run, qd_workers **workers, qdrant_error *err) {
  qd_workers *made = new_workers(n_threads, max_jobs, run);
  if (made == NULL || made->heap == NULL || made->threads == NULL)
    goto fail;
  for (size_t i = 0; i < n_threads; i++) {
    if (!qd_thread_start(&made->threads[i], "mock-worker", work, made))
      goto fail;
    made->n_threads++;
  }
  *workers = made;
  return QDRANT_OK;

fail:
  if (made != NULL)
    qd_workers_stop(made);
  qd_workers_free(made);
  return qd_fail(err, QDRANT_NO_MEMORY, "the server's %zu threads cannot be started", n_threads);
}

qdrant_status qd_workers_put(qd_workers *workers, qd_job *job, int64_t due_ns) {
  qdrant_status status = QDRANT_AGAIN;
  pthread_mutex_lock(&workers->lock);
  if (workers->n_jobs < workers->max_jobs) {
    job->due_ns = due_ns;
    job->number = workers->n_put++;
    workers->heap[workers->n_jobs] = job;
    move_up(workers->heap, workers->n_jobs++);
    pthread_cond_signal(&workers->has_changed);
    status = QDRANT_OK;
  }
  pthread_mutex_unlock(&workers->lock);
  return status;
}

void qd_workers_stop(qd_workers *workers) {
  pthread_mutex_lock(&workers->lock);
  workers->is_stopping = 1;
  pthread_cond_broadcast(&workers->has_changed);
  pthread_mutex_unlock(&workers->lock);
}

void qd_workers_free(qd_workers *workers) {
  if (workers == NULL)
    return;
  for (size_t i = 0; i < workers->n_threads; i++)
    pthread_join(workers->threads[i], NULL);
  pthread_cond_destroy(&workers->has_changed);
  pthread_mutex_destroy(&workers->lock);
  qd_free(workers->threads);
  qd_free(workers->heap);
  qd_free(workers);
}
