#ifndef QD_RECOMMEND_POINTS_H
#define QD_RECOMMEND_POINTS_H

#include "memory/query.h"

/* The members that RecommendPoints and RecommendPointGroups have in common. */
typedef struct qd_recommend_message {
  size_t n_positive;
  Qdrant__PointId *const *positive;
  size_t n_negative;
  Qdrant__PointId *const *negative;
  size_t n_positive_vectors;
  Qdrant__Vector *const *positive_vectors;
  size_t n_negative_vectors;
  Qdrant__Vector *const *negative_vectors;
  int has_strategy;
  Qdrant__RecommendStrategy strategy;
  const char *using;
  const Qdrant__Filter *filter;
  const Qdrant__SearchParams *params;
  const Qdrant__LookupLocation *lookup;
  int has_threshold;
  float threshold;
  uint64_t limit;
} qd_recommend_message;

#define QD_RECOMMEND_MESSAGE(request)                                                                                  \
  &(qd_recommend_message) {                                                                                            \
    (request)->n_positive, (request)->positive, (request)->n_negative, (request)->negative,                            \
        (request)->n_positive_vectors, (request)->positive_vectors, (request)->n_negative_vectors,                     \
        (request)->negative_vectors, (request)->has_strategy, (request)->strategy, (request)->using_,                  \
        (request)->filter, (request)->params, (request)->lookup_from, (request)->has_score_threshold,                  \
        (request)->score_threshold, (request)->limit                                                                   \
  }

/* Reads what a deprecated recommendation asks for; the filters are not set yet. INVALID_ARGUMENT in the server's
 * words, NO_MEMORY. */
qdrant_status qd_recommend_read(qd_job *job, const qd_recommend_message *message, qd_source *source);

#endif
