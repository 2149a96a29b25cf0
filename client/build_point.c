/* Vectors, points, queries and collections. */
#include "client/build.h"
#include "core/arena.h"

/* protobuf-c has no const in its messages; they are only read. */
static float *borrow_floats(const float *values) {
  union {
    const float *borrowed;
    float *field;
  } pointer = {values};
  return pointer.field;
}

static uint32_t *borrow_indices(const uint32_t *indices) {
  union {
    const uint32_t *borrowed;
    uint32_t *field;
  } pointer = {indices};
  return pointer.field;
}

Qdrant__DenseVector *qd_build_dense(qdrant_arena *arena, const float *values, size_t n) {
  Qdrant__DenseVector *dense = values != NULL || n == 0 ? QDRANT_NEW(arena, dense_vector) : NULL;
  if (dense == NULL)
    return NULL;
  dense->data = borrow_floats(values);
  dense->n_data = n;
  return dense;
}

Qdrant__SparseVector *qd_build_sparse(qdrant_arena *arena, const uint32_t *indices, const float *values, size_t n) {
  Qdrant__SparseVector *sparse =
      (indices != NULL && values != NULL) || n == 0 ? QDRANT_NEW(arena, sparse_vector) : NULL;
  if (sparse == NULL)
    return NULL;
  sparse->indices = borrow_indices(indices);
  sparse->n_indices = n;
  sparse->values = borrow_floats(values);
  sparse->n_values = n;
  return sparse;
}

Qdrant__Vector *qdrant_vector_dense(qdrant_arena *arena, const float *values, size_t n) {
  Qdrant__Vector *vector = QDRANT_NEW(arena, vector);
  Qdrant__DenseVector *dense = qd_build_dense(arena, values, n);
  if (vector == NULL || dense == NULL)
    return NULL;
  vector->vector_case = QDRANT__VECTOR__VECTOR_DENSE;
  vector->dense = dense;
  return vector;
}

Qdrant__Vector *qdrant_vector_sparse(qdrant_arena *arena, const uint32_t *indices, const float *values, size_t n) {
  Qdrant__Vector *vector = QDRANT_NEW(arena, vector);
  Qdrant__SparseVector *sparse = qd_build_sparse(arena, indices, values, n);
  if (vector == NULL || sparse == NULL)
    return NULL;
  vector->vector_case = QDRANT__VECTOR__VECTOR_SPARSE;
  vector->sparse = sparse;
  return vector;
}

static int add_rows(
    qdrant_arena *arena, Qdrant__MultiDenseVector *multi, const float *rows, size_t n_rows, size_t dim) {
  for (size_t i = 0; i < n_rows; i++)
    if (!QDRANT_APPEND(arena, multi, vectors, qd_build_dense(arena, rows + i * dim, dim)))
      return 0;
  return 1;
}

Qdrant__Vector *qdrant_vector_multi(qdrant_arena *arena, const float *rows, size_t n_rows, size_t dim) {
  Qdrant__Vector *vector = QDRANT_NEW(arena, vector);
  Qdrant__MultiDenseVector *multi = rows != NULL || n_rows == 0 ? QDRANT_NEW(arena, multi_dense_vector) : NULL;
  if (vector == NULL || multi == NULL || !add_rows(arena, multi, rows, n_rows, dim))
    return NULL;
  vector->vector_case = QDRANT__VECTOR__VECTOR_MULTI_DENSE;
  vector->multi_dense = multi;
  return vector;
}

Qdrant__Vectors *qdrant_vectors_dense(qdrant_arena *arena, const float *values, size_t n) {
  Qdrant__Vectors *vectors = QDRANT_NEW(arena, vectors);
  Qdrant__Vector *vector = qdrant_vector_dense(arena, values, n);
  if (vectors == NULL || vector == NULL)
    return NULL;
  vectors->vectors_options_case = QDRANT__VECTORS__VECTORS_OPTIONS_VECTOR;
  vectors->vector = vector;
  return vectors;
}

