#ifndef QD_SIZED_H
#define QD_SIZED_H

#include "qdrant/error.h"

#include <stddef.h>

/* Copies a public struct that begins with its size into one of this library's version, of n_bytes: members that the
 * caller's version lacks are zero, members that this version lacks have to be zero. in NULL: all zero. name is the
 * type's, for the error; status is what an error returns. */
qdrant_status qd_sized_copy(
    void *out, size_t n_bytes, const void *in, const char *name, qdrant_status status, qdrant_error *err);

/* Copies a filled struct of n_bytes to the caller's of its own size, which is kept. */
void qd_sized_give(void *out, const void *from, size_t n_bytes);

#endif
