#ifndef QD_JSON_STRING_H
#define QD_JSON_STRING_H

#include "core/arena.h"

/* The string that begins at *at (a quote), which qd_json_check has seen, without its escapes, ended by NUL, in arena;
 * *at moves behind it. NULL when out of memory. */
const char *qd_json_string_read(const char **at, qd_arena *arena, size_t *n_bytes);

#endif
