#include "memory/selection.h"

#include "core/error.h"
#include "memory/slot_set.h"

static qdrant_status read_ids(qd_job *job, const Qdrant__PointsIdsList *list, qd_selection *selection) {
  qd_id *ids;
  qdrant_status status = qd_ids_read(list->n_ids, list->ids, job->arena, &ids, job->err);
  if (status != QDRANT_OK)
    return status;
  *selection = (qd_selection){.ids = ids, .n_ids = list->n_ids};
  return QDRANT_OK;
}

qdrant_status qd_selection_read(
    qd_job *job, const Qdrant__PointsSelector *selector, const char *missing, qd_selection *selection) {
  *selection = (qd_selection){0};
  if (selector == NULL)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "%s", missing);
  switch (selector->points_selector_one_of_case) {
  case QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_POINTS: return read_ids(job, selector->points, selection);
  case QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_FILTER:
    selection->has_filter = 1;
    return qd_job_filter(job, selector->filter, &selection->filter);
  default: return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Malformed PointsSelector type");
  }
}

int qd_selection_is_empty(const qd_selection *selection) {
  return !selection->has_filter && selection->n_ids == 0;
}

static void find_matching(const qd_filter *filter, const qd_view *view, qd_slots *slots) {
  for (uint32_t slot = 0; slot < view->n_slots; slot++)
    if (qd_view_has(view, slot) && qd_view_matches(view, slot, filter))
      slots->items[slots->n++] = slot;
}

static void find_ids(const qd_id *ids, size_t n_ids, const qd_view *view, qd_slots *slots) {
  for (size_t i = 0; i < n_ids; i++) {
    uint32_t slot = qd_view_find(view, &ids[i]);
    if (slot != QD_NO_SLOT)
      slots->items[slots->n++] = slot;
    else if (slots->missing == NULL)
      slots->missing = &ids[i];
  }
  slots->n = qd_slot_set_make(slots->items, slots->n);
}

qdrant_status qd_selection_find(qd_job *job, const qd_selection *selection, const qd_view *view, qd_slots *slots) {
  size_t capacity = selection->has_filter ? view->n_points : selection->n_ids;
  *slots = (qd_slots){.items = qd_arena_alloc(job->arena, (capacity + 1) * sizeof *slots->items)};
  if (slots->items == NULL)
    return qd_job_fail_memory(job);
  if (selection->has_filter)
    find_matching(selection->filter, view, slots);
  else
    find_ids(selection->ids, selection->n_ids, view, slots);
  return QDRANT_OK;
}

qdrant_status qd_selection_fail_missing(const qd_id *id, qdrant_error *err) {
  char text[QD_ID_TEXT_BYTES];
  qd_id_text(id, text);
  return qd_fail(err, QDRANT_NOT_FOUND, "Not found: No point with id %s found", text);
}
