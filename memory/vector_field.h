#ifndef QD_VECTOR_FIELD_H
#define QD_VECTOR_FIELD_H

#include "qdrant/columns.h"
#include "qdrant/error.h"
#include "qdrant/pb/collections.pb-c.h"

/* A vector that lies somewhere else: in a request or in a field. */
typedef struct qd_vector {
  qdrant_vector_kind kind;
  size_t n;                /* DENSE: 1; MULTI: rows; SPARSE: weights */
  size_t dim;              /* DENSE, MULTI: floats in a row */
  const float *values;     /* n * dim floats; SPARSE: n weights */
  const uint32_t *indices; /* SPARSE: n, ascending */
} qd_vector;

/* A sparse or multi-vector in a field, in one block of memory; qd_free frees it. */
typedef struct qd_vector_block qd_vector_block;

/* One named vector of a collection, for all its slots. */
typedef struct qd_vector_field {
  char *name; /* owned; "" is the unnamed vector */
  qdrant_vector_kind kind;
  size_t dim; /* DENSE, MULTI */
  Qdrant__Distance distance;
  Qdrant__Datatype datatype;
  Qdrant__Modifier modifier;
  float *rows; /* DENSE: one matrix, slot s at rows + s * dim, as scoring reads it: normalised for cosine, rounded to
                  datatype */
  qd_vector_block **blocks; /* SPARSE, MULTI: of each slot, or NULL */
  uint8_t *is_present;      /* DENSE: of each slot */
} qd_vector_field;

/* INVALID_ARGUMENT or UNIMPLEMENTED for parameters that cannot be had, NO_MEMORY; the field then needs no freeing. */
qdrant_status qd_vector_field_init_dense(
    qd_vector_field *field, const char *name, const Qdrant__VectorParams *params, qdrant_error *err);
qdrant_status qd_vector_field_init_sparse(
    qd_vector_field *field, const char *name, const Qdrant__SparseVectorParams *params, qdrant_error *err);
/* n_slots: those that may hold a vector. */
void qd_vector_field_free(qd_vector_field *field, size_t n_slots);

/* Room for n_slots slots; those from n_used on become empty. 0 when out of memory; what is stored stays. */
int qd_vector_field_reserve(qd_vector_field *field, size_t n_used, size_t n_slots);

/* Whether the field takes such a vector, in the server's words. */
qdrant_status qd_vector_field_check(const qd_vector_field *field, const qd_vector *vector, qdrant_error *err);
/* Its dimension alone, in words that name the field: the server looks at it first when points are upserted. */
qdrant_status qd_vector_field_check_dimension(const qd_vector_field *field, const qd_vector *vector, qdrant_error *err);

/* A block with a copy of a SPARSE or MULTI vector as the field stores it. NULL when out of memory. */
qd_vector_block *qd_vector_block_new(const qd_vector_field *field, const qd_vector *vector);

/* Stores a vector, or takes over a block (not for DENSE); what the slot had is freed. */
void qd_vector_field_put_dense(qd_vector_field *field, size_t slot, const float *values);
void qd_vector_field_put_block(qd_vector_field *field, size_t slot, qd_vector_block *block);
void qd_vector_field_clear(qd_vector_field *field, size_t slot);

int qd_vector_field_has(const qd_vector_field *field, size_t slot);
/* The slot's vector, which must be there; borrowed until the next write. */
qd_vector qd_vector_field_get(const qd_vector_field *field, size_t slot);

/* Writes floats as the field stores them. values and out may be the same. */
void qd_vector_field_convert(const qd_vector_field *field, const float *values, size_t n_rows, float *out);

#endif
