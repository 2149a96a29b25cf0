#include "core/deadline.h"
#include "core/error.h"
#include "memory/job.h"
#include "qdrant/pb/points.pb-c.h"

/* Which points to delete: those with the ids, or those that match the filter. */
typedef struct selection {
  const qd_id *ids;
  size_t n_ids;
  const qd_filter *filter;
  int has_filter;
} selection;

static qdrant_status read_ids(qd_job *job, const Qdrant__PointsIdsList *list, selection *chosen) {
  qd_id *ids;
  chosen->n_ids = list->n_ids;
  qdrant_status status = qd_ids_read(list->n_ids, list->ids, job->arena, &ids, job->err);
  chosen->ids = ids;
  return status;
}

static qdrant_status read_selection(qd_job *job, const Qdrant__PointsSelector *selector, selection *chosen) {
  *chosen = (selection){0};
  if (selector == NULL)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "PointSelector is missing");
  switch (selector->points_selector_one_of_case) {
  case QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_POINTS: return read_ids(job, selector->points, chosen);
  case QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_FILTER:
    chosen->has_filter = 1;
    return qd_filter_prepare(selector->filter, job->arena, &chosen->filter, job->err);
  default: return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Malformed PointsSelector type");
  }
}

static void delete_matching(qd_collection *collection, const qd_filter *filter) {
  qd_view view = qd_collection_writer_view(collection);
  for (uint32_t slot = 0; slot < view.n_slots; slot++)
    if (qd_view_has(&view, slot) && qd_view_matches(&view, slot, filter))
      qd_point_store_remove(&collection->store, slot);
}

static void delete_ids(qd_collection *collection, const qd_id *ids, size_t n_ids) {
  qd_view view = qd_collection_writer_view(collection);
  for (size_t i = 0; i < n_ids; i++) {
    uint32_t slot = qd_view_find(&view, &ids[i]);
    if (slot != QD_NO_SLOT)
      qd_point_store_remove(&collection->store, slot);
  }
}

qdrant_status qd_job_points_delete(qd_job *job) {
  const Qdrant__DeletePoints *request = (const Qdrant__DeletePoints *)job->request;
  Qdrant__PointsOperationResponse *reply = (Qdrant__PointsOperationResponse *)job->reply;
  selection chosen;
  qd_collection *collection = NULL;
  qdrant_status status = read_selection(job, request->points, &chosen);
  if (status == QDRANT_OK)
    status = qd_job_collection(job, request->collection_name, &collection);
  if (status == QDRANT_OK && !chosen.has_filter && chosen.n_ids == 0)
    status = qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Bad request: Empty update request");
  if (status == QDRANT_OK)
    status = qd_job_check_write_shard(job, collection, request->shard_key_selector);
  if (status == QDRANT_OK)
    status = qd_job_update_result(job, reply);
  if (status == QDRANT_OK) {
    qd_collection_begin_write(collection);
    if (chosen.has_filter)
      delete_matching(collection, chosen.filter);
    else
      delete_ids(collection, chosen.ids, chosen.n_ids);
    qd_collection_count_operation(collection, request->wait, reply->result);
    qd_collection_end_write(collection);
  }
  qd_collection_unref(collection);
  return status;
}
