#include "core/alarms.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/thread.h"

void qd_alarms_init(qd_alarms *alarms, void (*ring)(qd_alarm *alarm)) {
  *alarms = (qd_alarms){.ring = ring};
  pthread_mutex_init(&alarms->lock, NULL);
  qd_cond_init(&alarms->changed);
}

void qd_alarms_destroy(qd_alarms *alarms) {
  pthread_cond_destroy(&alarms->changed);
  pthread_mutex_destroy(&alarms->lock);
  qd_free(alarms->heap);
}

static void put(qd_alarms *alarms, size_t place, qd_alarm *alarm) {
  alarms->heap[place] = alarm;
  alarm->place = place;
}

static void sift_up(qd_alarms *alarms, qd_alarm *alarm) {
  size_t place = alarm->place;
  while (place > 0 && alarms->heap[(place - 1) / 2]->due_ns > alarm->due_ns) {
    put(alarms, place, alarms->heap[(place - 1) / 2]);
    place = (place - 1) / 2;
  }
  put(alarms, place, alarm);
}

static void sift_down(qd_alarms *alarms, qd_alarm *alarm) {
  size_t place = alarm->place;
  for (size_t child = 2 * place + 1; child < alarms->n_alarms; child = 2 * place + 1) {
    if (child + 1 < alarms->n_alarms && alarms->heap[child + 1]->due_ns < alarms->heap[child]->due_ns)
      child++;
    if (alarms->heap[child]->due_ns >= alarm->due_ns)
      break;
    put(alarms, place, alarms->heap[child]);
    place = child;
  }
  put(alarms, place, alarm);
}

/* The last one fills the gap and goes where it belongs. */
static void take_out(qd_alarms *alarms, qd_alarm *alarm) {
  qd_alarm *last = alarms->heap[--alarms->n_alarms];
  alarm->is_set = 0;
  if (last == alarm)
    return;
  put(alarms, alarm->place, last);
  sift_up(alarms, last);
  sift_down(alarms, last);
}

static qd_alarm *take_first(qd_alarms *alarms) {
  qd_alarm *first = alarms->heap[0];
  take_out(alarms, first);
  return first;
}

static int has_due(const qd_alarms *alarms) {
  return alarms->n_alarms > 0 && (alarms->is_stopping || qd_deadline_has_passed(alarms->heap[0]->due_ns));
}

static void wait_for_change(qd_alarms *alarms) {
  if (alarms->n_alarms > 0)
    qd_cond_wait(&alarms->changed, &alarms->lock, alarms->heap[0]->due_ns);
  else
    pthread_cond_wait(&alarms->changed, &alarms->lock);
}

static void *run_alarms(void *user) {
  qd_alarms *alarms = user;
  pthread_mutex_lock(&alarms->lock);
  while (alarms->n_alarms > 0 || !alarms->is_stopping) {
    if (!has_due(alarms)) {
      wait_for_change(alarms);
      continue;
    }
    qd_alarm *alarm = take_first(alarms);
    pthread_mutex_unlock(&alarms->lock);
    (alarm->ring != NULL ? alarm->ring : alarms->ring)(alarm);
    pthread_mutex_lock(&alarms->lock);
  }
  pthread_mutex_unlock(&alarms->lock);
  return NULL;
}

static int start_thread(qd_alarms *alarms) {
  alarms->has_thread = qd_thread_start(&alarms->thread, "qdrant-alarms", run_alarms, alarms);
  return alarms->has_thread;
}

static int make_room(qd_alarms *alarms) {
  if (alarms->n_alarms < alarms->capacity)
    return 1;
  size_t capacity = alarms->capacity > 0 ? 2 * alarms->capacity : 16;
  qd_alarm **heap = qd_realloc(alarms->heap, capacity * sizeof(qd_alarm *));
  if (heap == NULL)
    return 0;
  alarms->heap = heap;
  alarms->capacity = capacity;
  return 1;
}

int qd_alarms_set(qd_alarms *alarms, qd_alarm *alarm, int64_t due_ns) {
  pthread_mutex_lock(&alarms->lock);
  int is_set = !alarms->is_stopping && make_room(alarms) && (alarms->has_thread || start_thread(alarms));
  if (is_set) {
    alarm->due_ns = due_ns;
    alarm->place = alarms->n_alarms++;
    alarm->is_set = 1;
    sift_up(alarms, alarm);
    if (alarm->place == 0) /* else the thread wakes early enough */
      pthread_cond_signal(&alarms->changed);
  }
  pthread_mutex_unlock(&alarms->lock);
  return is_set;
}

void qd_alarms_hasten(qd_alarms *alarms, qd_alarm *alarm) {
  pthread_mutex_lock(&alarms->lock);
  if (alarm->is_set) {
    alarm->due_ns = 0;
    sift_up(alarms, alarm);
    pthread_cond_signal(&alarms->changed);
  }
  pthread_mutex_unlock(&alarms->lock);
}

int qd_alarms_clear(qd_alarms *alarms, qd_alarm *alarm) {
  pthread_mutex_lock(&alarms->lock);
  int is_cleared = alarm->is_set;
  if (is_cleared)
    take_out(alarms, alarm);
  pthread_mutex_unlock(&alarms->lock);
  return is_cleared;
}

void qd_alarms_abandon(qd_alarms *alarms) {
  qd_free(alarms->heap);
}

void qd_alarms_stop(qd_alarms *alarms) {
  pthread_mutex_lock(&alarms->lock);
  alarms->is_stopping = 1;
  int has_thread = alarms->has_thread;
  alarms->has_thread = 0;
  pthread_cond_signal(&alarms->changed);
  pthread_mutex_unlock(&alarms->lock);
  if (has_thread)
    pthread_join(alarms->thread, NULL);
}
