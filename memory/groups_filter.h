#ifndef QD_GROUPS_FILTER_H
#define QD_GROUPS_FILTER_H

#include "memory/groups_found.h"

/* What is left to be asked for after the rounds so far, as conditions on points: that they have the key, are none of
 * those found, and have none of the full groups' values, or one of the best groups' that are not full. */
typedef enum qd_groups_wanted { QD_GROUPS_WANTED_NEW, QD_GROUPS_WANTED_UNFILLED } qd_groups_wanted;

/* NULL when out of memory. */
const Qdrant__Filter *qd_groups_filter(qd_job *job, const char *key, const qd_groups *groups, qd_groups_wanted wanted);

#endif
