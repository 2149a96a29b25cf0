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
    status = qd_query_read_common(job,
        &(qd_query_common){.filter = request->filter,
            .params = request->params,
            .with_payload = request->with_payload,
            .with_vectors = request->with_vectors,
            .shard_keys = request->shard_key_selector},
        query);
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

qdrant_status qd_job_points_search_batch(qd_job *job) {
  const Qdrant__SearchBatchPoints *request = (const Qdrant__SearchBatchPoints *)job->request;
  Qdrant__SearchBatchResponse *reply = (Qdrant__SearchBatchResponse *)job->reply;
  size_t n = request->n_search_points;
  qd_query *queries = qd_arena_alloc(job->arena, (n + 1) * sizeof *queries);
  qdrant_status status = queries != NULL ? QDRANT_OK : qd_job_fail_memory(job);
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = read_search(job, request->search_points[i], &queries[i]);
  if (status == QDRANT_OK)
    status = qd_query_answer_batch(job, request->collection_name, queries, n, &reply->n_result, &reply->result);
  return status;
}