Qdrant__Vectors *qdrant_vectors_named(qdrant_arena *arena) {
  Qdrant__Vectors *vectors = QDRANT_NEW(arena, vectors);
  Qdrant__NamedVectors *named = QDRANT_NEW(arena, named_vectors);
  if (vectors == NULL || named == NULL)
    return NULL;
  vectors->vectors_options_case = QDRANT__VECTORS__VECTORS_OPTIONS_VECTORS;
  vectors->vectors = named;
  return vectors;
}

int qdrant_vectors_add(qdrant_arena *arena, Qdrant__Vectors *vectors, const char *name, Qdrant__Vector *vector) {
  if (vectors == NULL || vector == NULL || vectors->vectors_options_case != QDRANT__VECTORS__VECTORS_OPTIONS_VECTORS)
    return 0;
  Qdrant__NamedVectors__VectorsEntry *entry = QDRANT_NEW(arena, named_vectors__vectors_entry);
  char *key = qdrant_arena_strdup(arena, name);
  if (entry == NULL || key == NULL)
    return 0;
  entry->key = key;
  entry->value = vector;
  return QDRANT_APPEND(arena, vectors->vectors, vectors, entry);
}

Qdrant__PointStruct *qdrant_point(qdrant_arena *arena, Qdrant__PointId *id, Qdrant__Vectors *vectors) {
  Qdrant__PointStruct *point = id != NULL && vectors != NULL ? QDRANT_NEW(arena, point_struct) : NULL;
  if (point == NULL)
    return NULL;
  point->id = id;
  point->vectors = vectors;
  return point;
}

static Qdrant__Query *new_query(qdrant_arena *arena, Qdrant__VectorInput__VariantCase variant) {
  Qdrant__Query *query = QDRANT_NEW(arena, query);
  Qdrant__VectorInput *input = QDRANT_NEW(arena, vector_input);
  if (query == NULL || input == NULL)
    return NULL;
  query->variant_case = QDRANT__QUERY__VARIANT_NEAREST;
  query->nearest = input;
  input->variant_case = variant;
  return query;
}

Qdrant__Query *qdrant_query_dense(qdrant_arena *arena, const float *values, size_t n) {
  Qdrant__Query *query = new_query(arena, QDRANT__VECTOR_INPUT__VARIANT_DENSE);
  Qdrant__DenseVector *dense = qd_build_dense(arena, values, n);
  if (query == NULL || dense == NULL)
    return NULL;
  query->nearest->dense = dense;
  return query;
}

Qdrant__Query *qdrant_query_sparse(qdrant_arena *arena, const uint32_t *indices, const float *values, size_t n) {
  Qdrant__Query *query = new_query(arena, QDRANT__VECTOR_INPUT__VARIANT_SPARSE);
  Qdrant__SparseVector *sparse = qd_build_sparse(arena, indices, values, n);
  if (query == NULL || sparse == NULL)
    return NULL;
  query->nearest->sparse = sparse;
  return query;
}

Qdrant__Query *qdrant_query_id(qdrant_arena *arena, Qdrant__PointId *id) {
  Qdrant__Query *query = id != NULL ? new_query(arena, QDRANT__VECTOR_INPUT__VARIANT_ID) : NULL;
  if (query != NULL)
    query->nearest->id = id;
  return query;
}

Qdrant__CreateCollection *qdrant_create_dense(
    qdrant_arena *arena, const char *collection, uint64_t dim, Qdrant__Distance distance) {
  Qdrant__CreateCollection *create = QDRANT_NEW(arena, create_collection);
  Qdrant__VectorsConfig *config = QDRANT_NEW(arena, vectors_config);
  Qdrant__VectorParams *params = QDRANT_NEW(arena, vector_params);
  char *name = qdrant_arena_strdup(arena, collection);
  if (create == NULL || config == NULL || params == NULL || name == NULL)
    return NULL;
  QDRANT_SET(params, size, dim);
  QDRANT_SET(params, distance, distance);
  config->config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS;
  config->params = params;
  create->collection_name = name;
  create->vectors_config = config;
  return create;
}
