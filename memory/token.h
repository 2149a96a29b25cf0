#ifndef QD_TOKEN_H
#define QD_TOKEN_H

#include <stddef.h>

/* A word on its way from a text to an index: rewritten where it lies, so that nothing is allocated. */
enum { QD_TOKEN_BYTES = 1024 };

typedef struct qd_token {
  char bytes[QD_TOKEN_BYTES];
  size_t n_bytes;
} qd_token;

/* What does not fit is left away. */
void qd_token_set(qd_token *token, const char *text, size_t n_bytes);

/* Writes ASCII letters for those with marks. */
void qd_token_fold(qd_token *token);
void qd_token_lower(qd_token *token);

/* How many bytes the first n_letters take; all of them when there are not more. */
size_t qd_token_bytes_of(const qd_token *token, size_t n_letters);

#endif
