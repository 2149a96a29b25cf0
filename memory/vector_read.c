#include "memory/vector_read.h"

#include "core/error.h"
#include "memory/inference.h"
#include "memory/sparse_sort.h"

#include <stdio.h>
#include <string.h>

/* The server's limit on the floats of one multi-vector. */
enum { MAX_MULTI_FLOATS = 1 << 20 };

/* The path of a vector as the server's validator spells it. */
static void place_text(const qd_vector_place *place, char *text, size_t n_bytes) {
  if (place->role == QD_VECTOR_QUERY)
    snprintf(text, n_bytes, "query.variant.variant");
  else
    snprintf(text, n_bytes, "points[%zu].vectors.vectors_options%s", place->point,
        place->role == QD_VECTOR_NAMED ? ".vectors.[]" : "");
}

static qdrant_status fail_place(
    const qd_vector_place *place, const char *member, const char *problem, qdrant_error *err) {
  char text[96];
  place_text(place, text, sizeof text);
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Validation error in body: [%s.%s: %s]", text, member, problem);
}

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a vector of the request");
}

/* An empty dense vector is no value; as a query its dimension will be wrong. */
static qdrant_status read_dense(
    const float *values, size_t n, const qd_vector_place *place, qd_vector *vector, qdrant_error *err) {
  *vector = (qd_vector){.kind = QDRANT_DENSE, .n = 1, .dim = n, .values = values};
  if (n > 0 || place->role == QD_VECTOR_QUERY)
    return QDRANT_OK;
  return qd_fail(err, QDRANT_INVALID_ARGUMENT,
      "Wrong input: points[%zu].vector.%svector: dense vector must not be empty", place->point,
      place->role == QD_VECTOR_NAMED ? "?." : "");
}

static int is_ascending(const uint32_t *indices, size_t n) {
  for (size_t i = 1; i < n; i++)
    if (indices[i - 1] >= indices[i])
      return 0;
  return 1;
}

static int sort_sparse(qd_vector *vector, qd_arena *arena) {
  uint32_t *indices = qd_arena_alloc(arena, vector->n * sizeof *indices);
  float *values = qd_arena_alloc(arena, vector->n * sizeof *values);
  if (indices == NULL || values == NULL)
    return 0;
  memcpy(indices, vector->indices, vector->n * sizeof *indices);
  memcpy(values, vector->values, vector->n * sizeof *values);
  vector->indices = indices;
  vector->values = values;
  return qd_sparse_sort(indices, values, vector->n, arena);
}

static qdrant_status read_sparse(const float *values, size_t n_values, const uint32_t *indices, size_t n_indices,
    const qd_vector_place *place, qd_arena *arena, qd_vector *vector, qdrant_error *err) {
  if (n_values != n_indices)
    return fail_place(place, "values", "Validation error: must be the same length as indices [{}]", err);
  if (n_indices > UINT32_MAX)
    return fail_place(place, "indices", "a sparse vector may have 4294967295 weights", err);
  *vector = (qd_vector){.kind = QDRANT_SPARSE, .n = n_values, .values = values, .indices = indices};
  if (is_ascending(indices, n_indices))
    return QDRANT_OK;
  if (!sort_sparse(vector, arena))
    return fail_memory(err);
  if (is_ascending(vector->indices, n_indices))
    return QDRANT_OK;
  return fail_place(place, "indices", "Validation error: must be unique [{}]", err);
}

static qdrant_status check_rows(const Qdrant__MultiDenseVector *rows, const qd_vector_place *place, qdrant_error *err) {
  if (rows->n_vectors == 0)
    return fail_place(place, "data", "multi vector must not be empty", err);
  size_t dim = rows->vectors[0]->n_data;
  size_t n_floats = 0;
  for (size_t i = 0; i < rows->n_vectors; i++) {
    if (rows->vectors[i]->n_data == 0)
      return fail_place(place, "data", "all vectors must be non-empty", err);
    n_floats += rows->vectors[i]->n_data;
  }
  char problem[112];
  if (n_floats >= MAX_MULTI_FLOATS) {
    snprintf(
        problem, sizeof problem, "Total size of all vectors (%zu) must be less than %d", n_floats, MAX_MULTI_FLOATS);
    return fail_place(place, "data", problem, err);
  }
  for (size_t i = 1; i < rows->n_vectors; i++)
    if (rows->vectors[i]->n_data != dim) {
      snprintf(problem, sizeof problem, "all vectors must have the same dimension, found vector with dimension %zu",
          rows->vectors[i]->n_data);
      return fail_place(place, "data", problem, err);
    }
  return QDRANT_OK;
}

