#ifndef QD_FILTER_H
#define QD_FILTER_H

#include "core/arena.h"
#include "memory/field_index.h"
#include "memory/id.h"
#include "memory/path.h"
#include "qdrant/error.h"
#include "qdrant/pb/qdrant_common.pb-c.h"

/* A request's filter, checked and prepared for many points. It points into the message. */
typedef struct qd_filter qd_filter;

/* What a filter looks at. Below a nested condition there is neither an id nor vectors. */
typedef struct qd_filter_subject {
  const qd_id *id;
  const Qdrant__Struct *payload; /* may be NULL */
  const void *vectors;           /* handed to has_vector */
  int (*has_vector)(const void *vectors, const char *name);
} qd_filter_subject;

/* The text conditions of filters. They ask for words instead of bytes at keys that have a text index. */
typedef struct qd_filter_text qd_filter_text;

/* *filter is NULL, which matches every point, when message is; its text conditions are added to the list *texts.
 * INVALID_ARGUMENT in the server's words; UNIMPLEMENTED names a condition the engine does not have. */
qdrant_status qd_filter_prepare(const Qdrant__Filter *message, qd_arena *arena, const qd_filter **filter,
    qd_filter_text **texts, qdrant_error *err);

/* Gives the conditions a collection's indexes, of which n are; before the filters are used there, and again for another
 * collection. What they hold is let go with the second function. NO_MEMORY. */
qdrant_status qd_filter_texts_bind(
    qd_filter_text *texts, const qd_field_index *indexes, size_t n, qd_arena *arena, qdrant_error *err);
void qd_filter_texts_release(qd_filter_text *texts); /* NULL is fine */

int qd_filter_matches(const qd_filter *filter, const qd_filter_subject *subject);

#endif
