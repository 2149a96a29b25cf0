#ifndef QD_INFERENCE_H
#define QD_INFERENCE_H

#include "memory/tokenize.h"
#include "memory/vector_field.h"
#include "qdrant/pb/points.pb-c.h"

/* Vectors of documents, images and objects, as a server without an inference service makes them: with its own model
 * qdrant/bm25, and not at all with any other. */

/* The vector of a text, in arena. INTERNAL in the server's words for a model it does not have; INVALID_ARGUMENT for
 * options that cannot be, which are INTERNAL, too, in a query. NO_MEMORY. */
qdrant_status qd_inference_document(
    const Qdrant__Document *document, qd_text_kind kind, qd_arena *arena, qd_vector *vector, qdrant_error *err);

/* The refusal of an image or an object, which no model of the server's own takes. */
qdrant_status qd_inference_refuse(const char *model, qd_text_kind kind, qdrant_error *err);

#endif
