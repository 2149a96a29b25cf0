#ifndef QD_TOKENIZE_H
#define QD_TOKENIZE_H

#include "core/arena.h"
#include "qdrant/error.h"
#include "qdrant/pb/collections.pb-c.h"

/* Cuts texts into words as a text index is told to: by blanks, by what is neither letter nor digit, or into the
 * beginnings of words; in small letters, without accents, stop words and endings where it is asked for. The
 * multilingual tokenizer takes each character of a script without blanks for a word, where the server has dictionaries.
 * A word longer than QD_TOKEN_BYTES (memory/token.h) is cut. */
typedef struct qd_tokenizer qd_tokenizer;

/* params may be NULL (all by default) and must live as long as the tokenizer, which lies in arena but is to be freed as
 * well. INVALID_ARGUMENT for an unknown tokenizer or language, NO_MEMORY. */
qdrant_status qd_tokenizer_new(
    const Qdrant__TextIndexParams *params, qd_arena *arena, qd_tokenizer **tokenizer, qdrant_error *err);
void qd_tokenizer_free(qd_tokenizer *tokenizer); /* NULL is fine */

/* A query is cut otherwise than a stored text where beginnings of words are looked for. */
typedef enum qd_text_kind { QD_TEXT_STORED, QD_TEXT_QUERY } qd_text_kind;

/* Given each word; not 0 ends the cutting. */
typedef int (*qd_token_visit)(void *user, const char *token, size_t n_bytes);

/* Thread-safe, and allocates nothing. Returns what visit returned last, 0 when there was no word. */
int qd_tokenize(const qd_tokenizer *tokenizer, qd_text_kind kind, const char *text, size_t n_bytes,
    qd_token_visit visit, void *user);

#endif
