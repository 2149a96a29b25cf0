#include "memory/idf.h"

#include <math.h>

/* Adds 1 to the count of each of the query's indices that a stored vector has; both ascend. */
static void count_common(const qd_vector *query, const qd_vector *stored, uint32_t *counts) {
  size_t i = 0;
  size_t j = 0;
  while (i < query->n && j < stored->n) {
    counts[i] += query->indices[i] == stored->indices[j];
    size_t is_query_behind = query->indices[i] <= stored->indices[j];
    size_t is_stored_behind = stored->indices[j] <= query->indices[i];
    i += is_query_behind;
    j += is_stored_behind;
  }
}

/* A vector without weights is not in the server's index and does not count. */
int qd_idf_weigh(const qd_view *view, const qd_vector_field *field, const qd_vector *query, const qd_filter *corpus,
    qd_arena *arena, float *values) {
  uint32_t *counts = qd_arena_zalloc(arena, (query->n + 1) * sizeof *counts);
  size_t n_vectors = 0;
  if (counts == NULL)
    return 0;
  for (uint32_t slot = 0; slot < view->n_slots; slot++) {
    if (!qd_view_has(view, slot) || !qd_vector_field_has(field, slot) || !qd_view_matches(view, slot, corpus))
      continue;
    qd_vector stored = qd_vector_field_get(field, slot);
    count_common(query, &stored, counts);
    n_vectors += stored.n > 0; /* vectors without weights are not in a server's index */
  }
  for (size_t i = 0; i < query->n; i++)
    values[i] *= logf(((float)(n_vectors - counts[i]) + 0.5F) / ((float)counts[i] + 0.5F) + 1.0F);
  return 1;
}
