#ifndef QD_TORTURE_H
#define QD_TORTURE_H

#include "qdrant/error.h"

#include <stddef.h>

/* One run of what is tortured: from nothing to everything freed again. Answers the status of the thing under test. */
typedef qdrant_status (*torture_body)(void *user);

/* Runs body with no allocation failing, then with the first, the second, … failing alone, then with every one from the
 * first, the second, … on failing, until a run meets no failure. Each run that met one must answer NO_MEMORY, every
 * other OK; anything else fails the cmocka test. With AddressSanitizer memory left behind fails it too. One thread at a
 * time: the hook counts allocations of the whole process. */
void torture(torture_body body, void *user);

/* The same for functions that may do without the memory (a cache that stays empty, say): a run that met a failure may
 * answer OK as well. */
void torture_lenient(torture_body body, void *user);

/* Lets `n_allowed` allocations through and fails `n_failing` after them, until torture_stop. */
void torture_start(size_t n_allowed, size_t n_failing);
/* How many allocations there were since torture_start. */
size_t torture_n_allocations(void);
/* Takes the hook away and answers how many allocations failed. */
size_t torture_stop(void);

#endif
