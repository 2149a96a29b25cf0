#ifndef QD_ALARMS_H
#define QD_ALARMS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* One thread that calls back at given times, begun when it is first needed. */
typedef struct qd_alarm {
  void (*ring)(struct qd_alarm *alarm); /* NULL: what the alarms ring */
  int64_t due_ns;
  size_t place; /* in the heap */
  int is_set;
} qd_alarm;

typedef struct qd_alarms {
  void (*ring)(qd_alarm *alarm); /* for alarms that have none of their own. Both run on the alarms' thread without
                                  * their lock; the alarm is no longer set */
  pthread_mutex_t lock;          /* guards everything below; nothing else is locked under it */
  pthread_cond_t changed;
  pthread_t thread;
  int has_thread;
  int is_stopping;
  qd_alarm **heap; /* the next one due first */
  size_t n_alarms;
  size_t capacity;
} qd_alarms;

void qd_alarms_init(qd_alarms *alarms, void (*ring)(qd_alarm *alarm));

/* 1, or 0 when memory or the thread is not to be had, or the alarms have been stopped. */
int qd_alarms_set(qd_alarms *alarms, qd_alarm *alarm, int64_t due_ns);

/* Makes an alarm that is set ring at once; one that has rung is left alone. */
void qd_alarms_hasten(qd_alarms *alarms, qd_alarm *alarm);

/* Takes an alarm back: 1 when it was set and will not ring, 0 when it has rung or is about to. */
int qd_alarms_clear(qd_alarms *alarms, qd_alarm *alarm);

/* Lets all alarms ring at once, ends the thread and waits for it. Not on that thread. */
void qd_alarms_stop(qd_alarms *alarms);
void qd_alarms_destroy(qd_alarms *alarms);

/* In a forked child, in place of the two above: the thread is not there, and whoever held the lock neither. */
void qd_alarms_abandon(qd_alarms *alarms);

#endif
