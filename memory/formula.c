#include "memory/formula.h"

#include "memory/expression.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_hits(const void *a, const void *b) {
  uint32_t left = ((const qd_hit *)a)->slot;
  uint32_t right = ((const qd_hit *)b)->slot;
  return (left > right) - (left < right);
}

/* What each prefetch found, by slot. NULL when out of memory. */
static qd_hits *sort_by_slot(qd_job *job, const qd_source *source) {
  qd_hits *lists = qd_arena_alloc(job->arena, source->n_prefetches * sizeof *lists);
  for (size_t i = 0; lists != NULL && i < source->n_prefetches; i++) {
    const qd_hits *hits = &source->prefetches[i].hits;
    lists[i] = (qd_hits){qd_arena_alloc(job->arena, (hits->n + 1) * sizeof *hits->items), hits->n};
    if (lists[i].items == NULL)
      return NULL;
    if (hits->n > 0)
      memcpy(lists[i].items, hits->items, hits->n * sizeof *hits->items);
    qsort(lists[i].items, hits->n, sizeof *hits->items, compare_hits);
  }
  return lists;
}

static void find_scores(const qd_hits *lists, size_t n, uint32_t slot, const float **scores) {
  qd_hit key = {0, slot};
  for (size_t i = 0; i < n; i++) {
    const qd_hit *hit = lists[i].n > 0 ? bsearch(&key, lists[i].items, lists[i].n, sizeof key, compare_hits) : NULL;
    scores[i] = hit != NULL ? &hit->score : NULL;
  }
}

static qdrant_status score_point(const qd_expression_point *point, const qd_formula *formula, float *score) {
  double value;
  qdrant_status status = qd_expression_evaluate(&formula->root, point, &value);
  if (status != QDRANT_OK)
    return status;
  *score = (float)value;
  if (isfinite(*score))
    return QDRANT_OK;
  return qd_expression_fail(point->job, (double)*score, "%.17g as f32", value);
}

static qdrant_status score_points(qd_expression_point *point, const qd_hits *lists, const float **scores,
    const uint32_t *slots, size_t n, const qd_source *source, qd_top *top) {
  point->scores = scores;
  point->n_scores = source->n_prefetches;
  for (size_t i = 0; i < n; i++) {
    qd_hit hit = {0, slots[i]};
    point->slot = slots[i];
    find_scores(lists, source->n_prefetches, slots[i], scores);
    qdrant_status status = score_point(point, source->formula, &hit.score);
    if (status == QDRANT_OK)
      status = qd_job_check_deadline(point->job, i);
    if (status != QDRANT_OK)
      return status;
    int is_good = !source->has_threshold || hit.score >= source->threshold;
    if (is_good && qd_top_takes(top, hit))
      qd_top_add(top, hit);
  }
  return QDRANT_OK;
}

qdrant_status qd_formula_rescore(qd_job *job, const qd_view *view, const uint32_t *slots, size_t n, qd_source *source) {
  qd_top top;
  qd_expression_point point = {.job = job, .view = view};
  const float **scores = qd_arena_alloc(job->arena, (source->n_prefetches + 1) * sizeof *scores);
  qd_hits *lists = sort_by_slot(job, source);
  size_t wanted = source->limit < n ? (size_t)source->limit : n;
  if (lists == NULL || scores == NULL || !qd_top_init(&top, wanted, view, job->arena))
    return qd_job_fail_memory(job);
  qdrant_status status = score_points(&point, lists, scores, slots, n, source, &top);
  if (status != QDRANT_OK)
    return status;
  qd_top_sort(&top);
  source->hits = (qd_hits){top.hits, top.n};
  return QDRANT_OK;
}
