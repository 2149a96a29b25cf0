#ifndef QD_SAMPLE_H
#define QD_SAMPLE_H

#include "memory/job.h"

/* At most `limit` points by chance, all equally likely, among those that match filter and, unless field is NULL, have
 * its vector; in no order. slots lie in the job's arena. DEADLINE_EXCEEDED, NO_MEMORY. */
qdrant_status qd_sample(qd_job *job, const qd_view *view, const qd_filter *filter, const qd_vector_field *field,
    size_t limit, uint32_t **slots, size_t *n);

#endif
