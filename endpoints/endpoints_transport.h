#ifndef QD_ENDPOINTS_TRANSPORT_H
#define QD_ENDPOINTS_TRANSPORT_H

#include "core/transport.h"

/* An endpoint changed its state. reason: "" when it became ready; borrowed. On a thread of the transport's own, one at
 * a time. */
typedef void (*qd_endpoint_changed)(void *owner, size_t number, qdrant_endpoint_state state, const char *reason);

typedef struct qd_endpoints_options {
  const char *const *urls; /* of the transports, for stats and texts; live longer than the transport */
  size_t n_endpoints;
  int has_hedges;
  int64_t hedge_delay_ms; /* 0: the observed 95th percentile */
  double hedge_fraction;
  int64_t unit_ms;             /* of the times in watch.c; 0: 1,000. Tests are in a hurry */
  uint64_t seed;               /* of what spreads the times of many clients */
  qd_endpoint_changed changed; /* NULL: nobody asks */
  void *owner;
} qd_endpoints_options;

/* Several transports, one an endpoint, as one. A call goes to the least loaded endpoint among those that are connected
 * and answer; one that fails is left out for a while (health.h). A read that is late may go out a second time, to
 * another endpoint or, where there is only one, on another connection. What a single node keeps for itself (snapshots;
 * all that only REST has) is asked of the first endpoint. Takes the transports on success, and closes them. NO_MEMORY.
 */
qdrant_status qd_endpoints_open(
    const qd_endpoints_options *options, const qd_transport *transports, qd_transport *transport, qdrant_error *err);

/* How many had to be left behind by a close, since the process began. */
uint64_t qd_endpoints_leaks(void);

#endif
