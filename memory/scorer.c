#include "memory/scorer.h"

#include <float.h>
#include <math.h>

/* Sparse vectors without a common index are at similarity 0 here, where in a plain search they are no hits. */
static float similarity_to(const qd_scorer *scorer, size_t at, const qd_vector_field *field, const qd_vector *stored) {
  size_t n_common;
  return qd_similarity(field, &scorer->vectors[at], stored, &n_common);
}

static float fast_sigmoid(float x) {
  return isfinite(x) ? x / (1.0F + fabsf(x)) : x;
}

static float scaled_sigmoid(float x) {
  return 0.5F * (fast_sigmoid(x) + 1.0F);
}

static float best_of(
    const qd_scorer *scorer, size_t first, size_t end, const qd_vector_field *field, const qd_vector *stored) {
  float best = -INFINITY;
  for (size_t i = first; i < end; i++)
    best = fmaxf(best, similarity_to(scorer, i, field, stored));
  return best;
}

static float score_best(const qd_scorer *scorer, const qd_vector_field *field, const qd_vector *stored) {
  float positive = best_of(scorer, 0, scorer->n_positive, field, stored);
  float negative = best_of(scorer, scorer->n_positive, scorer->n, field, stored);
  return positive > negative ? scaled_sigmoid(positive) : -scaled_sigmoid(negative);
}

static float score_weighted(const qd_scorer *scorer, const qd_vector_field *field, const qd_vector *stored) {
  double sum = 0;
  for (size_t i = 0; i < scorer->n; i++)
    sum += (double)scorer->weights[i] * (double)similarity_to(scorer, i, field, stored);
  return (float)sum;
}

/* How many more pairs the point is on the positive side of than on the negative; the distance to the target decides
 * among points with the same number. */
static float score_discover(const qd_scorer *scorer, const qd_vector_field *field, const qd_vector *stored) {
  int rank = 0;
  for (size_t i = 1; i + 1 < scorer->n; i += 2) {
    float positive = similarity_to(scorer, i, field, stored);
    float negative = similarity_to(scorer, i + 1, field, stored);
    rank += (positive > negative) - (positive < negative);
  }
  return (float)rank + scaled_sigmoid(similarity_to(scorer, 0, field, stored));
}

/* What the point lacks to be on the positive side of every pair: 0 is best. */
static float score_context(const qd_scorer *scorer, const qd_vector_field *field, const qd_vector *stored) {
  float sum = 0;
  for (size_t i = 0; i + 1 < scorer->n; i += 2) {
    float difference = similarity_to(scorer, i, field, stored) - similarity_to(scorer, i + 1, field, stored);
    sum += fast_sigmoid(fminf(difference - FLT_EPSILON, 0.0F));
  }
  return sum;
}

float qd_scorer_score(const qd_scorer *scorer, const qd_vector_field *field, const qd_vector *stored) {
  switch (scorer->kind) {
  case QD_SCORE_BEST: return score_best(scorer, field, stored);
  case QD_SCORE_WEIGHTED: return score_weighted(scorer, field, stored);
  case QD_SCORE_DISCOVER: return score_discover(scorer, field, stored);
  default: return score_context(scorer, field, stored);
  }
}
