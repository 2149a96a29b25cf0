#ifndef QD_ENDPOINTS_WATCH_H
#define QD_ENDPOINTS_WATCH_H

#include "endpoints/cluster.h"

/* What a cluster does by itself, four times a second: it looks at the connections, asks endpoints that are in doubt
 * whether they are there, leaves out those that have fallen silent, and tells what has changed. Rung by the alarm
 * cluster->tick. */
void qd_cluster_tick(qd_alarm *alarm);

#endif
