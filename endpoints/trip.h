#ifndef QD_TRIP_H
#define QD_TRIP_H

#include "endpoints/leg.h"

#include <stdatomic.h>

/* One attempt of the client's: one leg, or two of which the first answer counts. References: each leg's until it has
 * ended, the alarm's while it is set, and those of whoever starts, cancels or gives up a leg. */
typedef struct qd_trip {
  qd_alarm alarm; /* when the read is late; first: ring gets its address */
  qd_cluster *cluster;
  qd_arena *arena; /* in which the trip lies, with the first leg's texts */
  atomic_uint refs;
  int may_hedge;
  qd_leg first;
  qd_leg second;
  /* The cluster's lock. */
  qd_call *outer; /* the client's; NULL once it is reported */
  int is_cancelled;
} qd_trip;

/* As qd_transport_ops.start and .cancel. */
qdrant_status qd_trip_start(qd_cluster *cluster, qd_call *outer);
void qd_trip_cancel(qd_cluster *cluster, qd_call *outer);

/* Ends the reads in flight at an endpoint that has fallen silent, so that they are repeated elsewhere. */
void qd_endpoint_give_up_reads(qd_endpoint *endpoint);

void qd_trip_ref(qd_trip *trip);
void qd_trip_unref(qd_trip *trip);

/* The steps of a leg: its call made like another one, handed to the endpoint's transport (the caller has a reference
 * beside the leg's own; not OK: it did not take it), ended early, at its end. Without the lock. */
void qd_leg_fill(qd_leg *leg, qd_trip *trip, const qd_call *from, qd_arena *arena);
qdrant_status qd_leg_launch(qd_leg *leg);
void qd_leg_cancel(qd_leg *leg);
void qd_leg_finish(qd_call *call);

/* What the alarm rings: the read is late and goes out a second time. */
void qd_trip_ring(qd_alarm *alarm);

#endif
