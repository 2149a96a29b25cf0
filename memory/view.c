#include "memory/view.h"

#include "core/error.h"

#include <string.h>

int qd_view_has(const qd_view *view, uint32_t slot) {
  return view->store->is_live[slot];
}

const qd_id *qd_view_id(const qd_view *view, uint32_t slot) {
  return &view->store->ids[slot];
}

uint64_t qd_view_version(const qd_view *view, uint32_t slot) {
  return view->store->versions[slot];
}

const Qdrant__Struct *qd_view_payload(const qd_view *view, uint32_t slot) {
  return view->store->payloads[slot];
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

uint32_t qd_view_find(const qd_view *view, const qd_id *id) {
  return qd_id_tree_find(&view->store->order, id);
}

uint32_t qd_view_first(const qd_view *view, const qd_id *from) {
  return qd_id_tree_first(&view->store->order, from);
}

uint32_t qd_view_next(const qd_view *view, uint32_t slot) {
  return qd_id_tree_next(&view->store->order, slot);
}

size_t qd_view_n_fields(const qd_view *view) {
  return view->store->n_fields;
}

const qd_vector_field *qd_view_field_at(const qd_view *view, size_t at) {
  return &view->store->fields[at];
}

const qd_vector_field *qd_view_field(const qd_view *view, const char *name) {
  for (size_t i = 0; i < qd_view_n_fields(view); i++)
    if (strcmp(qd_view_field_at(view, i)->name, name) == 0)
      return qd_view_field_at(view, i);
  return NULL;
}

const qd_vector_field *qd_view_get_field(const qd_view *view, const char *name, qdrant_error *err) {
  const qd_vector_field *field = qd_view_field(view, name);
  if (field == NULL)
    qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: %s", name);
  return field;
}
