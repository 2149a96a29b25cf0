#include "core/error.h"
#include "memory/write.h"

/* Every operation becomes the request of the RPC that does the same alone. They are carried out one after the other:
 * those before a failure stay done, those after it are not begun. */

/* Gives a request that is made of an operation what it has from the batch. */
#define QD_FROM_BATCH(made, batch)                                                                                     \
  ((made).collection_name = (batch)->collection_name, (made).has_wait = (batch)->has_wait, (made).wait = (batch)->wait)

typedef Qdrant__PointsUpdateOperation operation;

static qdrant_status run_upsert(
    qd_job *job, const Qdrant__UpdateBatchPoints *batch, const operation *of, Qdrant__UpdateResult *result) {
  Qdrant__UpsertPoints made = QDRANT__UPSERT_POINTS__INIT;
  QD_FROM_BATCH(made, batch);
  made.n_points = of->upsert->n_points;
  made.points = of->upsert->points;
  made.shard_key_selector = of->upsert->shard_key_selector;
  made.update_filter = of->upsert->update_filter;
  made.has_update_mode = of->upsert->has_update_mode;
  made.update_mode = of->upsert->update_mode;
  return qd_write_upsert(job, &made.base, result);
}

static qdrant_status run_delete(qd_job *job, const Qdrant__UpdateBatchPoints *batch, Qdrant__PointsSelector *points,
    Qdrant__ShardKeySelector *shard_keys, Qdrant__UpdateResult *result) {
  Qdrant__DeletePoints made = QDRANT__DELETE_POINTS__INIT;
  QD_FROM_BATCH(made, batch);
  made.points = points;
  made.shard_key_selector = shard_keys;
  return qd_write_delete(job, &made.base, result);
}

static qdrant_status run_clear(qd_job *job, const Qdrant__UpdateBatchPoints *batch, Qdrant__PointsSelector *points,
    Qdrant__ShardKeySelector *shard_keys, Qdrant__UpdateResult *result) {
  Qdrant__ClearPayloadPoints made = QDRANT__CLEAR_PAYLOAD_POINTS__INIT;
  QD_FROM_BATCH(made, batch);
  made.points = points;
  made.shard_key_selector = shard_keys;
  return qd_write_clear_payload(job, &made.base, result);
}

/* The entries of a payload map are of one layout in all messages. */
static qdrant_status run_set(
    qd_job *job, const Qdrant__UpdateBatchPoints *batch, const operation *of, Qdrant__UpdateResult *result) {
  Qdrant__SetPayloadPoints made = QDRANT__SET_PAYLOAD_POINTS__INIT;
  QD_FROM_BATCH(made, batch);
  made.n_payload = of->set_payload->n_payload;
  made.payload = (Qdrant__SetPayloadPoints__PayloadEntry **)(void *)of->set_payload->payload;
  made.points_selector = of->set_payload->points_selector;
  made.shard_key_selector = of->set_payload->shard_key_selector;
  made.key = of->set_payload->key;
  return qd_write_set_payload(job, &made.base, result);
}

static qdrant_status run_overwrite(
    qd_job *job, const Qdrant__UpdateBatchPoints *batch, const operation *of, Qdrant__UpdateResult *result) {
  Qdrant__SetPayloadPoints made = QDRANT__SET_PAYLOAD_POINTS__INIT;
  QD_FROM_BATCH(made, batch);
  made.n_payload = of->overwrite_payload->n_payload;
  made.payload = (Qdrant__SetPayloadPoints__PayloadEntry **)(void *)of->overwrite_payload->payload;
  made.points_selector = of->overwrite_payload->points_selector;
  made.shard_key_selector = of->overwrite_payload->shard_key_selector;
  return qd_write_overwrite_payload(job, &made.base, result);
}

