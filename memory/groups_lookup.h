#ifndef QD_GROUPS_LOOKUP_H
#define QD_GROUPS_LOOKUP_H

#include "memory/reply.h"

/* Gives each group the point of the collection that has the group's value as its id. NOT_FOUND, NO_MEMORY. */
qdrant_status qd_groups_look_up(
    qd_job *job, const char *collection, const qd_reply_parts *parts, Qdrant__GroupsResult *result);

#endif