static qdrant_status read_multi(const Qdrant__MultiDenseVector *rows, const qd_vector_place *place, qd_arena *arena,
    qd_vector *vector, qdrant_error *err) {
  qdrant_status status = check_rows(rows, place, err);
  if (status != QDRANT_OK)
    return status;
  size_t dim = rows->vectors[0]->n_data;
  float *values = qd_arena_alloc(arena, rows->n_vectors * dim * sizeof *values);
  if (values == NULL)
    return fail_memory(err);
  for (size_t i = 0; i < rows->n_vectors; i++)
    memcpy(values + i * dim, rows->vectors[i]->data, dim * sizeof *values);
  *vector = (qd_vector){.kind = QDRANT_MULTI, .n = rows->n_vectors, .dim = dim, .values = values};
  return QDRANT_OK;
}

/* The form before version 1.12: one list of floats, and what it means told by indices or a count of rows. */
static qdrant_status read_deprecated(const Qdrant__Vector *message, const qd_vector_place *place, qd_arena *arena,
    qd_vector *vector, qdrant_error *err) {
  if (message->indices != NULL && message->has_vectors_count)
    return fail_place(
        place, "indices", "Validation error: `indices` and `vectors_count` cannot be both specified [{}]", err);
  if (message->indices != NULL)
    return read_sparse(
        message->data, message->n_data, message->indices->data, message->indices->n_data, place, arena, vector, err);
  if (!message->has_vectors_count)
    return read_dense(message->data, message->n_data, place, vector, err);
  if (message->vectors_count == 0 || message->n_data == 0 || message->n_data % message->vectors_count != 0)
    return fail_place(place, "data", "Validation error: invalid dense vector length for vectors count [{}]", err);
  *vector = (qd_vector){.kind = QDRANT_MULTI,
      .n = message->vectors_count,
      .dim = message->n_data / message->vectors_count,
      .values = message->data};
  return QDRANT_OK;
}

qdrant_status qd_vector_read(const Qdrant__Vector *message, const qd_vector_place *place, qd_arena *arena,
    qd_vector *vector, qdrant_error *err) {
  switch (message->vector_case) {
  case QDRANT__VECTOR__VECTOR__NOT_SET: return read_deprecated(message, place, arena, vector, err);
  case QDRANT__VECTOR__VECTOR_DENSE:
    return read_dense(message->dense->data, message->dense->n_data, place, vector, err);
  case QDRANT__VECTOR__VECTOR_SPARSE:
    return read_sparse(message->sparse->values, message->sparse->n_values, message->sparse->indices,
        message->sparse->n_indices, place, arena, vector, err);
  case QDRANT__VECTOR__VECTOR_MULTI_DENSE: return read_multi(message->multi_dense, place, arena, vector, err);
  case QDRANT__VECTOR__VECTOR_DOCUMENT:
    return qd_inference_document(message->document, QD_TEXT_STORED, arena, vector, err);
  case QDRANT__VECTOR__VECTOR_IMAGE: return qd_inference_refuse(message->image->model, QD_TEXT_STORED, err);
  default: return qd_inference_refuse(message->object->model, QD_TEXT_STORED, err);
  }
}

qdrant_status qd_vector_input_read(
    const Qdrant__VectorInput *message, qd_arena *arena, qd_vector *vector, qdrant_error *err) {
  static const qd_vector_place place = {.role = QD_VECTOR_QUERY};
  switch (message->variant_case) {
  case QDRANT__VECTOR_INPUT__VARIANT_DENSE:
    return read_dense(message->dense->data, message->dense->n_data, &place, vector, err);
  case QDRANT__VECTOR_INPUT__VARIANT_SPARSE:
    return read_sparse(message->sparse->values, message->sparse->n_values, message->sparse->indices,
        message->sparse->n_indices, &place, arena, vector, err);
  case QDRANT__VECTOR_INPUT__VARIANT_MULTI_DENSE: return read_multi(message->multi_dense, &place, arena, vector, err);
  case QDRANT__VECTOR_INPUT__VARIANT__NOT_SET:
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "VectorInput variant is missing");
  case QDRANT__VECTOR_INPUT__VARIANT_DOCUMENT:
    return qd_inference_document(message->document, QD_TEXT_QUERY, arena, vector, err);
  case QDRANT__VECTOR_INPUT__VARIANT_IMAGE: return qd_inference_refuse(message->image->model, QD_TEXT_QUERY, err);
  default: return qd_inference_refuse(message->object->model, QD_TEXT_QUERY, err);
  }
}

qdrant_status qd_vector_query_read(const float *values, size_t n, const Qdrant__SparseIndices *indices, qd_arena *arena,
    qd_vector *vector, qdrant_error *err) {
  static const qd_vector_place place = {.role = QD_VECTOR_QUERY};
  if (indices != NULL)
    return read_sparse(values, n, indices->data, indices->n_data, &place, arena, vector, err);
  return read_dense(values, n, &place, vector, err);
}
