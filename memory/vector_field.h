#ifndef QD_VECTOR_FIELD_H
#define QD_VECTOR_FIELD_H

#include "memory/column.h"
#include "memory/postings.h"
#include "qdrant/columns.h"
#include "qdrant/error.h"
#include "qdrant/pb/collections.pb-c.h"

#include <stdatomic.h>

/* A vector that lies somewhere else: in a request or in a field. */
typedef struct qd_vector {
  qdrant_vector_kind kind;
  size_t n;                /* DENSE: 1; MULTI: rows; SPARSE: weights */
  size_t dim;              /* DENSE, MULTI: floats in a row */
  const float *values;     /* n * dim floats; SPARSE: n weights */
  const uint32_t *indices; /* SPARSE: n, ascending */
} qd_vector;

/* A sparse or multi-vector in a field, in one block of memory, which versions of a point share. Counted by the one
 * thread that writes. */
typedef struct qd_vector_block qd_vector_block;

/* One named vector of a collection, for all its slots. What a slot has is changed by the writer only, while no reader
 * looks at that slot. */
typedef struct qd_vector_field {
  atomic_size_t n_refs;
  char *name; /* owned; "" is the unnamed vector */
  qdrant_vector_kind kind;
  size_t dim; /* DENSE, MULTI */
  Qdrant__Distance distance;
  Qdrant__Datatype datatype;
  _Atomic Qdrant__Modifier modifier; /* the writer may change it while others read */
  qd_column rows;        /* DENSE: dim floats, as scoring reads them: normalised or not, rounded to datatype */
  qd_column present;     /* of each run: the slots that have a vector, an _Atomic uint64_t */
  qd_column blocks;      /* SPARSE, MULTI: a qd_vector_block * or NULL */
  qd_postings *postings; /* SPARSE: of the slots that have a vector but those that are unposted */
  qd_column unposted;    /* SPARSE: of each run, as present */
  size_t n_unposted;     /* the writer's, like the next */
  size_t first_unposted; /* a run; those before it have none */
} qd_vector_field;

/* A field without room and with one reference. INVALID_ARGUMENT or UNIMPLEMENTED for parameters that cannot be had,
 * NO_MEMORY. */
qdrant_status qd_vector_field_new_dense(
    const char *name, const Qdrant__VectorParams *params, qd_vector_field **field, qdrant_error *err);
qdrant_status qd_vector_field_new_sparse(
    const char *name, const Qdrant__SparseVectorParams *params, qd_vector_field **field, qdrant_error *err);
qd_vector_field *qd_vector_field_ref(qd_vector_field *field);
void qd_vector_field_unref(qd_vector_field *field);

/* Room for n_slots slots; new ones are empty. 0 when out of memory; what is stored stays. */
int qd_vector_field_reserve(qd_vector_field *field, size_t n_slots);

/* Whether the field takes such a vector, in the server's words. */
qdrant_status qd_vector_field_check(const qd_vector_field *field, const qd_vector *vector, qdrant_error *err);
/* Its dimension alone, in words that name the field: the server looks at it first when points are upserted. */
qdrant_status qd_vector_field_check_dimension(const qd_vector_field *field, const qd_vector *vector, qdrant_error *err);

/* A block with a copy of a SPARSE or MULTI vector as the field stores it. NULL when out of memory. */
qd_vector_block *qd_vector_block_new(const qd_vector_field *field, const qd_vector *vector);
void qd_vector_block_unref(qd_vector_block *block); /* NULL is fine */

/* Stores a vector, or takes over a block (not for DENSE), in place of what the slot had. */
void qd_vector_field_put_dense(qd_vector_field *field, size_t slot, const float *values);
void qd_vector_field_put_block(qd_vector_field *field, size_t slot, qd_vector_block *block);
/* Stores what _get gave once, as it is. 0 when out of memory. */
int qd_vector_field_restore(qd_vector_field *field, size_t slot, const qd_vector *vector);
void qd_vector_field_clear(qd_vector_field *field, size_t slot);
/* Adds to the postings what was put since. 0 when out of memory: what is left stays unposted. */
int qd_vector_field_post(qd_vector_field *field);
/* Marks the slots below n_slots that may have one of the indices, in words that are zero. */
void qd_vector_field_mark(
    const qd_vector_field *field, const uint32_t *indices, size_t n, size_t n_slots, uint64_t *is_marked);
/* Gives an empty slot the vector of another. */
void qd_vector_field_copy(qd_vector_field *field, size_t from, size_t to);

int qd_vector_field_has(const qd_vector_field *field, size_t slot);
/* Those slots of a run that have a vector. */
uint64_t qd_vector_field_run(const qd_vector_field *field, size_t run);
/* The slot's vector, which must be there; borrowed as long as the view of the slot. */
qd_vector qd_vector_field_get(const qd_vector_field *field, size_t slot);

/* Whether rows are stored with the length 1. */
int qd_vector_field_is_normalised(const qd_vector_field *field);

/* Writes floats as the field stores them. values and out may be the same. */
void qd_vector_field_convert(const qd_vector_field *field, const float *values, size_t n_rows, float *out);

#endif
