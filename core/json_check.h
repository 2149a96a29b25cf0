#ifndef QD_JSON_CHECK_H
#define QD_JSON_CHECK_H

#include "qdrant/error.h"

#include <stddef.h>

/* Arrays and objects within each other. */
#define QD_MAX_JSON_LEVELS 64

/* Whether text is one JSON value by RFC 8259, of numbers that integers of 64 bits hold unless they have a point or
 * exponent. INVALID_ARGUMENT says at which byte (and line) and why. */
qdrant_status qd_json_check(const char *text, size_t n_bytes, qdrant_error *err);

#endif
