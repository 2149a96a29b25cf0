#ifndef QD_FORMULA_H
#define QD_FORMULA_H

#include "memory/source.h"

typedef struct qd_formula qd_formula;

/* Reads and checks a formula, which points into the message. INVALID_ARGUMENT in the server's words, NO_MEMORY. */
qdrant_status qd_formula_read(qd_job *job, const Qdrant__Formula *message, qd_formula **formula);

/* Scores the points in n slots, which the sources below found, by the source's formula and fills its hits.
 * INVALID_ARGUMENT when it has no value for one of them, NO_MEMORY. */
qdrant_status qd_formula_rescore(qd_job *job, const qd_view *view, const uint32_t *slots, size_t n, qd_source *source);

#endif
