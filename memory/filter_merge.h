#ifndef QD_FILTER_MERGE_H
#define QD_FILTER_MERGE_H

#include "memory/job.h"

/* The filter that the server makes of two: their lists are put together, so that the `should` of one is an alternative
 * to that of the other. Either may be NULL; what comes out borrows from both. NO_MEMORY. */
qdrant_status qd_filter_merge(
    qd_job *job, const Qdrant__Filter *outer, const Qdrant__Filter *inner, const Qdrant__Filter **merged);

/* Filters that leave out, or leave only, the points of n ids, which are borrowed. NULL when out of memory. */
Qdrant__Filter *qd_filter_without_ids(qd_job *job, Qdrant__PointId **ids, size_t n);
Qdrant__Filter *qd_filter_of_ids(qd_job *job, Qdrant__PointId **ids, size_t n);

#endif
