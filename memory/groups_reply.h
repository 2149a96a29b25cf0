#ifndef QD_GROUPS_REPLY_H
#define QD_GROUPS_REPLY_H

#include "memory/query.h"
#include "memory/value_map.h"

/* What became of a query's hits when they were grouped. */

typedef struct qd_group_size {
  size_t n;        /* points in the group */
  size_t last_hit; /* the place of the last one, or SIZE_MAX */
} qd_group_size;

typedef struct qd_group_member {
  size_t group;
  size_t hit; /* place among the query's hits */
} qd_group_member;

typedef struct qd_groups {
  qd_value_map keys;    /* groups are numbered by it */
  qd_group_size *sizes; /* of each group */
  size_t sizes_capacity;
  qd_group_member *members; /* the best hit first */
  size_t n_members;
  size_t capacity;
} qd_groups;

void qd_groups_free(qd_groups *groups);

/* Puts the first n_groups groups into the result. NO_MEMORY. */
qdrant_status qd_groups_reply(qd_job *job, const qd_view *view, const qd_query *query, const qd_groups *groups,
    uint64_t n_groups, Qdrant__GroupsResult *result);

/* Gives each group the point of the collection that has the group's value as its id. NOT_FOUND, NO_MEMORY. */
qdrant_status qd_groups_look_up(
    qd_job *job, const char *collection, const qd_reply_parts *parts, Qdrant__GroupsResult *result);

#endif
