#include "memory/mmr.h"

/* A hit that may be picked. */
typedef struct candidate {
  qd_hit hit;
  qd_vector vector;
  float relevance;
  float nearest; /* to one that is picked */
} candidate;

static float compare(const qd_vector_field *field, const qd_vector *a, const qd_vector *b) {
  size_t n_common;
  return qd_similarity(field, a, b, &n_common);
}

static candidate *make_candidates(qd_job *job, const qd_search *search, const qd_hits *hits) {
  candidate *candidates = qd_arena_alloc(job->arena, hits->n * sizeof *candidates);
  for (size_t i = 0; candidates != NULL && i < hits->n; i++) {
    qd_vector vector = qd_vector_field_get(search->field, hits->items[i].slot);
    candidates[i] = (candidate){
        .hit = hits->items[i], .vector = vector, .relevance = compare(search->field, &search->vector, &vector)};
  }
  return candidates;
}

/* The last of the best, as on the server; the first pick is the most relevant one. */
static size_t find_best(const candidate *candidates, size_t n, float lambda, int is_first) {
  size_t best = 0;
  float best_score = 0;
  for (size_t i = 0; i < n; i++) {
    const candidate *one = &candidates[i];
    float score = is_first ? one->relevance : lambda * one->relevance - (1.0F - lambda) * one->nearest;
    if (i == 0 || score >= best_score) {
      best = i;
      best_score = score;
    }
  }
  return best;
}

static void move_near(
    const qd_vector_field *field, candidate *candidates, size_t n, const qd_vector *picked, int is_first) {
  for (size_t i = 0; i < n; i++) {
    float similarity = compare(field, &candidates[i].vector, picked);
    if (is_first || similarity > candidates[i].nearest)
      candidates[i].nearest = similarity;
  }
}

qdrant_status qd_mmr_pick(qd_job *job, qd_source *source) {
  const qd_vector_field *field = source->search->field;
  size_t n = source->hits.n;
  size_t wanted = source->limit < n ? (size_t)source->limit : n;
  if (n < 2) {
    source->hits.n = wanted;
    return QDRANT_OK;
  }
  candidate *candidates = make_candidates(job, source->search, &source->hits);
  if (candidates == NULL)
    return qd_job_fail_memory(job);
  for (size_t i = 0; i < wanted; i++) {
    qdrant_status status = qd_job_check_deadline(job, i);
    if (status != QDRANT_OK)
      return status;
    size_t best = find_best(candidates, n, source->mmr.lambda, i == 0);
    qd_vector picked = candidates[best].vector;
    source->hits.items[i] = candidates[best].hit;
    candidates[best] = candidates[--n];
    move_near(field, candidates, n, &picked, i == 0);
  }
  source->hits.n = wanted;
  return QDRANT_OK;
}
