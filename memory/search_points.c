#include "memory/search_points.h"
#include "memory/vector_read.h"

/* The searches before version 1.10, which the server calls deprecated: the same question in other messages. */

qdrant_status qd_search_points_read(qd_job *job, const qd_search_message *message, qd_source *source) {
  qd_example *example = qd_arena_zalloc(job->arena, sizeof *example);
  if (example == NULL)
    return qd_job_fail_memory(job);
  *source = (qd_source){.kind = QD_SOURCE_NEAREST,
      .using = message->using != NULL ? message->using : "",
      .examples = example,
      .n_examples = 1,
      .filter_message = message->filter,
      .limit = message->limit,
      .has_threshold = message->has_threshold,
      .threshold = message->threshold};
  qdrant_status status = qd_source_read_params(job, message->params, source);
  if (status != QDRANT_OK)
    return status;
  return qd_vector_query_read(
      message->values, message->n_values, message->indices, job->arena, &example->vector, job->err);
}

static qdrant_status read_search(
    qd_job *job, const char *collection, const Qdrant__SearchPoints *request, qd_query *query) {
  qdrant_status status = qd_search_points_read(job, QD_SEARCH_MESSAGE(request), &query->source);
  if (status == QDRANT_OK)
    status =
        qd_query_complete(job, collection, QD_QUERY_MESSAGE(request), request->has_offset ? request->offset : 0, query);
  return status;
}

qdrant_status qd_job_points_search(qd_job *job) {
  const Qdrant__SearchPoints *request = (const Qdrant__SearchPoints *)job->request;
  Qdrant__SearchResponse *reply = (Qdrant__SearchResponse *)job->reply;
  qd_query query;
  qd_query_result result = {0};
  qdrant_status status = read_search(job, request->collection_name, request, &query);
  if (status == QDRANT_OK)
    status = qd_query_answer(job, request->collection_name, &query, 1, &result);
  reply->n_result = result.n;
  reply->result = result.points;
  return status;
}

static qdrant_status read_search_at(qd_job *job, size_t at, qd_query *query) {
  const Qdrant__SearchBatchPoints *request = (const Qdrant__SearchBatchPoints *)job->request;
  return read_search(job, request->collection_name, request->search_points[at], query);
}

qdrant_status qd_job_points_search_batch(qd_job *job) {
  const Qdrant__SearchBatchPoints *request = (const Qdrant__SearchBatchPoints *)job->request;
  Qdrant__SearchBatchResponse *reply = (Qdrant__SearchBatchResponse *)job->reply;
  return qd_query_answer_batch(
      job, request->collection_name, read_search_at, request->n_search_points, &reply->n_result, &reply->result);
}
