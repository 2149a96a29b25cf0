#include "pool/poller.h"

#include "core/deadline.h"
#include "core/thread.h"

#include <grpc/support/time.h>
#include <string.h>

void *qd_tag_hand_over(qd_tag *tag) {
  atomic_fetch_add_explicit(&tag->n_handed_over, 1, memory_order_release);
  return tag;
}

static void run_tag(qd_tag *tag, int is_ok) {
  atomic_load_explicit(&tag->n_handed_over, memory_order_acquire);
  tag->run(tag->owner, is_ok);
}

void qd_poller_set_timer(qd_poller *poller, qd_timer *timer, int64_t at_ns) {
  qd_poller_clear_timer(poller, timer);
  qd_timer *before = poller->last_timer;
  while (before != NULL && before->at_ns > at_ns)
    before = before->previous;
  timer->at_ns = at_ns;
  timer->is_set = 1;
  timer->previous = before;
  timer->next = before != NULL ? before->next : poller->first_timer;
  *(timer->previous != NULL ? &timer->previous->next : &poller->first_timer) = timer;
  *(timer->next != NULL ? &timer->next->previous : &poller->last_timer) = timer;
}

void qd_poller_clear_timer(qd_poller *poller, qd_timer *timer) {
  if (!timer->is_set)
    return;
  *(timer->previous != NULL ? &timer->previous->next : &poller->first_timer) = timer->next;
  *(timer->next != NULL ? &timer->next->previous : &poller->last_timer) = timer->previous;
  timer->is_set = 0;
}

static void run_due_timers(qd_poller *poller) {
  while (poller->first_timer != NULL && qd_deadline_has_passed(poller->first_timer->at_ns)) {
    qd_timer *timer = poller->first_timer;
    qd_poller_clear_timer(poller, timer);
    timer->run(timer->owner);
  }
}

static gpr_timespec next_wake(const qd_poller *poller) {
  if (poller->first_timer == NULL)
    return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  return gpr_time_from_nanos(poller->first_timer->at_ns, GPR_CLOCK_MONOTONIC);
}

static void *poll_events(void *arg) {
  qd_poller *poller = arg;
  while (!poller->is_stopped) {
    run_due_timers(poller);
    grpc_event event = grpc_completion_queue_next(poller->queue, next_wake(poller), NULL);
    if (event.type == GRPC_QUEUE_SHUTDOWN)
      break;
    if (event.type == GRPC_OP_COMPLETE)
      run_tag(event.tag, event.success);
  }
  return NULL;
}

/* Takes the whole list before the flag is seen cleared, so that work posted meanwhile wakes the thread again. */
static void run_posted_work(void *owner, int is_ok) {
  (void)is_ok;
  qd_poller *poller = owner;
  pthread_mutex_lock(&poller->lock);
  qd_work *work = poller->first_work;
  poller->first_work = NULL;
  poller->last_work = NULL;
  poller->is_wake_pending = 0;
  pthread_mutex_unlock(&poller->lock);
  while (work != NULL) {
    qd_work *next = work->next; /* run may free or post the work again */
    work->run(work->owner);
    work = next;
  }
}

void qd_poller_post(qd_poller *poller, qd_work *work) {
  pthread_mutex_lock(&poller->lock);
  work->next = NULL;
  *(poller->last_work != NULL ? &poller->last_work->next : &poller->first_work) = work;
  poller->last_work = work;
  if (!poller->is_wake_pending) {
    /* Under the lock: batches on one call must not be started by two threads at once. */
    poller->is_wake_pending = 1;
    grpc_call_start_batch(poller->lame_call, NULL, 0, qd_tag_hand_over(&poller->wake_tag), NULL);
  }
  pthread_mutex_unlock(&poller->lock);
}

static void run_late(void *owner) {
  qd_tag *tag = owner;
  run_tag(tag, tag->is_late_ok);
}

/* The poller itself need not be woken: it comes by the queue anyway. */
static int is_on_poller(const qd_poller *poller) {
  return pthread_equal(pthread_self(), poller->thread);
}

void qd_poller_catch(qd_poller *poller) {
  if (!is_on_poller(poller))
    grpc_completion_queue_thread_local_cache_init(poller->queue);
}

int qd_poller_has_caught(qd_poller *poller, const qd_tag *tag) {
  void *caught = NULL;
  int is_ok = 0;
  if (is_on_poller(poller) || !grpc_completion_queue_thread_local_cache_flush(poller->queue, &caught, &is_ok))
    return 0;
  if (caught == tag && is_ok)
    return 1;
  qd_tag *late = caught;
  late->is_late_ok = is_ok;
  late->late = (qd_work){.run = run_late, .owner = late};
  qd_poller_post(poller, &late->late);
  return 0;
}

static void free_queue(qd_poller *poller) {
  grpc_call_unref(poller->lame_call);
  grpc_channel_destroy(poller->lame_channel);
  grpc_completion_queue_destroy(poller->queue);
  pthread_mutex_destroy(&poller->lock);
}

int qd_poller_open(qd_poller *poller) {
  memset(poller, 0, sizeof *poller);
  pthread_mutex_init(&poller->lock, NULL);
  poller->wake_tag = (qd_tag){.run = run_posted_work, .owner = poller};
  poller->queue = grpc_completion_queue_create_for_next(NULL);
  poller->lame_channel = grpc_lame_client_channel_create("wake", GRPC_STATUS_UNAVAILABLE, "wakes the poller");
  poller->lame_call = grpc_channel_create_call(poller->lame_channel, NULL, GRPC_PROPAGATE_DEFAULTS, poller->queue,
      grpc_slice_from_static_string("/wake"), NULL, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
  if (!qd_thread_start(&poller->thread, "qdrant-poller", poll_events, poller)) {
    grpc_completion_queue_shutdown(poller->queue);
    grpc_completion_queue_next(poller->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    free_queue(poller);
    return 0;
  }
  return 1;
}

void qd_poller_close(qd_poller *poller) {
  grpc_completion_queue_shutdown(poller->queue);
  pthread_join(poller->thread, NULL);
  free_queue(poller);
}

static void stop(void *owner) {
  qd_poller *poller = owner;
  poller->is_stopped = 1;
}

void qd_poller_abandon(qd_poller *poller) {
  qd_work work = {stop, poller, NULL};
  qd_poller_post(poller, &work);
  pthread_join(poller->thread, NULL);
}
