#ifndef QD_FIELD_LIST_H
#define QD_FIELD_LIST_H

#include "memory/vector_field.h"

/* The named vectors of a collection. A list never changes once it is shown: to add or take away a field is to make
 * another list. Counted: the store has the newest, each view the one it began with. */
typedef struct qd_field_list {
  atomic_size_t n_refs;
  size_t n;
  qd_vector_field **items; /* a reference each */
} qd_field_list;

/* An empty list with one reference, for `capacity` fields. NULL when out of memory. */
qd_field_list *qd_field_list_new(size_t capacity);
qd_field_list *qd_field_list_ref(qd_field_list *fields);
void qd_field_list_unref(qd_field_list *fields); /* NULL is fine */

/* While the list is made: takes the reference; there is room. */
void qd_field_list_add(qd_field_list *fields, qd_vector_field *field);

/* A list like it with room for one more, and without `left_out`, which may be NULL. NULL when out of memory. */
qd_field_list *qd_field_list_copy(const qd_field_list *fields, const qd_vector_field *left_out);

int qd_field_list_has(const qd_field_list *fields, const qd_vector_field *field);

/* The field of a name, or NULL. _get_ fills err in the server's words. */
qd_vector_field *qd_field_list_find(const qd_field_list *fields, const char *name);
qd_vector_field *qd_field_list_get(const qd_field_list *fields, const char *name, qdrant_error *err);

#endif
