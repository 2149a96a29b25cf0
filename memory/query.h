#ifndef QD_QUERY_H
#define QD_QUERY_H

#include "memory/reply.h"
#include "memory/search.h"

/* What a nearest-neighbour request asks for, read from any of the messages that can ask it. */
typedef struct qd_query {
  const char *using; /* vector name */
  int has_vector;    /* else has_id or neither: points in id order */
  qd_vector vector;  /* as in the request */
  int has_id;
  qd_id id; /* the point whose vector is the query */
  const qd_filter *filter;
  uint64_t offset;
  uint64_t limit;
  int has_threshold;
  float threshold;
  qd_reply_parts parts;
} qd_query;

typedef struct qd_query_result {
  size_t n;
  Qdrant__ScoredPoint **points;
} qd_query_result;

/* Reads the collection and answers n queries about it: results[i] is that of queries[i]. All of them or none. */
qdrant_status qd_query_answer(qd_job *job, const char *collection, const Qdrant__ShardKeySelector *selector,
    const qd_query *queries, size_t n, qd_query_result *results);

/* The same as the messages of a batch. */
qdrant_status qd_query_answer_batch(qd_job *job, const char *collection, const qd_query *queries, size_t n,
    size_t *n_batches, Qdrant__BatchResult ***batches);

#endif
