#include "memory/field_list.h"

#include "core/alloc.h"
#include "core/error.h"

#include <string.h>

qd_field_list *qd_field_list_new(size_t capacity) {
  qd_field_list *fields = qd_alloc(sizeof *fields);
  qd_vector_field **items = qd_alloc_array(capacity, sizeof(qd_vector_field *));
  if (fields == NULL || items == NULL) {
    qd_free(fields);
    qd_free(items);
    return NULL;
  }
  *fields = (qd_field_list){.items = items};
  atomic_init(&fields->n_refs, 1);
  return fields;
}

qd_field_list *qd_field_list_ref(qd_field_list *fields) {
  atomic_fetch_add_explicit(&fields->n_refs, 1, memory_order_relaxed);
  return fields;
}

void qd_field_list_unref(qd_field_list *fields) {
  if (fields == NULL || atomic_fetch_sub_explicit(&fields->n_refs, 1, memory_order_acq_rel) > 1)
    return;
  for (size_t i = 0; i < fields->n; i++)
    qd_vector_field_unref(fields->items[i]);
  qd_free(fields->items);
  qd_free(fields);
}

void qd_field_list_add(qd_field_list *fields, qd_vector_field *field) {
  fields->items[fields->n++] = field;
}

qd_field_list *qd_field_list_copy(const qd_field_list *fields, const qd_vector_field *left_out) {
  qd_field_list *copy = qd_field_list_new(fields->n + 1);
  for (size_t i = 0; copy != NULL && i < fields->n; i++)
    if (fields->items[i] != left_out)
      qd_field_list_add(copy, qd_vector_field_ref(fields->items[i]));
  return copy;
}

int qd_field_list_has(const qd_field_list *fields, const qd_vector_field *field) {
  for (size_t i = 0; i < fields->n; i++)
    if (fields->items[i] == field)
      return 1;
  return 0;
}

qd_vector_field *qd_field_list_find(const qd_field_list *fields, const char *name) {
  for (size_t i = 0; i < fields->n; i++)
    if (strcmp(fields->items[i]->name, name) == 0)
      return fields->items[i];
  return NULL;
}

qd_vector_field *qd_field_list_get(const qd_field_list *fields, const char *name, qdrant_error *err) {
  qd_vector_field *field = qd_field_list_find(fields, name);
  if (field == NULL)
    qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: %s", name);
  return field;
}
