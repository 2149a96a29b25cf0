#ifndef QD_JSON_MEMBER_H
#define QD_JSON_MEMBER_H

#include "core/arena.h"
#include "qdrant/error.h"

/* The JSON of one member of an object, on one line, in arena, ended by NUL: numbers as they were written. *json is NULL
 * when text is no object or has no such member. key has no characters that JSON escapes. INVALID_ARGUMENT as
 * qd_json_check, NO_MEMORY. */
qdrant_status qd_json_member_text(const char *text, size_t n_bytes, const char *key, qd_arena *arena, const char **json,
    size_t *n_json, qdrant_error *err);

#endif
