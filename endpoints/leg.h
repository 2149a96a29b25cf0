#ifndef QD_LEG_H
#define QD_LEG_H

#include "endpoints/cluster.h"

typedef enum qd_leg_state { QD_LEG_NONE, QD_LEG_STARTING, QD_LEG_STARTED, QD_LEG_ENDED } qd_leg_state;

/* One attempt at one endpoint. */
typedef struct qd_leg {
  qd_call call; /* first: done gets its address */
  struct qd_trip *trip;
  qd_endpoint *endpoint;
  int64_t began_ns;
  /* The cluster's lock. */
  qd_leg_state state;
  int is_trial;     /* it decides whether the endpoint is back */
  int is_cancelled; /* its end was asked for */
  int is_given_up;  /* for the endpoint's silence */
  int is_lost;      /* the other leg was answered */
  struct qd_leg *older;
  struct qd_leg *newer;
} qd_leg;

/* Both under the lock: counts a leg whose call is filled in, and its end. */
void qd_leg_begin(qd_leg *leg, qd_endpoint *endpoint, int64_t now_ns);
void qd_leg_end(qd_leg *leg, int64_t now_ns);

/* Under the lock. */
int qd_leg_is_in_flight(const qd_leg *leg);

/* What a request weighs. */
size_t qd_request_bytes(const qd_request *request);

/* A read that may be made again, unless its user wants it made once. */
int qd_call_is_repeatable_read(const qd_call *call);

#endif
