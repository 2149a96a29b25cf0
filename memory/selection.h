#ifndef QD_SELECTION_H
#define QD_SELECTION_H

#include "memory/job.h"

/* The points a write is about: those with the ids, or those that match the filter. */
typedef struct qd_selection {
  int has_filter;
  const qd_filter *filter;
  const qd_id *ids;
  size_t n_ids;
} qd_selection;

/* Reads a selector; missing is the server's text for a request without one. */
qdrant_status qd_selection_read(
    qd_job *job, const Qdrant__PointsSelector *selector, const char *missing, qd_selection *selection);

int qd_selection_is_empty(const qd_selection *selection); /* ids, but none */

/* The points found, each once. */
typedef struct qd_slots {
  uint32_t *items;
  size_t n;
  const qd_id *missing; /* the first id without a point, or NULL */
} qd_slots;

/* Finds the selected points. slots lie in the job's arena. NO_MEMORY. */
qdrant_status qd_selection_find(qd_job *job, const qd_selection *selection, const qd_view *view, qd_slots *slots);

/* NOT_FOUND in the server's words. */
qdrant_status qd_selection_fail_missing(const qd_id *id, qdrant_error *err);

#endif
