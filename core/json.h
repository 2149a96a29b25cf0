#ifndef QD_JSON_H
#define QD_JSON_H

#include "core/arena.h"
#include "qdrant/error.h"

struct json_object;

/* Strict JSON (RFC 8259) of at most 64 levels, UTF-8 checked, by json-c. INVALID_ARGUMENT says at which byte. The
 * caller puts the object back (json_object_put). Integers beyond 64 bits are refused rather than rounded. */
qdrant_status qd_json_parse(const char *text, size_t n_bytes, struct json_object **object, qdrant_error *err);

/* Growing text with a limit, in an arena, for writing JSON. */
typedef struct qd_text {
  qd_arena *arena;
  char *bytes;
  size_t n_bytes;
  size_t capacity;
  size_t max_bytes;
  int has_failed; /* out of memory or over max_bytes; sticky */
} qd_text;

void qd_text_init(qd_text *text, qd_arena *arena, size_t max_bytes);
void qd_text_add(qd_text *text, const char *bytes, size_t n_bytes);
void qd_text_add_json_string(qd_text *text, const char *bytes, size_t n_bytes); /* with quotes and escapes */
void qd_text_add_double(
    qd_text *text, double value); /* shortest that reads back, always with a point or exponent; null when not finite */
void qd_text_add_float(qd_text *text, float value); /* likewise for the 32-bit value */
/* The text ended by NUL, or NULL when it has failed. */
const char *qd_text_end(qd_text *text);

#endif
