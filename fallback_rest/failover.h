#ifndef QD_FAILOVER_H
#define QD_FAILOVER_H

#include "core/transport.h"

/* Two transports as one: calls go to the first until it is unreachable (refused, wrong protocol, a proxy without
 * HTTP/2), then to the second, for attempts that may be repeated or were provably not sent; back to the first when it
 * is reachable again. Takes both on success; closes both. */
qdrant_status qd_failover_open(qd_transport first, qd_transport second, qd_transport *transport, qdrant_error *err);

#endif
