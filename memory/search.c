#include "memory/search.h"

#include "memory/idf.h"

#include <math.h>
#include <string.h>

static int is_smaller_better(const qd_vector_field *field) {
  return field->distance == QDRANT__DISTANCE__Euclid || field->distance == QDRANT__DISTANCE__Manhattan;
}

float qd_search_score(const qd_search *search, float score) {
  if (search->scorer != NULL || !is_smaller_better(search->field))
    return score + 0.0F;
  return search->field->distance == QDRANT__DISTANCE__Euclid ? sqrtf(fabsf(score)) : fabsf(score);
}

int qd_search_passes(const qd_vector_field *field, float score, float threshold) {
  return is_smaller_better(field) ? score < threshold : score > threshold;
}

int qd_search_vector(const qd_view *view, const qd_vector_field *field, const qd_vector *query, const qd_filter *corpus,
    qd_arena *arena, qd_vector *vector) {
  *vector = *query;
  vector->kind = field->kind;
  size_t n_values = field->kind == QDRANT_SPARSE ? query->n : query->n * field->dim;
  float *values = qd_arena_alloc(arena, (n_values > 0 ? n_values : 1) * sizeof *values);
  if (values == NULL)
    return 0;
  vector->values = values;
  if (field->kind != QDRANT_SPARSE) {
    qd_vector_field_convert(field, query->values, query->n, values);
    return 1;
  }
  if (n_values > 0)
    memcpy(values, query->values, n_values * sizeof *values);
  return field->modifier != QDRANT__MODIFIER__Idf || qd_idf_weigh(view, field, query, corpus, arena, values);
}
