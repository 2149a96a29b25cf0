#ifndef QD_JSON_CHECK_H
#define QD_JSON_CHECK_H

#include "qdrant/error.h"

#include <stddef.h>

/* Arrays and objects within each other. */
#define QD_MAX_JSON_LEVELS 64

/* Whether text is one JSON value by RFC 8259. json-c's own strict mode takes more than that and changes some of it (see
 * json_check.c). INVALID_ARGUMENT says at which byte (and line) and why. has_large_exponent: a number may be beyond a
 * double. */
qdrant_status qd_json_check(const char *text, size_t n_bytes, int *has_large_exponent, qdrant_error *err);

#endif