static qdrant_status run_delete_payload(
    qd_job *job, const Qdrant__UpdateBatchPoints *batch, const operation *of, Qdrant__UpdateResult *result) {
  Qdrant__DeletePayloadPoints made = QDRANT__DELETE_PAYLOAD_POINTS__INIT;
  QD_FROM_BATCH(made, batch);
  made.n_keys = of->delete_payload->n_keys;
  made.keys = of->delete_payload->keys;
  made.points_selector = of->delete_payload->points_selector;
  made.shard_key_selector = of->delete_payload->shard_key_selector;
  return qd_write_delete_payload(job, &made.base, result);
}

static qdrant_status run_update_vectors(
    qd_job *job, const Qdrant__UpdateBatchPoints *batch, const operation *of, Qdrant__UpdateResult *result) {
  Qdrant__UpdatePointVectors made = QDRANT__UPDATE_POINT_VECTORS__INIT;
  QD_FROM_BATCH(made, batch);
  made.n_points = of->update_vectors->n_points;
  made.points = of->update_vectors->points;
  made.shard_key_selector = of->update_vectors->shard_key_selector;
  made.update_filter = of->update_vectors->update_filter;
  return qd_write_update_vectors(job, &made.base, result);
}

static qdrant_status run_delete_vectors(
    qd_job *job, const Qdrant__UpdateBatchPoints *batch, const operation *of, Qdrant__UpdateResult *result) {
  Qdrant__DeletePointVectors made = QDRANT__DELETE_POINT_VECTORS__INIT;
  QD_FROM_BATCH(made, batch);
  made.points_selector = of->delete_vectors->points_selector;
  made.vectors = of->delete_vectors->vectors;
  made.shard_key_selector = of->delete_vectors->shard_key_selector;
  return qd_write_delete_vectors(job, &made.base, result);
}

static qdrant_status run_operation(
    qd_job *job, const Qdrant__UpdateBatchPoints *batch, const operation *of, Qdrant__UpdateResult *result) {
  switch (of->operation_case) {
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_UPSERT: return run_upsert(job, batch, of, result);
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_DELETE_DEPRECATED:
    return run_delete(job, batch, of->delete_deprecated, NULL, result);
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_SET_PAYLOAD: return run_set(job, batch, of, result);
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_OVERWRITE_PAYLOAD: return run_overwrite(job, batch, of, result);
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_DELETE_PAYLOAD: return run_delete_payload(job, batch, of, result);
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_CLEAR_PAYLOAD_DEPRECATED:
    return run_clear(job, batch, of->clear_payload_deprecated, NULL, result);
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_UPDATE_VECTORS: return run_update_vectors(job, batch, of, result);
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_DELETE_VECTORS: return run_delete_vectors(job, batch, of, result);
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_DELETE_POINTS:
    return run_delete(job, batch, of->delete_points->points, of->delete_points->shard_key_selector, result);
  case QDRANT__POINTS_UPDATE_OPERATION__OPERATION_CLEAR_PAYLOAD:
    return run_clear(job, batch, of->clear_payload->points, of->clear_payload->shard_key_selector, result);
  default: return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Operation is missing");
  }
}

qdrant_status qd_job_points_update_batch(qd_job *job) {
  const Qdrant__UpdateBatchPoints *request = (const Qdrant__UpdateBatchPoints *)job->request;
  Qdrant__UpdateBatchResponse *reply = (Qdrant__UpdateBatchResponse *)job->reply;
  reply->result = qd_arena_alloc(job->arena, (request->n_operations + 1) * sizeof *reply->result);
  if (reply->result == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = QDRANT_OK;
  for (; reply->n_result < request->n_operations && status == QDRANT_OK; reply->n_result++) {
    Qdrant__UpdateResult *result = qd_job_message(job, &qdrant__update_result__descriptor);
    if (result == NULL)
      return qd_job_fail_memory(job);
    reply->result[reply->n_result] = result;
    status = run_operation(job, request, request->operations[reply->n_result], result);
  }
  return status;
}
