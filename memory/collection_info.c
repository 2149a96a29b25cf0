#include "memory/clone.h"
#include "memory/config_warnings.h"
#include "memory/indexed_value.h"
#include "memory/job.h"

/* Collections/Get. */

static qdrant_status count_indexed(qd_job *job, const qd_view *view, const qd_field_index *index, uint64_t *n_points) {
  qdrant_status status = QDRANT_OK;
  for (uint32_t slot = 0; slot < view->n_slots && status == QDRANT_OK; slot++) {
    status = qd_job_check_deadline(job, slot);
    *n_points += qd_view_has(view, slot) && qd_field_index_holds(index, qd_view_payload(view, slot));
  }
  return status;
}

static qdrant_status describe_index(qd_job *job, const qd_view *view, const qd_field_index *index,
    Qdrant__CollectionInfo__PayloadSchemaEntry **described) {
  Qdrant__CollectionInfo__PayloadSchemaEntry *entry =
      qd_job_message(job, &qdrant__collection_info__payload_schema_entry__descriptor);
  if (entry == NULL)
    return qd_job_fail_memory(job);
  entry->key = (char *)index->key;
  entry->value = qd_message_clone(index->schema, job->arena);
  if (entry->value == NULL)
    return qd_job_fail_memory(job);
  entry->value->has_points = 1;
  *described = entry;
  return count_indexed(job, view, index, &entry->value->points);
}

static qdrant_status fill_schema(
    qd_job *job, qd_collection *collection, const qd_view *view, Qdrant__CollectionInfo *info) {
  const qd_field_index *indexes;
  size_t n;
  if (!qd_field_index_list_copy(collection->indexes, job->arena, &indexes, &n))
    return qd_job_fail_memory(job);
  info->payload_schema = qd_arena_alloc(job->arena, (n + 1) * sizeof *info->payload_schema);
  if (info->payload_schema == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = QDRANT_OK;
  for (; info->n_payload_schema < n && status == QDRANT_OK; info->n_payload_schema++)
    status = describe_index(job, view, &indexes[info->n_payload_schema], &info->payload_schema[info->n_payload_schema]);
  return status;
}

/* There is no index of vectors that could lag behind, so that the collection is always green and nothing is queued. */
static qdrant_status fill_state(qd_job *job, Qdrant__CollectionInfo *info) {
  info->has_status = info->has_segments_count = info->has_points_count = info->has_indexed_vectors_count = 1;
  info->status = QDRANT__COLLECTION_STATUS__Green;
  info->segments_count = 1;
  info->optimizer_status = qd_job_message(job, &qdrant__optimizer_status__descriptor);
  info->update_queue = qd_job_message(job, &qdrant__update_queue_info__descriptor);
  if (info->optimizer_status == NULL || info->update_queue == NULL)
    return qd_job_fail_memory(job);
  info->optimizer_status->has_ok = 1;
  info->optimizer_status->ok = 1;
  info->update_queue->has_length = 1;
  return QDRANT_OK;
}

static qdrant_status fill_info(qd_job *job, qd_collection *collection, Qdrant__CollectionInfo *info) {
  qd_view view;
  qdrant_status status = fill_state(job, info);
  if (status != QDRANT_OK)
    return status;
  qd_config *config = qd_collection_config(collection);
  info->config = qd_message_clone(config->message, job->arena);
  qd_config_unref(config);
  if (info->config == NULL)
    return qd_job_fail_memory(job);
  status = qd_config_fill_warnings(job, info->config, info);
  if (status != QDRANT_OK)
    return status;
  qd_collection_begin_read(collection, &view);
  info->points_count = view.n_points;
  status = fill_schema(job, collection, &view, info);
  qd_collection_end_read(collection, &view);
  return status;
}

qdrant_status qd_job_collections_get(qd_job *job) {
  const Qdrant__GetCollectionInfoRequest *request = (const Qdrant__GetCollectionInfoRequest *)job->request;
  Qdrant__GetCollectionInfoResponse *reply = (Qdrant__GetCollectionInfoResponse *)job->reply;
  qd_collection *collection;
  qdrant_status status = qd_job_collection(job, request->collection_name, &collection);
  if (status != QDRANT_OK)
    return status;
  reply->result = qd_job_message(job, &qdrant__collection_info__descriptor);
  status = reply->result != NULL ? fill_info(job, collection, reply->result) : qd_job_fail_memory(job);
  qd_collection_unref(collection);
  return status;
}
