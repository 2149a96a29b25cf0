#include "core/error.h"
#include "memory/query.h"

/* The discoveries before version 1.10: the same questions as the queries `discover` and, without a target, `context`,
 * in other messages. */

/* There is room. */
static qdrant_status add_example(
    qd_job *job, const Qdrant__VectorExample *message, const char *missing, qd_source *source) {
  qd_example *example = &source->examples[source->n_examples++];
  if (message == NULL)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "%s", missing);
  switch (message->example_case) {
  case QDRANT__VECTOR_EXAMPLE__EXAMPLE_ID: return qd_example_read_id(job, message->id, example);
  case QDRANT__VECTOR_EXAMPLE__EXAMPLE_VECTOR: return qd_example_read_vector(job, message->vector, example);
  default:
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Vector example, which can be id or bare vector, is malformed");
  }
}

static qdrant_status add_target(qd_job *job, const Qdrant__TargetVector *target, qd_source *source) {
  if (target == NULL)
    return QDRANT_OK;
  if (target->target_case != QDRANT__TARGET_VECTOR__TARGET_SINGLE)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Target vector is malformed");
  return add_example(job, target->single, "Target vector is malformed", source);
}

static qdrant_status add_pairs(qd_job *job, const Qdrant__DiscoverPoints *request, qd_source *source) {
  static const char missing[] = "Both positive and negative are required in a context pair";
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < request->n_context && status == QDRANT_OK; i++) {
    status = add_example(job, request->context[i]->positive, missing, source);
    if (status == QDRANT_OK)
      status = add_example(job, request->context[i]->negative, missing, source);
  }
  return status;
}

static qdrant_status read_source(qd_job *job, const Qdrant__DiscoverPoints *request, qd_source *source) {
  *source = (qd_source){.kind = request->target != NULL ? QD_SOURCE_DISCOVER : QD_SOURCE_CONTEXT,
      .using = request->using_ != NULL ? request->using_ : "",
      .is_lenient = 1,
      .lookup = request->lookup_from,
      .filter_message = request->filter,
      .limit = request->limit};
  source->examples = qd_arena_alloc(job->arena, (1 + 2 * request->n_context) * sizeof *source->examples);
  if (source->examples == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = qd_source_read_params(job, request->params, source);
  if (status == QDRANT_OK)
    status = add_target(job, request->target, source);
  if (status == QDRANT_OK)
    status = add_pairs(job, request, source);
  if (status == QDRANT_OK && source->n_examples == 0)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Bad request: target and/or context_pairs must be specified");
  return status;
}

static qdrant_status read_discover(
    qd_job *job, const char *collection, const Qdrant__DiscoverPoints *request, qd_query *query) {
  qdrant_status status = read_source(job, request, &query->source);
  if (status == QDRANT_OK)
    status =
        qd_query_complete(job, collection, QD_QUERY_MESSAGE(request), request->has_offset ? request->offset : 0, query);
  return status;
}

qdrant_status qd_job_points_discover(qd_job *job) {
  const Qdrant__DiscoverPoints *request = (const Qdrant__DiscoverPoints *)job->request;
  Qdrant__DiscoverResponse *reply = (Qdrant__DiscoverResponse *)job->reply;
  qd_query query;
  qd_query_result result = {0};
  qdrant_status status = read_discover(job, request->collection_name, request, &query);
  if (status == QDRANT_OK)
    status = qd_query_answer(job, request->collection_name, &query, 1, &result);
  reply->n_result = result.n;
  reply->result = result.points;
  return status;
}

static qdrant_status read_discover_at(qd_job *job, size_t at, qd_query *query) {
  const Qdrant__DiscoverBatchPoints *request = (const Qdrant__DiscoverBatchPoints *)job->request;
  return read_discover(job, request->collection_name, request->discover_points[at], query);
}

qdrant_status qd_job_points_discover_batch(qd_job *job) {
  const Qdrant__DiscoverBatchPoints *request = (const Qdrant__DiscoverBatchPoints *)job->request;
  Qdrant__DiscoverBatchResponse *reply = (Qdrant__DiscoverBatchResponse *)job->reply;
  return qd_query_answer_batch(
      job, request->collection_name, read_discover_at, request->n_discover_points, &reply->n_result, &reply->result);
}
