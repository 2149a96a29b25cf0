#ifndef QD_TEST_POINTS_MODEL_H
#define QD_TEST_POINTS_MODEL_H

#include "core/points_encode.h"
#include "qdrant/pb/points.pb-c.h"
#include "qdrant/search.h"

/* The same requests as the encoders make, built the long way: as messages, in arena. */

/* Points [first, first + n) of the batch. */
Qdrant__UpsertPoints *model_upsert(const qd_points_request *request, size_t first, size_t n, qd_arena *arena);

/* Queries [first, first + n) of the batch. */
Qdrant__QueryBatchPoints *model_queries(
    const char *collection, const qdrant_query_batch *queries, size_t first, size_t n, qd_arena *arena);

/* A message of any type, with its default values. */
void *model_new(qd_arena *arena, const ProtobufCMessageDescriptor *type);

#define MODEL_NEW(arena, type) model_new((arena), &qdrant__##type##__descriptor)

Qdrant__PointId *model_id(qd_arena *arena, const qdrant_point_id *id);

/* The content of a row, whatever kind its column has; the two others stay NULL. */
typedef struct model_vector {
  Qdrant__DenseVector *dense;
  Qdrant__SparseVector *sparse;
  Qdrant__MultiDenseVector *multi;
} model_vector;

model_vector model_row(const qdrant_vector_column *column, size_t row, qd_arena *arena);

#endif
