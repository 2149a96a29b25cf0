#ifndef QD_HELPERS_H
#define QD_HELPERS_H

#include <stddef.h>

/* A few threads that help callers whose work falls into pieces. They begin when there is work for them and stay.
 * Thread-safe. */
typedef struct qd_helpers qd_helpers;

qd_helpers *qd_helpers_new(size_t max_threads); /* NULL when out of memory */
/* Ends the threads; nobody is inside. In a forked child, which does not have them, only frees memory. */
void qd_helpers_free(qd_helpers *helpers);

/* How many threads may work at once, the caller's among them. helpers may be NULL: 1. */
size_t qd_helpers_width(const qd_helpers *helpers);

/* Calls work(user, piece) once for every piece below n_pieces, in this thread and in helpers that have nothing else to
 * do, and returns when all are done. */
void qd_helpers_run(qd_helpers *helpers, size_t n_pieces, void (*work)(void *user, size_t piece), void *user);

#endif
