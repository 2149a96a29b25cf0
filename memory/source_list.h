#ifndef QD_SOURCE_LIST_H
#define QD_SOURCE_LIST_H

#include "memory/source.h"

/* The part of running a source that lists points instead of scoring them: by id, by a payload value, at random. All
 * have the score 1. slots is NULL for a leaf, else the n points that it may list. */
qdrant_status qd_source_list(qd_job *job, const qd_reader *reader, const uint32_t *slots, size_t n, qd_source *source);

#endif
