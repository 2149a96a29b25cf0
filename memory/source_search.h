#ifndef QD_SOURCE_SEARCH_H
#define QD_SOURCE_SEARCH_H

#include "memory/source.h"

/* The part of running a source that compares vectors. */

int qd_source_compares_vectors(const qd_source *source);

/* Sets up the source's search, which is there: over all points, or only over the n slots. INVALID_ARGUMENT, NOT_FOUND,
 * NO_MEMORY. */
qdrant_status qd_source_prepare_search(
    qd_job *job, const qd_view *view, const uint32_t *slots, size_t n, qd_source *source);

/* Turns what the search found into the source's hits. */
qdrant_status qd_source_finish_search(qd_job *job, qd_source *source);

#endif
