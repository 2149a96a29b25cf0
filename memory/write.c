#include "memory/write.h"

#include "core/error.h"
#include "memory/strict.h"

/* There is one shard, without a key. */
static qdrant_status check_place(qd_job *job, const qd_collection *collection, const qd_write_place *place) {
  qdrant_status status = qd_job_check_write_shard(job, collection, place->shard_keys);
  if (status == QDRANT_OK && place->is_empty)
    status = qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Bad request: Empty update request");
  return status;
}

qdrant_status qd_write_run_in(qd_job *job, qd_collection *collection, const qd_write_place *place, qd_write_apply apply,
    void *user, Qdrant__UpdateResult *result) {
  qdrant_status status = check_place(job, collection, place);
  if (status == QDRANT_OK)
    status = qd_job_bind_filters(job, collection);
  if (status != QDRANT_OK)
    return status;
  qd_collection_begin_write(collection);
  qd_collection_count_operation(collection, place->has_waited, result);
  status = apply(job, collection, user, result->operation_id);
  qd_collection_end_write(collection);
  if (status == QDRANT_OK || status == QDRANT_NO_MEMORY || place->has_waited)
    return status;
  qd_error_clear(job->err);
  return QDRANT_OK;
}

qdrant_status qd_write_run(
    qd_job *job, const qd_write_place *place, qd_write_apply apply, void *user, Qdrant__UpdateResult *result) {
  qd_collection *collection;
  qdrant_status status = qd_job_collection(job, place->collection_name, &collection);
  if (status != QDRANT_OK)
    return status;
  status = qd_strict_check(job, collection, place->request);
  if (status == QDRANT_OK)
    status = qd_write_run_in(job, collection, place, apply, user, result);
  qd_collection_unref(collection);
  return status;
}

qdrant_status qd_write_alone(qd_job *job, qd_write write) {
  Qdrant__PointsOperationResponse *reply = (Qdrant__PointsOperationResponse *)job->reply;
  reply->result = qd_job_message(job, &qdrant__update_result__descriptor);
  return reply->result != NULL ? write(job, job->request, reply->result) : qd_job_fail_memory(job);
}
