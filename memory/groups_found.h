#ifndef QD_GROUPS_FOUND_H
#define QD_GROUPS_FOUND_H

#include "memory/query.h"
#include "memory/value_map.h"

/* What several rounds of a request for groups have found. */

typedef struct qd_group {
  size_t n; /* its points */
  const Qdrant__ScoredPoint *best;
  size_t last_number; /* of the point that came last */
} qd_group;

typedef struct qd_group_member {
  size_t group;
  Qdrant__ScoredPoint *point; /* a message of the job's */
  size_t number;              /* points are numbered as they come */
} qd_group_member;

typedef struct qd_groups {
  qd_path path; /* of the key */
  uint64_t max_groups;
  uint64_t max_points; /* of a group */
  qd_value_map keys;   /* numbers the groups; texts lie in the job's arena */
  qd_group *items;     /* of each number */
  size_t capacity;
  qd_group_member *members;
  size_t n_members;
  size_t members_capacity;
  size_t n_points; /* members, each point once */
  int order;       /* 1: large scores are good, -1: small ones, 0: there is no order */
} qd_groups;

void qd_groups_init(qd_groups *groups);
void qd_groups_free(qd_groups *groups);

/* Puts a query's hits into their groups. NO_MEMORY, DEADLINE_EXCEEDED. */
qdrant_status qd_groups_add(qd_job *job, const qd_view *view, const qd_query *query, qd_groups *groups);

/* A full group has as many points as were asked for, or more. */
int qd_groups_is_full(const qd_groups *groups, size_t group);

/* The numbers of the best groups, as many as were asked for or there are, in the job's arena. NULL when out of memory.
 */
size_t *qd_groups_best(qd_job *job, const qd_groups *groups, size_t *n);

/* Puts the best groups with their best points into the result; nothing can be added afterwards. NO_MEMORY. */
qdrant_status qd_groups_reply(qd_job *job, qd_groups *groups, Qdrant__GroupsResult *result);

#endif
