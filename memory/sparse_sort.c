#include "memory/sparse_sort.h"

#include <stdlib.h>

typedef struct weight {
  uint32_t index;
  float value;
} weight;

static int compare_weights(const void *a, const void *b) {
  uint32_t left = ((const weight *)a)->index;
  uint32_t right = ((const weight *)b)->index;
  return (left > right) - (left < right);
}

int qd_sparse_sort(uint32_t *indices, float *values, size_t n, qd_arena *arena) {
  weight *weights = qd_arena_alloc(arena, (n + 1) * sizeof *weights);
  if (weights == NULL)
    return 0;
  for (size_t i = 0; i < n; i++)
    weights[i] = (weight){indices[i], values[i]};
  qsort(weights, n, sizeof *weights, compare_weights);
  for (size_t i = 0; i < n; i++) {
    indices[i] = weights[i].index;
    values[i] = weights[i].value;
  }
  return 1;
}
