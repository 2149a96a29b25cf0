#include "core/deadline.h"
#include "core/error.h"
#include "memory/job.h"
#include "memory/reply.h"

enum { DEFAULT_SCROLL_LIMIT = 10, SLOTS_BETWEEN_LOOKS = 1024 };

static qdrant_status fail_deadline(qd_job *job) {
  return qd_fail(job->err, QDRANT_DEADLINE_EXCEEDED, "Timeout error: the deadline passed during %s", job->rpc->name);
}

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

/* One page of points in the order of their ids. */
typedef struct page {
  const qd_filter *filter;
  const qd_id *offset; /* the first id that may be on it, or NULL */
  size_t limit;
  uint32_t *slots;
  size_t n;
  uint32_t next; /* the first slot of the next page, or QD_NO_SLOT */
} page;

static int next_place(const qd_view *view, page *filled, uint32_t slot) {
  if (!qd_view_matches(view, slot, filled->filter))
    return 1;
  if (filled->n == filled->limit) {
    filled->next = slot;
    return 0;
  }
  filled->slots[filled->n++] = slot;
  return 1;
}

static qdrant_status fill_page(qd_job *job, const qd_view *view, page *filled) {
  size_t capacity = filled->limit < view->n_points ? filled->limit : view->n_points;
  filled->slots = qd_arena_alloc(job->arena, (capacity + 1) * sizeof *filled->slots);
  if (filled->slots == NULL)
    return qd_job_fail_memory(job);
  filled->next = QD_NO_SLOT;
  size_t n_seen = 0;
  for (uint32_t slot = qd_view_first(view, filled->offset); slot != QD_NO_SLOT && next_place(view, filled, slot);
       slot = qd_view_next(view, slot))
    if (++n_seen % SLOTS_BETWEEN_LOOKS == 0 && qd_deadline_has_passed(job->deadline_ns))
      return fail_deadline(job);
  return QDRANT_OK;
}

static qdrant_status scroll_points(qd_job *job, const qd_view *view, page *asked, const qd_reply_parts *parts) {
  Qdrant__ScrollResponse *reply = (Qdrant__ScrollResponse *)job->reply;
  qdrant_status status = fill_page(job, view, asked);
  if (status != QDRANT_OK)
    return status;
  reply->result = qd_arena_alloc(job->arena, (asked->n + 1) * sizeof *reply->result);
  if (reply->result == NULL)
    return qd_job_fail_memory(job);
  for (size_t i = 0; i < asked->n; i++) {
    reply->result[i] = qd_reply_retrieved(job, view, asked->slots[i], parts);
    if (reply->result[i] == NULL)
      return QDRANT_NO_MEMORY;
  }
  reply->n_result = asked->n;
  if (asked->next == QD_NO_SLOT)
    return QDRANT_OK;
  reply->next_page_offset = qd_id_message(qd_view_id(view, asked->next), job->arena);
  return reply->next_page_offset != NULL ? QDRANT_OK : qd_job_fail_memory(job);
}

static qdrant_status read_page(qd_job *job, const Qdrant__ScrollPoints *request, page *asked, qd_id *offset) {
  *asked = (page){.limit = request->has_limit ? request->limit : DEFAULT_SCROLL_LIMIT};
  if (request->order_by != NULL)
    return qd_fail(job->err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have order_by in Points/Scroll");
  if (request->offset != NULL) {
    qdrant_status status = qd_id_read(request->offset, offset, job->err);
    if (status != QDRANT_OK)
      return status;
    asked->offset = offset;
  }
  return qd_filter_prepare(request->filter, job->arena, &asked->filter, job->err);
}

qdrant_status qd_job_points_scroll(qd_job *job) {
  const Qdrant__ScrollPoints *request = (const Qdrant__ScrollPoints *)job->request;
  qd_reply_parts parts;
  page asked;
  qd_id offset;
  qd_reader reader;
  qdrant_status status = read_page(job, request, &asked, &offset);
  if (status == QDRANT_OK)
    status = qd_reply_parts_read(job, request->with_payload, QD_PAYLOAD_ALL, request->with_vectors, &parts);
  if (status == QDRANT_OK)
    status = qd_job_read(job, request->collection_name, request->shard_key_selector, &reader);
  if (status != QDRANT_OK)
    return status;
  status = scroll_points(job, &reader.view, &asked, &parts);
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
  for (size_t slot = 0; slot < view->n_slots; slot++) {
    if (slot % SLOTS_BETWEEN_LOOKS == 0 && qd_deadline_has_passed(job->deadline_ns))
      return fail_deadline(job);
    result->count += qd_view_has(view, (uint32_t)slot) && qd_view_matches(view, (uint32_t)slot, filter);
  }
  return QDRANT_OK;
}

qdrant_status qd_job_points_count(qd_job *job) {
  const Qdrant__CountPoints *request = (const Qdrant__CountPoints *)job->request;
  Qdrant__CountResponse *reply = (Qdrant__CountResponse *)job->reply;
  const qd_filter *filter;
  qd_reader reader;
  qdrant_status status = qd_filter_prepare(request->filter, job->arena, &filter, job->err);
  if (status == QDRANT_OK)
    status = qd_job_read(job, request->collection_name, request->shard_key_selector, &reader);
  if (status != QDRANT_OK)
    return status;
  reply->result = qd_job_message(job, &qdrant__count_result__descriptor);
  status = reply->result != NULL ? count_points(job, &reader.view, filter, reply->result) : qd_job_fail_memory(job);
  qd_job_end_read(&reader);
  return status;
}
