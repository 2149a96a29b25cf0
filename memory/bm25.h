#ifndef QD_BM25_H
#define QD_BM25_H

#include "memory/tokenize.h"
#include "memory/vector_field.h"
#include "qdrant/pb/points.pb-c.h"

/* The model qdrant/bm25, which a server has without an inference service: a sparse vector of a text's words. Their
 * indices are hashes; of a stored text each has its weight, of a query 1. The vector lies in arena. INVALID_ARGUMENT
 * for options that cannot be, NO_MEMORY. */
qdrant_status qd_bm25_embed(
    const Qdrant__Document *document, qd_text_kind kind, qd_arena *arena, qd_vector *vector, qdrant_error *err);

#endif
