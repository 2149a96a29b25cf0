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
  const Qdrant__ShardKeySelector *shard_keys; /* checked with the collection, which the server looks for first */
  qd_reply_parts parts;
} qd_query;

/* The fields that all such messages have. */
typedef struct qd_query_common {
  const Qdrant__Filter *filter;
  const Qdrant__SearchParams *params;
  const Qdrant__WithPayloadSelector *with_payload;
  const Qdrant__WithVectorsSelector *with_vectors;
  const Qdrant__ShardKeySelector *shard_keys;
} qd_query_common;

#define QD_QUERY_COMMON(request)                                                                                       \
  &(qd_query_common) {                                                                                                 \
    (request)->filter, (request)->params, (request)->with_payload, (request)->with_vectors,                            \
        (request)->shard_key_selector                                                                                  \
  }

qdrant_status qd_query_read_common(qd_job *job, const qd_query_common *common, qd_query *query);

/* UNIMPLEMENTED: the engine does not have this part of the request. */
qdrant_status qd_query_fail_missing(qd_job *job, const char *what);

typedef struct qd_query_result {
  size_t n;
  Qdrant__ScoredPoint **points;
} qd_query_result;

/* Reads the collection and answers n queries about it: results[i] is that of queries[i]. All of them or none. */
qdrant_status qd_query_answer(
    qd_job *job, const char *collection, const qd_query *queries, size_t n, qd_query_result *results);

/* Reads the query at a place of the batch that job->request is. */
typedef qdrant_status (*qd_query_reader)(qd_job *job, size_t at, qd_query *query);

/* The same for a batch of n, as its messages. */
qdrant_status qd_query_answer_batch(qd_job *job, const char *collection, qd_query_reader read, size_t n,
    size_t *n_batches, Qdrant__BatchResult ***batches);

#endif
