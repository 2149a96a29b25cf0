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

/* What the alarm rings: the read is late and goes out a second time. */
void qd_trip_ring(qd_alarm *alarm);

#endif
