#include "core/call_queue.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"

/* A call that waits for a worker. */
typedef struct job {
  qd_call *call;
  qd_body *body; /* a reference of its own: the request must outlive start */
  int is_cancelled;
  struct job *next;
} job;

struct qd_call_queue {
  qd_call_queue_plan plan;
  pthread_mutex_t lock; /* guards what follows; never held while plan.run or done runs */
  pthread_cond_t job_added;
  pthread_cond_t job_ended; /* a job was cancelled, or passes its deadline before wake_ns */
  pthread_cond_t all_left;  /* n_inside reached 0 */
  job *first;
  job *last;
  size_t n_queued;
  size_t n_idle;   /* workers that wait for a job */
  size_t n_inside; /* threads of ours, and callers who entered */
  int64_t wake_ns; /* when the reporter looks again by itself */
  int is_closing;
  int is_abandoned; /* close gave up waiting: the last thread frees */
  int has_reporter;
  pthread_t reporter;
  size_t n_started;
  pthread_t workers[]; /* plan.n_threads */
};

static void free_queue(qd_call_queue *queue) {
  queue->plan.end(queue->plan.user);
  pthread_cond_destroy(&queue->job_added);
  pthread_cond_destroy(&queue->job_ended);
  pthread_cond_destroy(&queue->all_left);
  pthread_mutex_destroy(&queue->lock);
  qd_free(queue);
}

qdrant_status qd_call_queue_enter(qd_call_queue *queue, qdrant_error *err) {
  pthread_mutex_lock(&queue->lock);
  int is_closing = queue->is_closing;
  queue->n_inside += is_closing ? 0 : 1;
  pthread_mutex_unlock(&queue->lock);
  return is_closing ? qd_fail(err, QDRANT_CLOSED, "the client is closed") : QDRANT_OK;
}

void qd_call_queue_leave(qd_call_queue *queue) {
  pthread_mutex_lock(&queue->lock);
  int is_last = --queue->n_inside == 0;
  int must_free = is_last && queue->is_abandoned;
  if (is_last)
    pthread_cond_broadcast(&queue->all_left);
  pthread_mutex_unlock(&queue->lock);
  if (must_free)
    free_queue(queue);
}

/* The lock is held. Afterwards a cancel of the job's call finds nothing. */
static void unlink_job(qd_call_queue *queue, job *before, job *taken) {
  if (before == NULL)
    queue->first = taken->next;
  else
    before->next = taken->next;
  if (queue->last == taken)
    queue->last = before;
  taken->next = NULL;
  taken->call->transport_state = NULL;
  queue->n_queued--;
}

static void free_job(job *taken) {
  qd_body_unref(taken->body);
  qd_free(taken);
}

/* Reports jobs that end before they began, without the lock. */
static void report_ended(job *ended) {
  while (ended != NULL) {
    job *next = ended->next;
    qd_call *call = ended->call;
    if (qd_deadline_has_passed(call->deadline_ns))
      qd_fail(&call->error, QDRANT_DEADLINE_EXCEEDED, "the deadline passed before %s began", call->rpc->name);
    else
      qd_fail(&call->error, QDRANT_CANCELLED, "%s was cancelled before it began", call->rpc->name);
    free_job(ended);
    call->done(call);
    ended = next;
  }
}

static void run_job(qd_call_queue *queue, job *taken) {
  qd_call *call = taken->call;
  if (taken->is_cancelled) {
    report_ended(taken);
    return;
  }
  queue->plan.run(queue->plan.user, call, taken->body);
  free_job(taken);
  call->done(call);
}

static void *work(void *user) {
  qd_call_queue *queue = user;
  pthread_mutex_lock(&queue->lock);
  for (;;) {
    queue->n_idle++;
    while (queue->first == NULL && !queue->is_closing)
      pthread_cond_wait(&queue->job_added, &queue->lock);
    queue->n_idle--;
    if (queue->is_closing)
      break;
    job *taken = queue->first;
    unlink_job(queue, NULL, taken);
    pthread_mutex_unlock(&queue->lock);
    run_job(queue, taken);
    pthread_mutex_lock(&queue->lock);
  }
  pthread_mutex_unlock(&queue->lock);
  qd_call_queue_leave(queue);
  return NULL;
}

/* Takes out the queued jobs that have ended without a worker, and notes when to look again. The lock is held. */
static job *take_ended(qd_call_queue *queue) {
  job *ended = NULL;
  job *before = NULL;
  queue->wake_ns = INT64_MAX;
  for (job *each = queue->first, *next; each != NULL; each = next) {
    next = each->next;
    int64_t deadline_ns = each->call->deadline_ns;
    if (each->is_cancelled || queue->is_closing || qd_deadline_has_passed(deadline_ns)) {
      unlink_job(queue, before, each);
      each->next = ended;
      ended = each;
      continue;
    }
    before = each;
    if (deadline_ns < queue->wake_ns)
      queue->wake_ns = deadline_ns;
  }
  return ended;
}

/* Ends queued calls that are cancelled or late even while every worker is busy. A thread of its own, so that done never
 * runs inside cancel, whose caller may hold locks. */
