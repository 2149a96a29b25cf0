#ifndef QD_JSON_H
#define QD_JSON_H

#include "qdrant/error.h"

#include <stddef.h>

struct json_object;

/* Strict JSON (RFC 8259) of at most 64 levels and 2 GiB, UTF-8 checked, built by json-c. INVALID_ARGUMENT says at which
 * byte. The caller puts the object back (json_object_put); the value null is a NULL object. Integers beyond 64 bits
 * (-2^63 to 2^64 - 1) and numbers beyond a double are refused rather than rounded; of equal keys the last value stays,
 * as with the server. */
qdrant_status qd_json_parse(const char *text, size_t n_bytes, struct json_object **object, qdrant_error *err);

#endif
