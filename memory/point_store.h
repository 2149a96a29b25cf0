#ifndef QD_POINT_STORE_H
#define QD_POINT_STORE_H

#include "memory/filter.h"
#include "memory/id_tree.h"
#include "memory/vector_field.h"

/* The points of a collection in slots: what is known of the point in slot s stands at index s of each array. A slot
 * whose point is deleted is used again. Not thread-safe: the collection's lock guards it. */
typedef struct qd_point_store {
  size_t capacity; /* slots there is memory for */
  size_t n_slots;  /* slots ever used; those from here on are empty */
  size_t n_points;
  qd_id *ids;
  uint64_t *versions;        /* operation that wrote the point last */
  Qdrant__Struct **payloads; /* owned; may be NULL */
  uint8_t *is_live;
  uint32_t *free_slots; /* a stack */
  size_t n_free;
  qd_id_tree order;
  qd_vector_field *fields; /* fixed when the collection is made */
  size_t n_fields;
} qd_point_store;

/* Takes over fields and their array, which came from qd_alloc. */
void qd_point_store_init(qd_point_store *store, qd_vector_field *fields, size_t n_fields);
void qd_point_store_free(qd_point_store *store);

/* The field of a name, or NULL. */
qd_vector_field *qd_point_store_field(const qd_point_store *store, const char *name);

/* Room for n_writes points to be added or edited. 0 when out of memory; the store is as before. */
int qd_point_store_reserve(qd_point_store *store, size_t n_writes);

/* For writers; there is room, and the collection is begun to be written. What these give back is a slot to be filled.
 *
 * A point without vectors and payload, written by the operation `version`, in place of the one that has the id. */
uint32_t qd_point_store_add(qd_point_store *store, const qd_id *id, uint64_t version);
/* The point in slot, to be changed: as it is but for its version. The slot may be another one. */
uint32_t qd_point_store_edit(qd_point_store *store, uint32_t slot, uint64_t version);
void qd_point_store_remove(qd_point_store *store, uint32_t slot);

/* Replace what a slot to be filled has. They take the payload, which may be NULL, and the block. */
void qd_point_store_put_payload(qd_point_store *store, uint32_t slot, Qdrant__Struct *payload);
void qd_point_store_put_dense(qd_point_store *store, uint32_t slot, qd_vector_field *field, const float *values);
void qd_point_store_put_block(qd_point_store *store, uint32_t slot, qd_vector_field *field, qd_vector_block *block);
void qd_point_store_clear_vector(qd_point_store *store, uint32_t slot, qd_vector_field *field);

#endif
