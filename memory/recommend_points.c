#include "memory/recommend_points.h"
#include "core/error.h"

/* The recommendations before version 1.10: the same question as the query `recommend`, in other messages. */

/* There is room. */
static qdrant_status add_examples(qd_job *job, size_t n_ids, Qdrant__PointId *const *ids, size_t n_vectors,
    Qdrant__Vector *const *vectors, qd_source *source) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n_ids && status == QDRANT_OK; i++)
    status = qd_example_read_id(job, ids[i], &source->examples[source->n_examples++]);
  for (size_t i = 0; i < n_vectors && status == QDRANT_OK; i++)
    status = qd_example_read_vector(job, vectors[i], &source->examples[source->n_examples++]);
  return status;
}

static qdrant_status check_number(qd_job *job, const qd_source *source) {
  if (source->kind == QD_SOURCE_AVERAGE && source->n_positive == 0)
    return qd_fail(
        job->err, QDRANT_INVALID_ARGUMENT, "Bad request: At least one positive vector ID required with this strategy");
  if (source->n_examples == 0)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
        "Bad request: At least one positive or negative vector ID required with this strategy");
  return QDRANT_OK;
}

qdrant_status qd_recommend_read(qd_job *job, const qd_recommend_message *message, qd_source *source) {
  size_t n_positive = message->n_positive + message->n_positive_vectors;
  size_t n = n_positive + message->n_negative + message->n_negative_vectors;
  *source = (qd_source){.kind = qd_source_recommend_kind(message->has_strategy, message->strategy),
      .using = message->using != NULL ? message->using : "",
      .is_lenient = 1,
      .lookup = message->lookup,
      .n_positive = n_positive,
      .filter_message = message->filter,
      .limit = message->limit,
      .has_threshold = message->has_threshold,
      .threshold = message->threshold};
  source->examples = qd_arena_alloc(job->arena, (n + 1) * sizeof *source->examples);
  if (source->examples == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = qd_source_read_params(job, message->params, source);
  if (status == QDRANT_OK)
    status = add_examples(
        job, message->n_positive, message->positive, message->n_positive_vectors, message->positive_vectors, source);
  if (status == QDRANT_OK)
    status = add_examples(
        job, message->n_negative, message->negative, message->n_negative_vectors, message->negative_vectors, source);
  return status == QDRANT_OK ? check_number(job, source) : status;
}

static qdrant_status read_recommend(
    qd_job *job, const char *collection, const Qdrant__RecommendPoints *request, qd_query *query) {
  qdrant_status status = qd_recommend_read(job, QD_RECOMMEND_MESSAGE(request), &query->source);
  if (status == QDRANT_OK)
    status =
        qd_query_complete(job, collection, QD_QUERY_MESSAGE(request), request->has_offset ? request->offset : 0, query);
  return status;
}

qdrant_status qd_job_points_recommend(qd_job *job) {
  const Qdrant__RecommendPoints *request = (const Qdrant__RecommendPoints *)job->request;
  Qdrant__RecommendResponse *reply = (Qdrant__RecommendResponse *)job->reply;
  qd_query query;
  qd_query_result result = {0};
  qdrant_status status = read_recommend(job, request->collection_name, request, &query);
  if (status == QDRANT_OK)
    status = qd_query_answer(job, request->collection_name, &query, 1, &result);
  reply->n_result = result.n;
  reply->result = result.points;
  return status;
}

static qdrant_status read_recommend_at(qd_job *job, size_t at, qd_query *query) {
  const Qdrant__RecommendBatchPoints *request = (const Qdrant__RecommendBatchPoints *)job->request;
  return read_recommend(job, request->collection_name, request->recommend_points[at], query);
}

qdrant_status qd_job_points_recommend_batch(qd_job *job) {
  const Qdrant__RecommendBatchPoints *request = (const Qdrant__RecommendBatchPoints *)job->request;
  Qdrant__RecommendBatchResponse *reply = (Qdrant__RecommendBatchResponse *)job->reply;
  return qd_query_answer_batch(
      job, request->collection_name, read_recommend_at, request->n_recommend_points, &reply->n_result, &reply->result);
}
