#include "client/timer.h"

#include "client/gate.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include <signal.h>

void qd_timer_init(qd_timer *timer, void (*ring)(qd_alarm *alarm)) {
  *timer = (qd_timer){.ring = ring};
  pthread_mutex_init(&timer->lock, NULL);
  qd_cond_init(&timer->changed);
}

void qd_timer_destroy(qd_timer *timer) {
  pthread_cond_destroy(&timer->changed);
  pthread_mutex_destroy(&timer->lock);
  qd_free(timer->heap);
}

static void put(qd_timer *timer, size_t place, qd_alarm *alarm) {
  timer->heap[place] = alarm;
  alarm->place = place;
}

static void sift_up(qd_timer *timer, qd_alarm *alarm) {
  size_t place = alarm->place;
  while (place > 0 && timer->heap[(place - 1) / 2]->due_ns > alarm->due_ns) {
    put(timer, place, timer->heap[(place - 1) / 2]);
    place = (place - 1) / 2;
  }
  put(timer, place, alarm);
}

static void sift_down(qd_timer *timer, qd_alarm *alarm) {
  size_t place = alarm->place;
  for (size_t child = 2 * place + 1; child < timer->n_alarms; child = 2 * place + 1) {
    if (child + 1 < timer->n_alarms && timer->heap[child + 1]->due_ns < timer->heap[child]->due_ns)
      child++;
    if (timer->heap[child]->due_ns >= alarm->due_ns)
      break;
    put(timer, place, timer->heap[child]);
    place = child;
  }
  put(timer, place, alarm);
}

static qd_alarm *take_first(qd_timer *timer) {
  qd_alarm *first = timer->heap[0];
  qd_alarm *last = timer->heap[--timer->n_alarms];
  if (timer->n_alarms > 0) {
    put(timer, 0, last);
    sift_down(timer, last);
  }
  first->is_set = 0;
  return first;
}

static int has_due(const qd_timer *timer) {
  return timer->n_alarms > 0 && (timer->is_stopping || qd_deadline_has_passed(timer->heap[0]->due_ns));
}

static void wait_for_change(qd_timer *timer) {
  if (timer->n_alarms > 0)
    qd_cond_wait(&timer->changed, &timer->lock, timer->heap[0]->due_ns);
  else
    pthread_cond_wait(&timer->changed, &timer->lock);
}

static void *run_timer(void *user) {
  qd_timer *timer = user;
  pthread_mutex_lock(&timer->lock);
  while (timer->n_alarms > 0 || !timer->is_stopping) {
    if (!has_due(timer)) {
      wait_for_change(timer);
      continue;
    }
    qd_alarm *alarm = take_first(timer);
    pthread_mutex_unlock(&timer->lock);
    timer->ring(alarm);
    pthread_mutex_lock(&timer->lock);
  }
  pthread_mutex_unlock(&timer->lock);
  return NULL;
}

/* Signals are the program's: none is delivered on a thread of ours. */
static int start_thread(qd_timer *timer) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  timer->has_thread = pthread_create(&timer->thread, NULL, run_timer, timer) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return timer->has_thread;
}

static int make_room(qd_timer *timer) {
  if (timer->n_alarms < timer->capacity)
    return 1;
  size_t capacity = timer->capacity > 0 ? 2 * timer->capacity : 16;
  qd_alarm **heap = qd_realloc(timer->heap, capacity * sizeof(qd_alarm *));
  if (heap == NULL)
    return 0;
  timer->heap = heap;
  timer->capacity = capacity;
  return 1;
}

int qd_timer_set(qd_timer *timer, qd_alarm *alarm, int64_t due_ns) {
  pthread_mutex_lock(&timer->lock);
  int is_set = !timer->is_stopping && make_room(timer) && (timer->has_thread || start_thread(timer));
  if (is_set) {
    alarm->due_ns = due_ns;
    alarm->place = timer->n_alarms++;
    alarm->is_set = 1;
    sift_up(timer, alarm);
    pthread_cond_signal(&timer->changed);
  }
  pthread_mutex_unlock(&timer->lock);
  return is_set;
}

void qd_timer_hasten(qd_timer *timer, qd_alarm *alarm) {
  pthread_mutex_lock(&timer->lock);
  if (alarm->is_set) {
    alarm->due_ns = 0;
    sift_up(timer, alarm);
    pthread_cond_signal(&timer->changed);
  }
  pthread_mutex_unlock(&timer->lock);
}

void qd_timer_stop(qd_timer *timer) {
  pthread_mutex_lock(&timer->lock);
  timer->is_stopping = 1;
  int has_thread = timer->has_thread;
  timer->has_thread = 0;
  pthread_cond_signal(&timer->changed);
  pthread_mutex_unlock(&timer->lock);
  if (has_thread)
    pthread_join(timer->thread, NULL);
}
