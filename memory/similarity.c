#include "memory/similarity.h"

#include "memory/distance.h"

#include <math.h>

/* Of rows that are not normalised. */
static float cosine(const float *a, const float *b, size_t n) {
  const qd_distance_kernels *kernels = qd_distance_best();
  float squares = kernels->dot(a, a, n) * kernels->dot(b, b, n);
  return squares > 0 ? kernels->dot(a, b, n) / sqrtf(squares) : 0;
}

qd_metric qd_metric_of(const qd_vector_field *field) {
  const qd_distance_kernels *kernels = qd_distance_best();
  switch (field->distance) {
  case QDRANT__DISTANCE__Euclid: return (qd_metric){kernels->squared_euclid, -1.0F};
  case QDRANT__DISTANCE__Manhattan: return (qd_metric){kernels->manhattan, -1.0F};
  case QDRANT__DISTANCE__Cosine: return (qd_metric){qd_vector_field_is_normalised(field) ? kernels->dot : cosine, 1.0F};
  default: return (qd_metric){kernels->dot, 1.0F};
  }
}

/* MaxSim: for each row of the query the best row of the point, added up. A dense vector is one row. */
static float compare_rows(const qd_vector_field *field, const qd_vector *query, const qd_vector *stored) {
  qd_metric metric = qd_metric_of(field);
  float sum = 0;
  for (size_t i = 0; i < query->n; i++) {
    float best = -INFINITY;
    for (size_t j = 0; j < stored->n; j++) {
      float score =
          metric.sign * metric.kernel(query->values + i * field->dim, stored->values + j * field->dim, field->dim);
      best = score > best ? score : best;
    }
    sum += best;
  }
  return sum;
}

float qd_similarity(const qd_vector_field *field, const qd_vector *query, const qd_vector *stored, size_t *n_common) {
  if (field->kind == QDRANT_SPARSE)
    return qd_sparse_dot(query->indices, query->values, query->n, stored->indices, stored->values, stored->n, n_common);
  *n_common = 1;
  if (field->kind == QDRANT_MULTI)
    return compare_rows(field, query, stored);
  qd_metric metric = qd_metric_of(field);
  return metric.sign * metric.kernel(query->values, stored->values, field->dim);
}
