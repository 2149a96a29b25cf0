#ifndef QD_GZIP_H
#define QD_GZIP_H

#include "core/arena.h"
#include "qdrant/error.h"

/* Packs bytes with gzip, quickly rather than small; *packed lies in arena. NO_MEMORY. */
qdrant_status qd_gzip(
    const char *bytes, size_t n_bytes, qd_arena *arena, const char **packed, size_t *n_packed, qdrant_error *err);

#endif
