#ifndef QD_SEARCH_POINTS_H
#define QD_SEARCH_POINTS_H

#include "memory/query.h"

/* The members that SearchPoints and SearchPointGroups have in common. */
typedef struct qd_search_message {
  const float *values;
  size_t n_values;
  const Qdrant__SparseIndices *indices;
  const char *using;
  const Qdrant__Filter *filter;
  const Qdrant__SearchParams *params;
  int has_threshold;
  float threshold;
  uint64_t limit;
} qd_search_message;

#define QD_SEARCH_MESSAGE(request)                                                                                     \
  &(qd_search_message) {                                                                                               \
    (request)->vector, (request)->n_vector, (request)->sparse_indices, (request)->vector_name, (request)->filter,      \
        (request)->params, (request)->has_score_threshold, (request)->score_threshold, (request)->limit                \
  }

/* Reads what a deprecated search asks for; the filters are not set yet. INVALID_ARGUMENT in the server's words,
 * NO_MEMORY. */
qdrant_status qd_search_points_read(qd_job *job, const qd_search_message *message, qd_source *source);

#endif
