#ifndef QD_MMR_H
#define QD_MMR_H

#include "memory/source.h"

/* Maximal marginal relevance: picks up to the source's limit of its hits, each near the query and far from those picked
 * before it, and keeps their scores. The source's search tells field and query. NO_MEMORY, DEADLINE_EXCEEDED. */
qdrant_status qd_mmr_pick(qd_job *job, qd_source *source);

#endif
