#ifndef QD_STEMMER_H
#define QD_STEMMER_H

#include "qdrant/error.h"

#include <stddef.h>

/* Cuts the endings of a language's words (Snowball). Thread-safe: a libstemmer is not, so that there are some of them,
 * made beforehand, because words are cut where there is nobody to tell of an allocation that failed. */
typedef struct qd_stemmer qd_stemmer;

/* language: its name or code, "english" or "en". INVALID_ARGUMENT for one without stemmer, NO_MEMORY. */
qdrant_status qd_stemmer_new(const char *language, qd_stemmer **stemmer, qdrant_error *err);
void qd_stemmer_free(qd_stemmer *stemmer); /* NULL is fine */

/* Writes the stem of a word in place of it; returns its length, which is no more than max_bytes. */
size_t qd_stemmer_cut(qd_stemmer *stemmer, char *word, size_t n_bytes, size_t max_bytes);

#endif
