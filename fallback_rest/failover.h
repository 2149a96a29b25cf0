#ifndef QD_FAILOVER_H
#define QD_FAILOVER_H

#include "core/transport.h"

/* Two transports as one. Calls go to the first until nobody who speaks its protocol is there (refused, another
 * protocol, a proxy in between), then to the second; the call that found out moves over too, if it may be repeated or
 * was provably not sent. Back to the first as soon as it is connected again. What only the second accepts always goes
 * there. Takes both on success, and closes both. NO_MEMORY. */
qdrant_status qd_failover_open(qd_transport first, qd_transport second, qd_transport *transport, qdrant_error *err);

/* How many had to be left behind by a close, since the process began. */
uint64_t qd_failover_leaks(void);

#endif
