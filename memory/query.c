#include "memory/query.h"

qdrant_status qd_query_complete(
    qd_job *job, const char *collection, const qd_query_message *message, uint64_t offset, qd_query *query) {
  qd_source *source = &query->source;
  int is_leaf_sample = source->kind == QD_SOURCE_SAMPLE && source->n_prefetches == 0;
  /* A sample's order says nothing, so that the server has no page of it begin further on. */
  query->offset = is_leaf_sample ? 0 : offset;
  source->limit = source->limit > UINT64_MAX - query->offset ? UINT64_MAX : source->limit + query->offset;
  query->shard_keys = message->shard_keys;
  qdrant_status status = qd_source_set_filters(job, collection, source);
  if (status == QDRANT_OK)
    status = qd_reply_parts_read(job, message->with_payload, QD_PAYLOAD_NONE, message->with_vectors, &query->parts);
  return status;
}

static qdrant_status read_query(
    qd_job *job, const char *collection, const Qdrant__QueryPoints *request, qd_query *query) {
  qdrant_status status = qd_source_read(job, QD_SOURCE_MESSAGE(request), &query->source);
  if (status == QDRANT_OK)
    status =
        qd_query_complete(job, collection, QD_QUERY_MESSAGE(request), request->has_offset ? request->offset : 0, query);
  return status;
}

qdrant_status qd_job_points_query(qd_job *job) {
  const Qdrant__QueryPoints *request = (const Qdrant__QueryPoints *)job->request;
  Qdrant__QueryResponse *reply = (Qdrant__QueryResponse *)job->reply;
  qd_query query;
  qd_query_result result = {0};
  qdrant_status status = read_query(job, request->collection_name, request, &query);
  if (status == QDRANT_OK)
    status = qd_query_answer(job, request->collection_name, &query, 1, &result);
  reply->n_result = result.n;
  reply->result = result.points;
  return status;
}

static qdrant_status read_query_at(qd_job *job, size_t at, qd_query *query) {
  const Qdrant__QueryBatchPoints *request = (const Qdrant__QueryBatchPoints *)job->request;
  return read_query(job, request->collection_name, request->query_points[at], query);
}

qdrant_status qd_job_points_query_batch(qd_job *job) {
  const Qdrant__QueryBatchPoints *request = (const Qdrant__QueryBatchPoints *)job->request;
  Qdrant__QueryBatchResponse *reply = (Qdrant__QueryBatchResponse *)job->reply;
  return qd_query_answer_batch(
      job, request->collection_name, read_query_at, request->n_query_points, &reply->n_result, &reply->result);
}
