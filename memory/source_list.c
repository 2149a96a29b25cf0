#include "memory/source_list.h"

#include "memory/filter_merge.h"
#include "memory/sample.h"

static size_t n_wanted(const qd_source *source, size_t n_points) {
  return source->limit < n_points ? (size_t)source->limit : n_points;
}

static qdrant_status take_slots(qd_job *job, const uint32_t *slots, size_t n, qd_source *source) {
  source->hits.items = qd_arena_alloc(job->arena, (n + 1) * sizeof *source->hits.items);
  if (source->hits.items == NULL)
    return qd_job_fail_memory(job);
  for (source->hits.n = 0; source->hits.n < n; source->hits.n++)
    source->hits.items[source->hits.n] = (qd_hit){1.0F, slots[source->hits.n]};
  return QDRANT_OK;
}

static qdrant_status list_in_order(qd_job *job, const qd_view *view, qd_source *source) {
  size_t wanted = n_wanted(source, view->n_points);
  qd_hits *hits = &source->hits;
  hits->items = qd_arena_alloc(job->arena, (wanted + 1) * sizeof *hits->items);
  if (hits->items == NULL)
    return qd_job_fail_memory(job);
  size_t n_seen = 0;
  qdrant_status status = QDRANT_OK;
  for (uint32_t slot = qd_view_first(view, NULL); slot != QD_NO_SLOT && hits->n < wanted && status == QDRANT_OK;
       slot = qd_view_next(view, slot)) {
    status = qd_job_check_deadline(job, n_seen++);
    if (status == QDRANT_OK && qd_view_matches(view, slot, source->filter))
      hits->items[hits->n++] = (qd_hit){1.0F, slot};
  }
  return status;
}

/* The filter that only the points in slots pass. */
static qdrant_status make_filter(
    qd_job *job, const qd_view *view, const uint32_t *slots, size_t n, const qd_filter **filter) {
  Qdrant__PointId **ids = qd_arena_alloc(job->arena, (n + 1) * sizeof *ids);
  for (size_t i = 0; ids != NULL && i < n; i++) {
    ids[i] = qd_id_message(qd_view_id(view, slots[i]), job->arena);
    if (ids[i] == NULL)
      return qd_job_fail_memory(job);
  }
  const Qdrant__Filter *message = ids != NULL ? qd_filter_of_ids(job, ids, n) : NULL;
  return message != NULL ? qd_job_filter(job, message, filter) : qd_job_fail_memory(job);
}

static qdrant_status list_sample(qd_job *job, const qd_view *view, const qd_filter *filter, qd_source *source) {
  uint32_t *slots;
  size_t n;
  qdrant_status status = qd_sample(job, view, filter, NULL, n_wanted(source, view->n_points), &slots, &n);
  return status == QDRANT_OK ? take_slots(job, slots, n, source) : status;
}

static qdrant_status list_by_value(qd_job *job, const qd_reader *reader, const qd_filter *filter, qd_source *source) {
  qd_ordered_point *places;
  size_t n;
  size_t limit = source->limit < SIZE_MAX ? (size_t)source->limit : SIZE_MAX;
  qdrant_status status = qd_order_by_run(job, reader, &source->order, filter, limit, &places, &n);
  if (status != QDRANT_OK)
    return status;
  source->places = places;
  source->hits.items = qd_arena_alloc(job->arena, (n + 1) * sizeof *source->hits.items);
  if (source->hits.items == NULL)
    return qd_job_fail_memory(job);
  for (source->hits.n = 0; source->hits.n < n; source->hits.n++)
    source->hits.items[source->hits.n] = (qd_hit){1.0F, places[source->hits.n].slot};
  return QDRANT_OK;
}

qdrant_status qd_source_list(qd_job *job, const qd_reader *reader, const uint32_t *slots, size_t n, qd_source *source) {
  const qd_filter *filter = source->filter;
  qdrant_status status = slots != NULL ? make_filter(job, &reader->view, slots, n, &filter) : QDRANT_OK;
  if (status != QDRANT_OK)
    return status;
  switch (source->kind) {
  case QD_SOURCE_ORDER_BY: return list_by_value(job, reader, filter, source);
  case QD_SOURCE_SAMPLE: return list_sample(job, &reader->view, filter, source);
  default: return list_in_order(job, &reader->view, source);
  }
}
