#ifndef QD_AVERAGE_H
#define QD_AVERAGE_H

#include "memory/example.h"

/* The vector that positive and negative examples ask for together: twice the mean of the positive ones less the mean of
 * the negative ones; of multi-vectors the rows of all, with those of the negative ones negated. The first n_positive
 * examples, at least one, are positive, and all fit the field. 0 when out of memory. */
int qd_average(const qd_vector_field *field, const qd_example *examples, size_t n, size_t n_positive, qd_arena *arena,
    qd_vector *average);

#endif
