#ifndef QD_HEALTH_H
#define QD_HEALTH_H

#include "qdrant/error.h"

#include <stdint.h>

/* Whether one endpoint deserves calls, from how its calls end. Pure: times and randomness are given. */
typedef enum qd_health_state {
  QD_HEALTH_GOOD,    /* takes any number of calls */
  QD_HEALTH_EJECTED, /* takes none until ejected_until_ns; then one trial decides */
  QD_HEALTH_TRIAL,   /* the trial is under way */
  QD_HEALTH_RAMPING  /* is back, and takes as many calls at once as window says */
} qd_health_state;

typedef struct qd_health {
  qd_health_state state;
  uint32_t n_failures;  /* in a row */
  uint32_t n_doublings; /* of the time of the next ejection */
  uint32_t window;
  int64_t ejected_until_ns;
  int64_t good_ns;    /* when it was last GOOD */
  int64_t success_ns; /* when something was last answered; 0: never */
  uint64_t n_ejections;
} qd_health;

/* What an end says about who was asked. */
typedef enum qd_evidence {
  QD_EVIDENCE_NONE,   /* nothing: a cancellation, a fault on this side */
  QD_EVIDENCE_ALIVE,  /* it answered, if only to refuse */
  QD_EVIDENCE_FAILED, /* it is not there, or says so itself */
  QD_EVIDENCE_SILENT  /* no answer in time: its fault only while others do answer */
} qd_evidence;

qd_evidence qd_evidence_of(const qdrant_error *error);

/* Takes an end in. SILENT counts as FAILED here: the caller leaves it out while nobody answers. 1 when it brought about
 * an ejection. random: any number, spreads the ends of ejections. */
int qd_health_note(qd_health *health, qd_evidence evidence, int64_t now_ns, uint64_t random);

/* Ejects, whatever the count: for a silence that was found out by other means. */
void qd_health_eject(qd_health *health, int64_t now_ns, uint64_t random);

/* A connection that had been lost is there again: calls come back little by little. */
void qd_health_note_reconnected(qd_health *health);

/* The time of an ejection is over: one call may find out. A trial that told nothing is dropped, for another one. */
int qd_health_is_trial_due(const qd_health *health, int64_t now_ns);
void qd_health_begin_trial(qd_health *health);
void qd_health_drop_trial(qd_health *health);

/* Whether one more call beside n_in_flight others is welcome. */
int qd_health_has_room(const qd_health *health, uint32_t n_in_flight);

/* Whether it gets no calls but trials. */
int qd_health_is_out(const qd_health *health);

#endif
