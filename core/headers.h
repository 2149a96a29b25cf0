#ifndef QD_CORE_HEADERS_H
#define QD_CORE_HEADERS_H

#include "core/arena.h"
#include "qdrant/client.h"

/* A copy with all texts in the arena; NULL when out of memory (or when there are none). */
qdrant_header *qd_headers_copy(const qdrant_header *headers, size_t n_headers, qd_arena *arena);

/* Overwrites the values of such a copy, which may be secret, before its arena is freed or used again. headers: NULL is
 * fine. */
void qd_headers_wipe(const qdrant_header *headers, size_t n_headers);

#endif
