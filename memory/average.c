#include "memory/average.h"

#include "memory/sparse_sort.h"

/* How much an example's floats count for. */
static float share_of(size_t at, size_t n, size_t n_positive) {
  if (at >= n_positive)
    return -1.0F / (float)(n - n_positive);
  return (n > n_positive ? 2.0F : 1.0F) / (float)n_positive;
}

static int average_dense(const qd_example *examples, size_t n, size_t n_positive, qd_arena *arena, qd_vector *average) {
  size_t dim = examples[0].vector.dim;
  float *values = qd_arena_zalloc(arena, dim * sizeof *values);
  if (values == NULL)
    return 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < dim; j++)
      values[j] += share_of(i, n, n_positive) * examples[i].vector.values[j];
  *average = (qd_vector){.kind = QDRANT_DENSE, .n = 1, .dim = dim, .values = values};
  return 1;
}

static int gather_rows(const qd_example *examples, size_t n, size_t n_positive, qd_arena *arena, qd_vector *average) {
  size_t dim = examples[0].vector.dim;
  size_t n_rows = 0;
  for (size_t i = 0; i < n; i++)
    n_rows += examples[i].vector.n;
  float *values = qd_arena_alloc(arena, n_rows * dim * sizeof *values);
  if (values == NULL)
    return 0;
  *average = (qd_vector){.kind = QDRANT_MULTI, .n = n_rows, .dim = dim, .values = values};
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < examples[i].vector.n * dim; j++)
      *values++ = i < n_positive ? examples[i].vector.values[j] : -examples[i].vector.values[j];
  return 1;
}

/* The weights of all examples, each by its share. 0 when out of memory. */
static int gather_weights(const qd_example *examples, size_t n, size_t n_positive, size_t n_weights, qd_arena *arena,
    uint32_t **indices, float **values) {
  *indices = qd_arena_alloc(arena, (n_weights + 1) * sizeof **indices);
  *values = qd_arena_alloc(arena, (n_weights + 1) * sizeof **values);
  if (*indices == NULL || *values == NULL)
    return 0;
  size_t at = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < examples[i].vector.n; j++) {
      (*indices)[at] = examples[i].vector.indices[j];
      (*values)[at++] = share_of(i, n, n_positive) * examples[i].vector.values[j];
    }
  return 1;
}

/* Adds up the values of equal indices, which stand together; returns how many different ones there are. */
static size_t add_up(uint32_t *indices, float *values, size_t n) {
  size_t n_different = 0;
  for (size_t i = 0; i < n; i++) {
    if (n_different > 0 && indices[n_different - 1] == indices[i]) {
      values[n_different - 1] += values[i];
      continue;
    }
    indices[n_different] = indices[i];
    values[n_different++] = values[i];
  }
  return n_different;
}

static int average_sparse(
    const qd_example *examples, size_t n, size_t n_positive, qd_arena *arena, qd_vector *average) {
  size_t n_weights = 0;
  uint32_t *indices;
  float *values;
  for (size_t i = 0; i < n; i++)
    n_weights += examples[i].vector.n;
  if (!gather_weights(examples, n, n_positive, n_weights, arena, &indices, &values) ||
      !qd_sparse_sort(indices, values, n_weights, arena))
    return 0;
  *average = (qd_vector){.kind = QDRANT_SPARSE, .values = values, .indices = indices};
  average->n = add_up(indices, values, n_weights);
  return 1;
}

int qd_average(const qd_vector_field *field, const qd_example *examples, size_t n, size_t n_positive, qd_arena *arena,
    qd_vector *average) {
  switch (field->kind) {
  case QDRANT_SPARSE: return average_sparse(examples, n, n_positive, arena, average);
  case QDRANT_MULTI: return gather_rows(examples, n, n_positive, arena, average);
  default: return average_dense(examples, n, n_positive, arena, average);
  }
}
