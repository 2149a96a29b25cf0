#ifndef QD_HEADERS_H
#define QD_HEADERS_H

#include "core/arena.h"
#include "qdrant/client.h"

/* Checks names and values of metadata. where ("headers", "call options: headers") begins an error, which names the
 * header and the rule and never shows a value. */
qdrant_status qd_headers_check(
    const qdrant_header *headers, size_t n_headers, const char *where, qdrant_status status, qdrant_error *err);

/* A copy with all texts in the arena; NULL when out of memory (or when there are none). */
qdrant_header *qd_headers_copy(const qdrant_header *headers, size_t n_headers, qd_arena *arena);

/* Position of the first byte that is not printable ASCII, or -1. */
long qd_find_unprintable(const char *text);

#endif
