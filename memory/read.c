#include "memory/job.h"
#include "memory/reply.h"

/* The slots of ids that are there, in the order asked for and each once; *n says how many. NULL when out of memory. */
static uint32_t *find_slots(qd_job *job, const qd_view *view, const qd_id *ids, size_t n_ids, size_t *n) {
  uint32_t *slots = qd_arena_alloc(job->arena, (n_ids + 1) * sizeof *slots);
  uint8_t *is_taken = n_ids > 1 ? qd_arena_zalloc(job->arena, view->n_slots + 1) : NULL;
  *n = 0;
  if (slots == NULL || (n_ids > 1 && is_taken == NULL))
    return NULL;
  for (size_t i = 0; i < n_ids; i++) {
    uint32_t slot = qd_view_find(view, &ids[i]);
    if (slot == QD_NO_SLOT || (is_taken != NULL && is_taken[slot]))
      continue;
    if (is_taken != NULL)
      is_taken[slot] = 1;
    slots[(*n)++] = slot;
  }
  return slots;
}

static qdrant_status get_points(
    qd_job *job, const qd_view *view, const qd_id *ids, size_t n_ids, const qd_reply_parts *parts) {
  Qdrant__GetResponse *reply = (Qdrant__GetResponse *)job->reply;
  size_t n;
  uint32_t *slots = find_slots(job, view, ids, n_ids, &n);
  reply->result = qd_arena_alloc(job->arena, (n + 1) * sizeof *reply->result);
  if (slots == NULL || reply->result == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = n > 0 ? qd_reply_parts_check(job, view, parts) : QDRANT_OK;
  if (status != QDRANT_OK)
    return status;
  for (size_t i = 0; i < n; i++) {
    reply->result[i] = qd_reply_retrieved(job, view, slots[i], parts);
    if (reply->result[i] == NULL)
      return QDRANT_NO_MEMORY;
  }
  reply->n_result = n;
  return QDRANT_OK;
}

qdrant_status qd_job_points_get(qd_job *job) {
  const Qdrant__GetPoints *request = (const Qdrant__GetPoints *)job->request;
  qd_reply_parts parts;
  qd_id *ids;
  qd_reader reader;
  qdrant_status status = qd_ids_read(request->n_ids, request->ids, job->arena, &ids, job->err);
  if (status == QDRANT_OK)
    status = qd_reply_parts_read(job, request->with_payload, QD_PAYLOAD_NONE, request->with_vectors, &parts);
  if (status == QDRANT_OK)
    status = qd_job_read(job, request->collection_name, request->shard_key_selector, &reader);
  if (status != QDRANT_OK)
    return status;
  status = get_points(job, &reader.view, ids, request->n_ids, &parts);
  qd_job_end_read(&reader);
  return status;
}

static qdrant_status count_points(
    qd_job *job, const qd_view *view, const qd_filter *filter, Qdrant__CountResult *result) {
  result->has_count = 1;
  if (filter == NULL) {
    result->count = view->n_points;
    return QDRANT_OK;
  }
  qdrant_status status = QDRANT_OK;
  for (uint32_t slot = 0; slot < view->n_slots && status == QDRANT_OK; slot++) {
    result->count += qd_view_has(view, slot) && qd_view_matches(view, slot, filter);
    status = qd_job_check_deadline(job, slot);
  }
  return status;
}

qdrant_status qd_job_points_count(qd_job *job) {
  const Qdrant__CountPoints *request = (const Qdrant__CountPoints *)job->request;
  Qdrant__CountResponse *reply = (Qdrant__CountResponse *)job->reply;
  const qd_filter *filter;
  qd_reader reader;
  qdrant_status status = qd_job_filter(job, request->filter, &filter);
  if (status == QDRANT_OK)
    status = qd_job_read(job, request->collection_name, request->shard_key_selector, &reader);
  if (status != QDRANT_OK)
    return status;
  reply->result = qd_job_message(job, &qdrant__count_result__descriptor);
  status = reply->result != NULL ? count_points(job, &reader.view, filter, reply->result) : qd_job_fail_memory(job);
  qd_job_end_read(&reader);
  return status;
}
