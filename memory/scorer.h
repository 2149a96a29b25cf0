#ifndef QD_SCORER_H
#define QD_SCORER_H

#include "memory/similarity.h"

/* How a point is scored that is asked for by several examples instead of one vector. Larger is better whatever the
 * distance, and the score is final. */
typedef enum qd_score_kind {
  QD_SCORE_BEST,     /* the nearest example decides: a negative one against the point */
  QD_SCORE_WEIGHTED, /* similarities times weights, added up */
  QD_SCORE_DISCOVER, /* the first vector is the target, pairs of a positive and a negative one follow */
  QD_SCORE_CONTEXT   /* pairs only */
} qd_score_kind;

typedef struct qd_scorer {
  qd_score_kind kind;
  const qd_vector *vectors; /* as qd_search_vector made them */
  size_t n;
  size_t n_positive;    /* BEST: of the first vectors; the others are negative */
  const float *weights; /* WEIGHTED: of each vector */
} qd_scorer;

float qd_scorer_score(const qd_scorer *scorer, const qd_vector_field *field, const qd_vector *stored);

#endif
