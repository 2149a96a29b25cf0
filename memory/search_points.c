#include "memory/query.h"
#include "memory/vector_read.h"

/* The searches before version 1.10, which the server calls deprecated: the same question in other messages. */

static qdrant_status read_search(qd_job *job, const Qdrant__SearchPoints *request, qd_query *query) {
  *query = (qd_query){.using = request->vector_name != NULL ? request->vector_name : "",
      .has_vector = 1,
      .offset = request->has_offset ? request->offset : 0,
      .limit = request->limit,
      .has_threshold = request->has_score_threshold,
      .threshold = request->score_threshold};
  qdrant_status status = qd_vector_query_read(
      request->vector, request->n_vector, request->sparse_indices, job->arena, &query->vector, job->err);
  if (status == QDRANT_OK)
    status = qd_query_read_common(job, QD_QUERY_COMMON(request), query);
  return status;
}

qdrant_status qd_job_points_search(qd_job *job) {
  const Qdrant__SearchPoints *request = (const Qdrant__SearchPoints *)job->request;
  Qdrant__SearchResponse *reply = (Qdrant__SearchResponse *)job->reply;
  qd_query query;
  qd_query_result result = {0};
  qdrant_status status = read_search(job, request, &query);
  if (status == QDRANT_OK)
    status = qd_query_answer(job, request->collection_name, &query, 1, &result);
  reply->n_result = result.n;
  reply->result = result.points;
  return status;
}

static qdrant_status read_search_at(qd_job *job, size_t at, qd_query *query) {
  return read_search(job, ((const Qdrant__SearchBatchPoints *)job->request)->search_points[at], query);
}

qdrant_status qd_job_points_search_batch(qd_job *job) {
  const Qdrant__SearchBatchPoints *request = (const Qdrant__SearchBatchPoints *)job->request;
  Qdrant__SearchBatchResponse *reply = (Qdrant__SearchBatchResponse *)job->reply;
  return qd_query_answer_batch(
      job, request->collection_name, read_search_at, request->n_search_points, &reply->n_result, &reply->result);
}
