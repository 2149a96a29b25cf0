#ifndef QD_BUILD_H
#define QD_BUILD_H

#include "qdrant/build.h"

/* What the builders share; each gives NULL when out of memory or when what it is given is NULL. */

/* An array of id messages. */
Qdrant__PointId **qd_build_ids(qdrant_arena *arena, const qdrant_point_id *ids, size_t n);

/* A dense vector over floats that stay the caller's. */
Qdrant__DenseVector *qd_build_dense(qdrant_arena *arena, const float *values, size_t n);
Qdrant__SparseVector *qd_build_sparse(qdrant_arena *arena, const uint32_t *indices, const float *values, size_t n);

#endif
