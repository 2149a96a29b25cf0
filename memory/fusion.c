#include "memory/fusion.h"

#include <math.h>
#include <stdlib.h>

/* What one source gives to one point. */
typedef struct share {
  uint32_t slot;
  float score;
  size_t source; /* shares are added up in the order of the sources, as on the server */
} share;

static int compare_shares(const void *a, const void *b) {
  const share *left = a;
  const share *right = b;
  if (left->slot != right->slot)
    return left->slot < right->slot ? -1 : 1;
  return (left->source > right->source) - (left->source < right->source);
}

/* Reciprocal rank; a weight stretches the ranks. */
static float score_rank(size_t rank, uint32_t k, float weight) {
  if (!(weight > 0))
    return 0;
  return 1.0F / ((float)(rank + 1) / weight + (float)k - 1.0F);
}

static void share_by_rank(const qd_source *source, size_t at, share *shares) {
  const qd_hits *hits = &source->prefetches[at].hits;
  float weight = source->rrf.weights != NULL ? source->rrf.weights[at] : 1.0F;
  for (size_t i = 0; i < hits->n; i++)
    shares[i] = (share){hits->items[i].slot, score_rank(i, source->rrf.k, weight), at};
}

/* Mean and deviation of the scores as the server has them: in one pass over floats. */
static void measure(const qd_hits *hits, float *mean, float *deviation) {
  float sum = 0;
  *mean = 0;
  for (size_t i = 0; i < hits->n; i++) {
    float before = hits->items[i].score - *mean;
    *mean += before / (float)(i + 1);
    sum += before * (hits->items[i].score - *mean);
  }
  *deviation = hits->n > 1 ? sqrtf(sum / ((float)hits->n - 1.0F)) : 0;
}

/* Scores relative to three deviations around their mean. */
static void share_by_distribution(const qd_source *source, size_t at, share *shares) {
  const qd_hits *hits = &source->prefetches[at].hits;
  float mean;
  float deviation;
  measure(hits, &mean, &deviation);
  float min = mean - 3.0F * deviation;
  float max = mean + 3.0F * deviation;
  int is_flat = hits->n < 2 || min == max;
  for (size_t i = 0; i < hits->n; i++) {
    float score = is_flat ? 0.5F : (hits->items[i].score - min) / (max - min);
    shares[i] = (share){hits->items[i].slot, score, at};
  }
}

static size_t gather_shares(const qd_source *source, share *shares) {
  size_t n = 0;
  for (size_t i = 0; i < source->n_prefetches; i++) {
    if (source->kind == QD_SOURCE_RRF)
      share_by_rank(source, i, shares + n);
    else
      share_by_distribution(source, i, shares + n);
    n += source->prefetches[i].hits.n;
  }
  qsort(shares, n, sizeof *shares, compare_shares);
  return n;
}

static void add_up(const share *shares, size_t n, const qd_source *source, qd_top *top) {
  for (size_t i = 0; i < n;) {
    qd_hit hit = {0, shares[i].slot};
    for (; i < n && shares[i].slot == hit.slot; i++)
      hit.score += shares[i].score;
    int is_good = !source->has_threshold || hit.score >= source->threshold;
    if (is_good && qd_top_takes(top, hit))
      qd_top_add(top, hit);
  }
}

qdrant_status qd_fuse(qd_job *job, const qd_view *view, qd_source *source) {
  size_t capacity = 0;
  for (size_t i = 0; i < source->n_prefetches; i++)
    capacity += source->prefetches[i].hits.n;
  share *shares = qd_arena_alloc(job->arena, (capacity + 1) * sizeof *shares);
  qd_top top;
  size_t wanted = source->limit < capacity ? (size_t)source->limit : capacity;
  if (shares == NULL || !qd_top_init(&top, wanted, view, job->arena))
    return qd_job_fail_memory(job);
  add_up(shares, gather_shares(source, shares), source, &top);
  qd_top_sort(&top);
  source->hits = (qd_hits){top.hits, top.n};
  return QDRANT_OK;
}
