#include "memory/average.h"

#include <stdlib.h>
#include <string.h>

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

typedef struct weight {
  uint32_t index;
  float value;
} weight;

static int compare_weights(const void *a, const void *b) {
  uint32_t left = ((const weight *)a)->index;
  uint32_t right = ((const weight *)b)->index;
  return (left > right) - (left < right);
}

static weight *gather_weights(
    const qd_example *examples, size_t n, size_t n_positive, qd_arena *arena, size_t *n_weights) {
  size_t n_all = 0;
  for (size_t i = 0; i < n; i++)
    n_all += examples[i].vector.n;
  weight *weights = qd_arena_alloc(arena, (n_all + 1) * sizeof *weights);
  *n_weights = 0;
  for (size_t i = 0; weights != NULL && i < n; i++)
    for (size_t j = 0; j < examples[i].vector.n; j++)
      weights[(*n_weights)++] =
          (weight){examples[i].vector.indices[j], share_of(i, n, n_positive) * examples[i].vector.values[j]};
  return weights;
}

static int average_sparse(
    const qd_example *examples, size_t n, size_t n_positive, qd_arena *arena, qd_vector *average) {
  size_t n_weights;
  weight *weights = gather_weights(examples, n, n_positive, arena, &n_weights);
  uint32_t *indices = qd_arena_alloc(arena, (n_weights + 1) * sizeof *indices);
  float *values = qd_arena_alloc(arena, (n_weights + 1) * sizeof *values);
  if (weights == NULL || indices == NULL || values == NULL)
    return 0;
  qsort(weights, n_weights, sizeof *weights, compare_weights);
  *average = (qd_vector){.kind = QDRANT_SPARSE, .values = values, .indices = indices};
  for (size_t i = 0; i < n_weights; i++) {
    if (average->n > 0 && indices[average->n - 1] == weights[i].index) {
      values[average->n - 1] += weights[i].value;
      continue;
    }
    indices[average->n] = weights[i].index;
    values[average->n++] = weights[i].value;
  }
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
