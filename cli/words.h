#ifndef QD_CLI_WORDS_H
#define QD_CLI_WORDS_H

#include "qdrant/error.h"

#include <stddef.h>
#include <stdint.h>

/* The quick start's data: words and their vectors, as columns. */
typedef struct qd_words {
  size_t n;
  uint32_t dim;
  float *vectors;   /* n rows of dim */
  char *text;       /* all words, one after the other */
  int64_t *offsets; /* n + 1 positions in text */
  int64_t *ranks;   /* 1 to n, most frequent first */
  uint64_t *ids;    /* 1 to n */
} qd_words;

/* Reads words-100d.npy and words.txt from a folder. On failure words is empty. */
qdrant_status qd_words_read(const char *folder, qd_words *words, qdrant_error *err);
void qd_words_free(qd_words *words);

/* The row of a word; words->n when there is none. */
size_t qd_words_find(const qd_words *words, const char *word);

#endif
