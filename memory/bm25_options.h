#ifndef QD_BM25_OPTIONS_H
#define QD_BM25_OPTIONS_H

#include "memory/tokenize.h"
#include "qdrant/pb/points.pb-c.h"

/* What a document says of how it is to be read. */
typedef struct qd_bm25_options {
  double k;
  double b;
  double average_words;
  const char *language; /* of the stop words and the stemmer that are not said */
  Qdrant__TextIndexParams text;
  Qdrant__StopwordsSet stop_words;
  Qdrant__StemmingAlgorithm stemmer;
  Qdrant__SnowballParams snowball;
} qd_bm25_options;

/* Reads a document's options; they point into themselves and must not move. Unknown ones are left aside, as the server
 * does. INVALID_ARGUMENT names the option, NO_MEMORY. */
qdrant_status qd_bm25_options_read(
    const Qdrant__Document *document, qd_arena *arena, qd_bm25_options *options, qdrant_error *err);

/* As qd_tokenizer_new; a language that has no stop words or no stemmer goes without. */
qdrant_status qd_bm25_tokenizer_new(
    const qd_bm25_options *options, qd_arena *arena, qd_tokenizer **tokenizer, qdrant_error *err);

#endif
