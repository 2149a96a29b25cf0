#ifndef QD_SIMILARITY_H
#define QD_SIMILARITY_H

#include "memory/vector_field.h"

/* How two dense rows of a field compare: sign * kernel, larger is better. */
typedef struct qd_metric {
  float (*kernel)(const float *a, const float *b, size_t n);
  float sign;
} qd_metric;

qd_metric qd_metric_of(const qd_vector_field *field);

/* How near a stored vector of the field is to a query that qd_search_vector made: larger is nearer for every distance.
 * *n_common says how many indices sparse vectors have in common; it is 1 for others. */
float qd_similarity(const qd_vector_field *field, const qd_vector *query, const qd_vector *stored, size_t *n_common);

#endif
