#ifndef QD_TEXT_MATCH_H
#define QD_TEXT_MATCH_H

#include "memory/field_index.h"
#include "memory/tokenize.h"
#include "qdrant/pb/qdrant_common.pb-c.h"

/* match.text, match.text_any and match.phrase at a key that has a text index: they compare words. */
typedef struct qd_text_query qd_text_query;

/* Prepares the question, about the texts of a point all together or about each by itself; it lies in arena and is to be
 * freed as well. INVALID_ARGUMENT, NO_MEMORY. */
qdrant_status qd_text_query_new(const Qdrant__Match *match, const Qdrant__PayloadSchemaInfo *index, int is_together,
    qd_arena *arena, qd_text_query **query, qdrant_error *err);
void qd_text_query_free(qd_text_query *query); /* NULL is fine */

/* Whether the texts at the path match; a phrase is always one within a text. Thread-safe. */
int qd_text_query_matches(const qd_text_query *query, const qd_path *path, const Qdrant__Struct *root);

#endif
