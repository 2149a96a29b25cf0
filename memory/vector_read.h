#ifndef QD_VECTOR_READ_H
#define QD_VECTOR_READ_H

#include "core/arena.h"
#include "memory/vector_field.h"
#include "qdrant/pb/points.pb-c.h"

/* Where in a request a vector stands, for the words of an error. */
typedef enum qd_vector_role { QD_VECTOR_UNNAMED, QD_VECTOR_NAMED, QD_VECTOR_QUERY } qd_vector_role;

typedef struct qd_vector_place {
  qd_vector_role role;
  size_t point; /* position in the request; not for QUERY */
} qd_vector_place;

/* Reads a vector of a request, in its new form or the deprecated one. It borrows from the message where it can, else
 * lies in arena. INVALID_ARGUMENT in the server's words; UNIMPLEMENTED for a text, image or object, which would need a
 * model. */
qdrant_status qd_vector_read(
    const Qdrant__Vector *message, const qd_vector_place *place, qd_arena *arena, qd_vector *vector, qdrant_error *err);

/* Likewise for a query's vector; an id is not for here. */
qdrant_status qd_vector_input_read(
    const Qdrant__VectorInput *message, qd_arena *arena, qd_vector *vector, qdrant_error *err);

/* Likewise from plain arrays: sparse when indices are given (n_indices counts them), else dense. */
qdrant_status qd_vector_query_read(const float *values, size_t n, const Qdrant__SparseIndices *indices, qd_arena *arena,
    qd_vector *vector, qdrant_error *err);

#endif
