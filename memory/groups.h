#ifndef QD_GROUPS_H
#define QD_GROUPS_H

#include "memory/query.h"

/* The best points of each value of a payload key, for any query. */
typedef struct qd_grouping {
  const char *key;
  uint64_t n_groups;
  uint64_t group_size;
  const Qdrant__WithLookup *lookup; /* points of another collection that have the groups' values as ids; may be NULL */
} qd_grouping;

/* Reads what job->request asks for; its limit is set afterwards. A query may be read more than once. */
typedef qdrant_status (*qd_grouped_reader)(qd_job *job, qd_source *source);

/* Answers a request for groups. *result is made when the status is OK. */
qdrant_status qd_groups_answer(qd_job *job, const char *collection, const qd_grouping *asked, qd_grouped_reader read,
    const qd_query_message *message, Qdrant__GroupsResult **result);

#endif
