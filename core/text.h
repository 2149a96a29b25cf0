#ifndef QD_TEXT_H
#define QD_TEXT_H

#include "core/arena.h"

/* Growing text with a limit, in an arena, for writing JSON. */
typedef struct qd_text {
  qd_arena *arena;
  char *bytes;
  size_t n_bytes;
  size_t capacity;
  size_t max_bytes;
  int has_failed; /* out of memory or over max_bytes; sticky */
} qd_text;

/* Each doubling leaves the old bytes in the arena: together less than the text itself. */
void qd_text_init(qd_text *text, qd_arena *arena, size_t max_bytes);
void qd_text_add(qd_text *text, const char *bytes, size_t n_bytes);

/* Room for n_bytes at the end, to be written into; NULL when there is none. Take says how many of them were. */
char *qd_text_reserve(qd_text *text, size_t n_bytes);
void qd_text_take(qd_text *text, size_t n_bytes);

/* With quotes and escapes; a byte that is no UTF-8 becomes U+FFFD. */
void qd_text_add_json_string(qd_text *text, const char *bytes, size_t n_bytes);

void qd_text_add_unsigned(qd_text *text, uint64_t value);
void qd_text_add_signed(qd_text *text, int64_t value);

/* As few of 15 to 17 digits as read back the same, always with a point or exponent, whatever the locale; null when not
 * finite. */
void qd_text_add_double(qd_text *text, double value);

/* The text ended by NUL, or NULL when it has failed. */
const char *qd_text_end(qd_text *text);

#endif
