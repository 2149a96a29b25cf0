#ifndef QD_PREFERENCE_H
#define QD_PREFERENCE_H

#include "core/transport.h"

/* Whether the preferred of two transports is used, and when to look for it again. No lock of its own. */
typedef struct qd_preference {
  const qd_transport *first;
  int is_away;      /* calls go to the other */
  int needs_trial;  /* it is connected, but to something else */
  int64_t look_ns;  /* not before */
  int64_t trial_ns; /* between two trials */
} qd_preference;

/* A call found nobody who speaks its protocol; or one was answered. */
void qd_preference_go_away(qd_preference *preference);
void qd_preference_come_back(qd_preference *preference);

/* Whether the next call goes to the first: always, but for the time that it is away; then when it is connected again,
 * or for a trial. */
int qd_preference_is_first_due(qd_preference *preference);

/* The same for an onlooker, without a trial. */
int qd_preference_is_away(qd_preference *preference);

#endif
