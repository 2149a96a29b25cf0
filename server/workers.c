#include "server/workers.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"

struct qd_workers {
  pthread_mutex_t lock; /* guards all below */
  pthread_cond_t changed;
  qd_task_run run;
  qd_task **heap; /* the earliest task comes first */
  size_t n_tasks;
  size_t max_tasks;
  uint64_t n_put;
  int is_stopping;
  pthread_t *threads;
  size_t n_threads;
};

static int is_earlier(const qd_task *left, const qd_task *right) {
  return left->due_ns != right->due_ns ? left->due_ns < right->due_ns : left->number < right->number;
}

static void move_up(qd_task **heap, size_t at) {
  qd_task *moved = heap[at];
  for (; at > 0 && is_earlier(moved, heap[(at - 1) / 2]); at = (at - 1) / 2)
    heap[at] = heap[(at - 1) / 2];
  heap[at] = moved;
}

static void move_down(qd_task **heap, size_t n_tasks, size_t at) {
  qd_task *moved = heap[at];
  for (size_t child = 2 * at + 1; child < n_tasks; child = 2 * at + 1) {
    if (child + 1 < n_tasks && is_earlier(heap[child + 1], heap[child]))
      child++;
    if (!is_earlier(heap[child], moved))
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moved;
}

static qd_task *pop_first(qd_workers *workers) {
  qd_task *first = workers->heap[0];
  qd_task *last = workers->heap[--workers->n_tasks];
  if (workers->n_tasks > 0) {
    workers->heap[0] = last;
    move_down(workers->heap, workers->n_tasks, 0);
  }
  return first;
}

/* NULL: the threads shall end. Called with the lock held. */
static qd_task *wait_for_task(qd_workers *workers) {
  for (;;) {
    if (workers->n_tasks == 0 && workers->is_stopping)
      return NULL;
    if (workers->n_tasks == 0) {
      pthread_cond_wait(&workers->changed, &workers->lock);
      continue;
    }
    int64_t due_ns = workers->heap[0]->due_ns;
    if (workers->is_stopping || qd_deadline_has_passed(due_ns))
      return pop_first(workers);
    qd_cond_wait(&workers->changed, &workers->lock, due_ns);
  }
}

static void *work(void *self) {
  qd_workers *workers = self;
  pthread_mutex_lock(&workers->lock);
  for (qd_task *task = wait_for_task(workers); task != NULL; task = wait_for_task(workers)) {
    pthread_mutex_unlock(&workers->lock);
    workers->run(task);
    pthread_mutex_lock(&workers->lock);
  }
  pthread_mutex_unlock(&workers->lock);
  return NULL;
}

static qd_workers *new_workers(size_t n_threads, size_t max_tasks, qd_task_run run) {
  qd_workers *workers = qd_zalloc(sizeof *workers);
  if (workers == NULL)
    return NULL;
  workers->run = run;
  workers->max_tasks = max_tasks;
  workers->heap = qd_alloc_array(max_tasks, sizeof *workers->heap);
  workers->threads = qd_alloc_array(n_threads, sizeof *workers->threads);
  pthread_mutex_init(&workers->lock, NULL);
  qd_cond_init(&workers->changed);
  return workers;
}

qdrant_status qd_workers_start(
    size_t n_threads, size_t max_tasks, qd_task_run run, qd_workers **workers, qdrant_error *err) {
  qd_workers *made = new_workers(n_threads, max_tasks, run);
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

qdrant_status qd_workers_put(qd_workers *workers, qd_task *task, int64_t due_ns) {
  qdrant_status status = QDRANT_AGAIN;
  pthread_mutex_lock(&workers->lock);
  if (workers->n_tasks < workers->max_tasks) {
    task->due_ns = due_ns;
    task->number = workers->n_put++;
    workers->heap[workers->n_tasks] = task;
    move_up(workers->heap, workers->n_tasks++);
    pthread_cond_signal(&workers->changed);
    status = QDRANT_OK;
  }
  pthread_mutex_unlock(&workers->lock);
  return status;
}

void qd_workers_stop(qd_workers *workers) {
  pthread_mutex_lock(&workers->lock);
  workers->is_stopping = 1;
  pthread_cond_broadcast(&workers->changed);
  pthread_mutex_unlock(&workers->lock);
}

void qd_workers_free(qd_workers *workers) {
  if (workers == NULL)
    return;
  for (size_t i = 0; i < workers->n_threads; i++)
    pthread_join(workers->threads[i], NULL);
  pthread_cond_destroy(&workers->changed);
  pthread_mutex_destroy(&workers->lock);
  qd_free(workers->threads);
  qd_free(workers->heap);
  qd_free(workers);
}
