#ifndef QD_CHOICE_H
#define QD_CHOICE_H

#include "endpoints/cluster.h"

/* Which endpoint a call goes to, under the cluster's lock: the least loaded of those that are connected and not left
 * out, in turn on ties; without one, the one whose ejection is over or ends first, so that never all are left out.
 * Number `avoided` (from 1; 0: none) only when no other one is usable. */
qd_endpoint *qd_cluster_choose(qd_cluster *cluster, uint32_t avoided, int64_t now_ns);

#endif
