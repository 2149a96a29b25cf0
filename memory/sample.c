#include "memory/sample.h"

#include "core/deadline.h"
#include "memory/siphash.h"

#include <string.h>

/* Numbers by chance: good enough to choose points by, and different in every request. */
typedef struct chance {
  qd_siphash_key key;
  uint64_t n_drawn;
} chance;

/* Below `limit`; what is left uneven is far too small to be seen. */
static size_t draw_below(chance *from, size_t limit) {
  uint64_t number = qd_siphash(from->key, &from->n_drawn, sizeof from->n_drawn);
  from->n_drawn++;
  return (size_t)(number % limit);
}

qdrant_status qd_sample(qd_job *job, const qd_view *view, const qd_filter *filter, const qd_vector_field *field,
    size_t limit, uint32_t **slots, size_t *n) {
  chance from = {.key = {(uint64_t)qd_now_ns(), (uint64_t)(uintptr_t)job}};
  size_t capacity = limit < view->n_points ? limit : view->n_points;
  size_t n_seen = 0;
  *n = 0;
  *slots = qd_arena_alloc(job->arena, (capacity + 1) * sizeof **slots);
  if (*slots == NULL)
    return qd_job_fail_memory(job);
  for (uint32_t slot = 0; slot < view->n_slots && capacity > 0; slot++) {
    qdrant_status status = qd_job_check_deadline(job, slot);
    if (status != QDRANT_OK)
      return status;
    if (!qd_view_has(view, slot) || (field != NULL && !qd_vector_field_has(field, slot)) ||
        !qd_view_matches(view, slot, filter))
      continue;
    /* The k-th point takes a place with the chance capacity / k, from one that is drawn. */
    size_t at = *n < capacity ? (*n)++ : draw_below(&from, n_seen + 1);
    n_seen++;
    if (at < capacity)
      (*slots)[at] = slot;
  }
  return QDRANT_OK;
}
