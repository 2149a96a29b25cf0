#ifndef QD_JSON_CHECK_H
#define QD_JSON_CHECK_H

#include "qdrant/error.h"

#include <stddef.h>

/* Arrays and objects within each other. */
#define QD_MAX_JSON_LEVELS 64

/* json-c ends a key at a NUL, our own tree keeps it (core/json_tree.h). */
typedef enum qd_json_keys { QD_JSON_NO_NUL_IN_KEYS, QD_JSON_NUL_IN_KEYS } qd_json_keys;

/* Whether text is one JSON value by RFC 8259. json-c's own strict mode takes more than that and changes some of it (see
 * json_check.c). INVALID_ARGUMENT says at which byte (and line) and why. has_large_exponent: a number may be beyond a
 * double. */
qdrant_status qd_json_check(
    const char *text, size_t n_bytes, qd_json_keys keys, int *has_large_exponent, qdrant_error *err);

#endif
