#ifndef QD_IDF_H
#define QD_IDF_H

#include "memory/view.h"

/* Multiplies each of a sparse query's values by how rare its index is among the field's vectors of the points that
 * match corpus, which may be NULL. values are query->n floats. 0 when out of memory. */
int qd_idf_weigh(const qd_view *view, const qd_vector_field *field, const qd_vector *query, const qd_filter *corpus,
    qd_arena *arena, float *values);

#endif
