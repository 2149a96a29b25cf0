#include "memory/view.h"

void qd_view_begin(qd_view *view, qd_point_store *store) {
  qd_shown shown;
  qd_point_store_pin(store, &view->pin, &shown);
  view->store = store;
  view->fields = shown.fields;
  view->commit = shown.commit;
  view->n_slots = shown.n_slots;
  view->n_points = shown.n_points;
  view->helpers = NULL;
}

int qd_view_end(qd_view *view) {
  int was_oldest = qd_point_store_unpin(view->store, &view->pin);
  qd_field_list_unref(view->fields);
  return was_oldest;
}

qd_view qd_view_of_writer(qd_point_store *store) {
  return (qd_view){.store = store,
      .fields = store->fields,
      .commit = store->shown.commit + 1,
      .n_slots = store->n_slots,
      .n_points = store->n_points};
}

static uint64_t look_at_lifetimes(const qd_view *view, size_t run) {
  size_t first = run * QD_RUN_SLOTS;
  const qd_lifetime *lives = qd_column_at(&view->store->lifetimes, first);
  uint64_t shown = 0;
  for (size_t i = 0; i < QD_RUN_SLOTS; i++)
    shown |= (uint64_t)qd_lifetime_covers(&lives[i], view->commit) << i;
  return shown;
}

uint64_t qd_view_run(const qd_view *view, size_t run) {
  const qd_run *at = qd_column_at(&view->store->runs, run);
  uint64_t live = atomic_load_explicit(&at->live, memory_order_acquire);
  int is_changed = atomic_load_explicit(&at->changed, memory_order_relaxed) > view->commit;
  return is_changed ? look_at_lifetimes(view, run) : live;
}

const qd_id *qd_view_id(const qd_view *view, uint32_t slot) {
  return qd_id_tree_id(&view->store->order, slot);
}

static const qd_version *version_at(const qd_view *view, uint32_t slot) {
  return qd_column_at(&view->store->versions, slot);
}

uint64_t qd_view_version(const qd_view *view, uint32_t slot) {
  return version_at(view, slot)->operation;
}

const Qdrant__Struct *qd_view_payload(const qd_view *view, uint32_t slot) {
  return version_at(view, slot)->payload;
}

/* The vectors of one point, for has_vector. */
typedef struct point_vectors {
  const qd_view *view;
  uint32_t slot;
} point_vectors;

static int has_vector(const void *vectors, const char *name) {
  const point_vectors *point = vectors;
  const qd_vector_field *field = qd_view_field(point->view, name);
  return field != NULL && qd_vector_field_has(field, point->slot);
}

int qd_view_matches(const qd_view *view, uint32_t slot, const qd_filter *filter) {
  if (filter == NULL)
    return 1;
  point_vectors vectors = {view, slot};
  qd_filter_subject subject = {qd_view_id(view, slot), qd_view_payload(view, slot), &vectors, has_vector};
  return qd_filter_matches(filter, &subject);
}

static const qd_version_links *links_at(const qd_view *view, uint32_t slot) {
  return qd_column_at(&view->store->links, slot);
}

/* The version that the view shows of the point whose latest is in slot, or QD_NO_SLOT; under the order's lock. */
static uint32_t find_version(const qd_view *view, uint32_t slot) {
  while (slot != QD_NO_SLOT && !qd_view_has(view, slot))
    slot = links_at(view, slot)->older;
  return slot;
}

uint32_t qd_view_find(const qd_view *view, const qd_id *id) {
  pthread_rwlock_rdlock(&view->store->order_lock);
  uint32_t slot = find_version(view, qd_id_tree_find(&view->store->order, id));
  pthread_rwlock_unlock(&view->store->order_lock);
  return slot;
}

/* The first point that the view shows from a slot of the tree on; under the order's lock. */
static uint32_t find_shown(const qd_view *view, uint32_t latest) {
  uint32_t slot = find_version(view, latest);
  while (slot == QD_NO_SLOT && latest != QD_NO_SLOT) {
    latest = qd_id_tree_next(&view->store->order, latest);
    slot = find_version(view, latest);
  }
  return slot;
}

uint32_t qd_view_first(const qd_view *view, const qd_id *from) {
  pthread_rwlock_rdlock(&view->store->order_lock);
  uint32_t slot = find_shown(view, qd_id_tree_first(&view->store->order, from));
  pthread_rwlock_unlock(&view->store->order_lock);
  return slot;
}

/* Only the latest version of a point is in the tree. */
uint32_t qd_view_next(const qd_view *view, uint32_t slot) {
  const qd_id_tree *order = &view->store->order;
  pthread_rwlock_rdlock(&view->store->order_lock);
  int is_latest = links_at(view, slot)->newer == QD_NO_SLOT;
  uint32_t latest = is_latest ? qd_id_tree_next(order, slot) : qd_id_tree_above(order, qd_view_id(view, slot));
  uint32_t next = find_shown(view, latest);
  pthread_rwlock_unlock(&view->store->order_lock);
  return next;
}

size_t qd_view_n_fields(const qd_view *view) {
  return view->fields->n;
}

const qd_vector_field *qd_view_field_at(const qd_view *view, size_t at) {
  return view->fields->items[at];
}

const qd_vector_field *qd_view_field(const qd_view *view, const char *name) {
  return qd_field_list_find(view->fields, name);
}

const qd_vector_field *qd_view_get_field(const qd_view *view, const char *name, qdrant_error *err) {
  return qd_field_list_get(view->fields, name, err);
}
