#ifndef QD_UTF8_H
#define QD_UTF8_H

#include <stddef.h>

/* Whether bytes are valid UTF-8 (RFC 3629: no surrogates, nothing above U+10FFFF, no overlong forms). */
int qd_is_utf8(const char *text, size_t n_bytes);

/* How many bytes at the start of text are valid UTF-8; n_bytes when all are. */
size_t qd_utf8_valid_bytes(const char *text, size_t n_bytes);

#endif
