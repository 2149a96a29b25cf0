#ifndef QD_SCAN_H
#define QD_SCAN_H

#include "memory/search.h"

/* Looking at points for searches, in one thread. */

/* The runs of slots that a view has. */
size_t qd_scan_count_runs(const qd_view *view);

/* Shows the searches, all over one field and none with slots of its own, the points of some runs: each block of rows is
 * read from memory once for all of them. 0 when the deadline passed before the end. */
int qd_scan_runs(const qd_view *view, qd_search *const *searches, size_t n_searches, size_t first_run, size_t end_run,
    int64_t deadline_ns);

/* Shows a search its slots. Likewise. */
int qd_scan_slots(const qd_view *view, qd_search *search, int64_t deadline_ns);

#endif
