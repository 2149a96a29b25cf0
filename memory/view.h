#ifndef QD_VIEW_H
#define QD_VIEW_H

#include "memory/helpers.h"
#include "memory/point_store.h"

/* What one reader sees of a collection's points: them all as they stood at one moment, however long it looks. Slots,
 * ids, payloads, vectors and fields got from a view stay as they are until the view is let go. Threads may share one;
 * a copy is as good as the view itself, as long as that lasts. */
typedef struct qd_view {
  qd_point_store *store;
  qd_field_list *fields;
  uint64_t commit;
  size_t n_slots;      /* slots 0 .. n_slots - 1 may hold points */
  size_t n_points;     /* those that do */
  qd_helpers *helpers; /* threads for what is too much for one, or NULL; not the view's own */
  qd_pin pin;
} qd_view;

/* A view of what is committed; it must not move before it is ended. _end: whether the writer could free something now.
 */
void qd_view_begin(qd_view *view, qd_point_store *store);
int qd_view_end(qd_view *view);

/* The writer's own view: all that is written so far and what it writes next, without a pin. It needs no end. */
qd_view qd_view_of_writer(qd_point_store *store);

/* Whether the slot holds a point. The functions below are for slots that do. */
static inline int qd_view_has(const qd_view *view, uint32_t slot) {
  const qd_lifetime *life = qd_column_at(&view->store->lifetimes, slot);
  return qd_lifetime_covers(life, view->commit);
}

/* Those slots of a run that hold points. */
uint64_t qd_view_run(const qd_view *view, size_t run);

const qd_id *qd_view_id(const qd_view *view, uint32_t slot);
uint64_t qd_view_version(const qd_view *view, uint32_t slot);              /* the operation that wrote the point last */
const Qdrant__Struct *qd_view_payload(const qd_view *view, uint32_t slot); /* NULL when it has none */

/* Whether the point matches. filter may be NULL. */
int qd_view_matches(const qd_view *view, uint32_t slot, const qd_filter *filter);

/* The slot of an id, or QD_NO_SLOT. */
uint32_t qd_view_find(const qd_view *view, const qd_id *id);

/* Points in the order of their ids: the slot of the first (not below `from` when that is given), and of the one after
 * the point in a slot, or QD_NO_SLOT. */
uint32_t qd_view_first(const qd_view *view, const qd_id *from);
uint32_t qd_view_next(const qd_view *view, uint32_t slot);

/* The named vectors; qd_vector_field_has and _get tell of each slot. */
size_t qd_view_n_fields(const qd_view *view);
const qd_vector_field *qd_view_field_at(const qd_view *view, size_t at);
/* The field of a name, or NULL; _get_ fills err in the server's words. */
const qd_vector_field *qd_view_field(const qd_view *view, const char *name);
const qd_vector_field *qd_view_get_field(const qd_view *view, const char *name, qdrant_error *err);

#endif
