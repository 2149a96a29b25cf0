#ifndef QD_ALLOC_H
#define QD_ALLOC_H

#include <stddef.h>

/* Every allocation of the library's own goes through here, so that tests can fail each in turn (malloc(3) cannot be
 * wrapped inside a shared library). NULL when out of memory. */
void *qd_alloc(size_t n_bytes);
void *qd_zalloc(size_t n_bytes);                /* zeroed */
void *qd_alloc_array(size_t n, size_t n_bytes); /* NULL as well when n * n_bytes overflows */
void *qd_realloc(void *block, size_t n_bytes);
char *qd_strdup(const char *text);
char *qd_strndup(const char *text, size_t n_bytes);
void qd_free(void *block); /* NULL is fine */

/* Test hook: asked before each allocation, with the number of bytes; answers 0 to make it fail. NULL takes it away. Not
 * thread-safe against allocations that are under way. */
typedef int (*qd_alloc_hook)(void *user, size_t n_bytes);
void qd_alloc_set_hook(qd_alloc_hook hook, void *user);

#endif
