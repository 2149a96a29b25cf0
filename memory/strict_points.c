#include "memory/strict.h"

#include "core/error.h"

#include <inttypes.h>
#include <string.h>

/* 0 when there is no limit for the name. */
static int find_rows_limit(const qd_strict *strict, const char *name, uint64_t *limit) {
  const Qdrant__StrictModeMultivectorConfig *config = strict->config->multivector_config;
  for (size_t i = 0; config != NULL && i < config->n_multivector_config; i++)
    if (strcmp(config->multivector_config[i]->key, name) == 0 && config->multivector_config[i]->value != NULL &&
        config->multivector_config[i]->value->has_max_vectors) {
      *limit = config->multivector_config[i]->value->max_vectors;
      return 1;
    }
  return 0;
}

static int find_weights_limit(const qd_strict *strict, const char *name, uint64_t *limit) {
  const Qdrant__StrictModeSparseConfig *config = strict->config->sparse_config;
  for (size_t i = 0; config != NULL && i < config->n_sparse_config; i++)
    if (strcmp(config->sparse_config[i]->key, name) == 0 && config->sparse_config[i]->value != NULL &&
        config->sparse_config[i]->value->has_max_length) {
      *limit = config->sparse_config[i]->value->max_length;
      return 1;
    }
  return 0;
}

/* Rows or weights of a vector, in its new form or the deprecated one; 0 for a dense one. */
static size_t n_rows(const Qdrant__Vector *vector) {
  if (vector->vector_case == QDRANT__VECTOR__VECTOR_MULTI_DENSE)
    return vector->multi_dense->n_vectors;
  return vector->vector_case == QDRANT__VECTOR__VECTOR__NOT_SET && vector->indices == NULL ? vector->vectors_count : 0;
}

static size_t n_weights(const Qdrant__Vector *vector) {
  if (vector->vector_case == QDRANT__VECTOR__VECTOR_SPARSE)
    return vector->sparse->n_indices;
  return vector->vector_case == QDRANT__VECTOR__VECTOR__NOT_SET && vector->indices != NULL ? vector->indices->n_data
                                                                                           : 0;
}

static qdrant_status check_vector(const qd_strict *strict, const char *name, const Qdrant__Vector *vector) {
  uint64_t limit;
  if (vector == NULL)
    return QDRANT_OK;
  if (find_rows_limit(strict, name, &limit) && n_rows(vector) > limit)
    return qd_fail(strict->err, QDRANT_INVALID_ARGUMENT,
        "Bad request: Multivector '%s' has a limit of %" PRIu64 " vectors, but %zu were provided!", name, limit,
        n_rows(vector));
  if (find_weights_limit(strict, name, &limit) && n_weights(vector) > limit)
    return qd_fail(strict->err, QDRANT_INVALID_ARGUMENT,
        "Bad request: Sparse vector '%s' has a limit of %" PRIu64 " indices, but %zu were provided!", name, limit,
        n_weights(vector));
  return QDRANT_OK;
}

static qdrant_status check_point(const qd_strict *strict, const Qdrant__Vectors *vectors) {
  if (vectors == NULL)
    return QDRANT_OK;
  if (vectors->vectors_options_case == QDRANT__VECTORS__VECTORS_OPTIONS_VECTOR)
    return check_vector(strict, "", vectors->vector);
  qdrant_status status = QDRANT_OK;
  if (vectors->vectors_options_case == QDRANT__VECTORS__VECTORS_OPTIONS_VECTORS)
    for (size_t i = 0; i < vectors->vectors->n_vectors && status == QDRANT_OK; i++)
      status = check_vector(strict, vectors->vectors->vectors[i]->key, vectors->vectors->vectors[i]->value);
  return status;
}

static qdrant_status check_size(const qd_strict *strict, size_t n, const char *name) {
  const Qdrant__StrictModeConfig *config = strict->config;
  qdrant_status status =
      qd_strict_check_limit(strict, config->has_upsert_max_batchsize, config->upsert_max_batchsize, n, name);
  if (status != QDRANT_OK || !config->has_max_points_count || strict->n_points < config->max_points_count)
    return status;
  return qd_fail(strict->err, QDRANT_INVALID_ARGUMENT, "Bad request: Max points count limit of %" PRIu64 " reached!",
      config->max_points_count);
}

qdrant_status qd_strict_check_upsert(const qd_strict *strict, const Qdrant__UpsertPoints *request) {
  qdrant_status status = check_size(strict, request->n_points, "upsert limit");
  for (size_t i = 0; i < request->n_points && status == QDRANT_OK; i++)
    status = check_point(strict, request->points[i]->vectors);
  return status;
}

qdrant_status qd_strict_check_vectors(const qd_strict *strict, const Qdrant__UpdatePointVectors *request) {
  qdrant_status status = check_size(strict, request->n_points, "update limit");
  for (size_t i = 0; i < request->n_points && status == QDRANT_OK; i++)
    status = check_point(strict, request->points[i]->vectors);
  return status;
}
