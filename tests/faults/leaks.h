#ifndef QD_TEST_LEAKS_H
#define QD_TEST_LEAKS_H

#include <stddef.h>

/* Open descriptors of this process. */
size_t count_descriptors(void);

/* Threads of this process, and those of the library, by their names. */
size_t count_threads(void);
size_t count_library_threads(void);

/* Resident memory, in KiB. */
size_t resident_kib(void);

/* Waits, for as long as would be a hang, until no thread of the library is left and no more than n_descriptors are
 * open; sockets and detached threads go a little after close. Answers what is too many, "" when all is well. */
const char *await_no_leaks(size_t n_descriptors);

#endif
