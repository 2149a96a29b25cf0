#include "memory/query.h"

#include "core/error.h"
#include "memory/vector_read.h"

enum { DEFAULT_LIMIT = 10 };

qdrant_status qd_query_fail_missing(qd_job *job, const char *what) {
  return qd_fail(job->err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have %s in %s", what, job->rpc->name);
}

qdrant_status qd_query_read_common(qd_job *job, const qd_query_common *common, qd_query *query) {
  query->shard_keys = common->shard_keys;
  if (common->params != NULL && common->params->idf != NULL)
    return qd_query_fail_missing(job, "params.idf");
  qdrant_status status = qd_filter_prepare(common->filter, job->arena, &query->filter, job->err);
  if (status == QDRANT_OK)
    status = qd_reply_parts_read(job, common->with_payload, QD_PAYLOAD_NONE, common->with_vectors, &query->parts);
  return status;
}

static const char *variant_name(const Qdrant__Query *query) {
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field(query->base.descriptor, (unsigned)query->variant_case);
  return field != NULL ? field->name : "unknown";
}

static qdrant_status read_variant(qd_job *job, const Qdrant__Query *message, qd_query *query) {
  if (message == NULL)
    return QDRANT_OK;
  if (message->variant_case == QDRANT__QUERY__VARIANT__NOT_SET)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Query variant is missing");
  if (message->variant_case != QDRANT__QUERY__VARIANT_NEAREST)
    return qd_fail(
        job->err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have the query %s", variant_name(message));
  if (message->nearest->variant_case == QDRANT__VECTOR_INPUT__VARIANT_ID) {
    query->has_id = 1;
    return qd_id_read(message->nearest->id, &query->id, job->err);
  }
  query->has_vector = 1;
  return qd_vector_input_read(message->nearest, job->arena, &query->vector, job->err);
}

static qdrant_status check_known(qd_job *job, const Qdrant__QueryPoints *request) {
  if (request->n_prefetch > 0)
    return qd_query_fail_missing(job, "prefetch");
  if (request->lookup_from != NULL)
    return qd_query_fail_missing(job, "lookup_from");
  return QDRANT_OK;
}

static qdrant_status read_query(qd_job *job, const Qdrant__QueryPoints *request, qd_query *query) {
  *query = (qd_query){.using = request->using_ != NULL ? request->using_ : "",
      .offset = request->has_offset ? request->offset : 0,
      .limit = request->has_limit ? request->limit : DEFAULT_LIMIT,
      .has_threshold = request->has_score_threshold,
      .threshold = request->score_threshold};
  qdrant_status status = check_known(job, request);
  if (status == QDRANT_OK)
    status = read_variant(job, request->query, query);
  if (status == QDRANT_OK)
    status = qd_query_read_common(job, QD_QUERY_COMMON(request), query);
  return status;
}

qdrant_status qd_job_points_query(qd_job *job) {
  const Qdrant__QueryPoints *request = (const Qdrant__QueryPoints *)job->request;
  Qdrant__QueryResponse *reply = (Qdrant__QueryResponse *)job->reply;
  qd_query query;
  qd_query_result result = {0};
  qdrant_status status = read_query(job, request, &query);
  if (status == QDRANT_OK)
    status = qd_query_answer(job, request->collection_name, &query, 1, &result);
  reply->n_result = result.n;
  reply->result = result.points;
  return status;
}

static qdrant_status read_query_at(qd_job *job, size_t at, qd_query *query) {
  return read_query(job, ((const Qdrant__QueryBatchPoints *)job->request)->query_points[at], query);
}

qdrant_status qd_job_points_query_batch(qd_job *job) {
  const Qdrant__QueryBatchPoints *request = (const Qdrant__QueryBatchPoints *)job->request;
  Qdrant__QueryBatchResponse *reply = (Qdrant__QueryBatchResponse *)job->reply;
  return qd_query_answer_batch(
      job, request->collection_name, read_query_at, request->n_query_points, &reply->n_result, &reply->result);
}
