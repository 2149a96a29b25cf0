#ifndef QD_QUERY_H
#define QD_QUERY_H

#include "memory/reply.h"
#include "memory/source.h"

/* A question of any of the messages that ask for scored points. */
typedef struct qd_query {
  qd_source source; /* its limit includes the offset */
  uint64_t offset;
  const Qdrant__ShardKeySelector *shard_keys; /* checked with the collection, which the server looks for first */
  qd_reply_parts parts;
} qd_query;

/* What a request says beside its source. */
typedef struct qd_query_message {
  const Qdrant__WithPayloadSelector *with_payload;
  const Qdrant__WithVectorsSelector *with_vectors;
  const Qdrant__ShardKeySelector *shard_keys;
} qd_query_message;

#define QD_QUERY_MESSAGE(request)                                                                                      \
  &(qd_query_message) {                                                                                                \
    (request)->with_payload, (request)->with_vectors, (request)->shard_key_selector                                    \
  }

/* Reads what a request says beside its source, and prepares the source, which is read, for the collection: adds the
 * offset to its limit and sets its filters. */
qdrant_status qd_query_complete(
    qd_job *job, const char *collection, const qd_query_message *message, uint64_t offset, qd_query *query);

/* Finds what n queries about the collection ask for: each query's source then has its hits, those that the offset drops
 * among them. Between the two the reader's view, and so the hits' slots, stay valid. begin ends by itself when it
 * fails. */
qdrant_status qd_query_begin(qd_job *job, const char *collection, qd_query *queries, size_t n, qd_reader *reader);
void qd_query_end(qd_reader *reader);

typedef struct qd_query_result {
  size_t n;
  Qdrant__ScoredPoint **points;
} qd_query_result;

/* The message of the hit at a place of a query's hits. NULL, with the error filled, when out of memory. */
Qdrant__ScoredPoint *qd_query_reply(qd_job *job, const qd_view *view, const qd_query *query, size_t at);

/* Reads the collection and answers n queries about it: results[i] is that of queries[i]. All of them or none. */
qdrant_status qd_query_answer(
    qd_job *job, const char *collection, qd_query *queries, size_t n, qd_query_result *results);

/* Reads the query at a place of the batch that job->request is, about the batch's collection. */
typedef qdrant_status (*qd_query_reader)(qd_job *job, size_t at, qd_query *query);

/* The same for a batch of n, as its messages. */
qdrant_status qd_query_answer_batch(qd_job *job, const char *collection, qd_query_reader read, size_t n,
    size_t *n_batches, Qdrant__BatchResult ***batches);

#endif
