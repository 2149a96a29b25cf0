#ifndef QD_FUSION_H
#define QD_FUSION_H

#include "memory/source.h"

/* Puts together what the sources below an RRF or DBSF source found: the best of the points with what they get from each
 * added up. Fills the source's hits. NO_MEMORY. */
qdrant_status qd_fuse(qd_job *job, const qd_view *view, qd_source *source);

#endif