static void *report(void *user) {
  qd_call_queue *queue = user;
  pthread_mutex_lock(&queue->lock);
  for (;;) {
    job *ended = take_ended(queue);
    if (ended != NULL) {
      pthread_mutex_unlock(&queue->lock);
      report_ended(ended);
      pthread_mutex_lock(&queue->lock);
    } else if (queue->is_closing) {
      break;
    } else {
      qd_cond_wait(&queue->job_ended, &queue->lock, queue->wake_ns);
    }
  }
  pthread_mutex_unlock(&queue->lock);
  qd_call_queue_leave(queue);
  return NULL;
}

/* The lock is held. */
static int start_thread(qd_call_queue *queue, pthread_t *thread, const char *name, void *(*run)(void *user)) {
  int is_started = qd_thread_start(thread, name, run, queue);
  queue->n_inside += is_started ? 1 : 0;
  return is_started;
}

/* Whether somebody will look at one job more. The lock is held. */
static int ensure_threads(qd_call_queue *queue) {
  if (!queue->has_reporter)
    queue->has_reporter = start_thread(queue, &queue->reporter, "qdrant-reporter", report);
  if (queue->n_queued >= queue->n_idle && queue->n_started < queue->plan.n_threads &&
      start_thread(queue, &queue->workers[queue->n_started], "qdrant-worker", work))
    queue->n_started++;
  return queue->has_reporter && queue->n_started > 0;
}

/* The lock is held. */
static void enqueue(qd_call_queue *queue, job *added) {
  if (queue->last == NULL)
    queue->first = added;
  else
    queue->last->next = added;
  queue->last = added;
  queue->n_queued++;
  added->call->transport_state = added;
  pthread_cond_signal(&queue->job_added);
  if (added->call->deadline_ns < queue->wake_ns)
    pthread_cond_signal(&queue->job_ended);
}

/* The lock is held. */
static qdrant_status refuse_or_enqueue(qd_call_queue *queue, job *added) {
  qdrant_error *err = &added->call->error;
  if (queue->is_closing)
    return qd_fail(err, QDRANT_CLOSED, "the client is closed");
  if (queue->n_queued >= queue->plan.max_queued)
    return qd_fail(err, QDRANT_AGAIN, "%zu calls already wait: try again when one has ended", queue->n_queued);
  if (!ensure_threads(queue))
    return qd_fail(err, QDRANT_NO_MEMORY, "no thread can be started for %s", added->call->rpc->name);
  enqueue(queue, added);
  return QDRANT_OK;
}

qdrant_status qd_call_queue_put(qd_call_queue *queue, qd_call *call, qd_body *body) {
  job *added = qd_zalloc(sizeof *added);
  if (added == NULL)
    return qd_fail(&call->error, QDRANT_NO_MEMORY, "out of memory while %s was begun", call->rpc->name);
  added->call = call;
  added->body = body;
  pthread_mutex_lock(&queue->lock);
  qdrant_status status = refuse_or_enqueue(queue, added);
  pthread_mutex_unlock(&queue->lock);
  if (status != QDRANT_OK)
    qd_free(added);
  return status;
}

void qd_call_queue_cancel(qd_call_queue *queue, qd_call *call) {
  pthread_mutex_lock(&queue->lock);
  job *queued = call->transport_state;
  if (queued != NULL) {
    queued->is_cancelled = 1;
    pthread_cond_signal(&queue->job_ended);
  }
  pthread_mutex_unlock(&queue->lock);
}

/* Whether every thread has left in time. The lock is held. */
static int wait_for_all(qd_call_queue *queue, int64_t deadline_ns) {
  int has_time = 1;
  while (queue->n_inside > 0 && has_time)
    has_time = qd_cond_wait(&queue->all_left, &queue->lock, deadline_ns);
  return queue->n_inside == 0;
}

static void end_threads(qd_call_queue *queue, int (*end)(pthread_t)) {
  for (size_t i = 0; i < queue->n_started; i++)
    end(queue->workers[i]);
  if (queue->has_reporter)
    end(queue->reporter);
}

static int join_thread(pthread_t thread) {
  return pthread_join(thread, NULL);
}

void qd_call_queue_close(qd_call_queue *queue, int64_t deadline_ns) {
  pthread_mutex_lock(&queue->lock);
  queue->is_closing = 1;
  pthread_cond_broadcast(&queue->job_added);
  pthread_cond_broadcast(&queue->job_ended);
  int have_left = wait_for_all(queue, deadline_ns);
  if (!have_left) {
    end_threads(queue, pthread_detach);
    queue->is_abandoned = 1;
  }
  pthread_mutex_unlock(&queue->lock);
  if (!have_left)
    return;
  end_threads(queue, join_thread);
  free_queue(queue);
}

void qd_call_queue_forget(qd_call_queue *queue) {
  qd_free(queue);
}

qd_call_queue *qd_call_queue_new(const qd_call_queue_plan *plan) {
  qd_call_queue *made = qd_zalloc(sizeof *made + plan->n_threads * sizeof made->workers[0]);
  if (made == NULL)
    return NULL;
  made->plan = *plan;
  pthread_mutex_init(&made->lock, NULL);
  qd_cond_init(&made->job_added);
  qd_cond_init(&made->job_ended);
  qd_cond_init(&made->all_left);
  return made;
}
