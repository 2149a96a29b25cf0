#ifndef QD_PERCENT_H
#define QD_PERCENT_H

#include "core/text.h"

/* Percent-encoding of one segment of a path or one value of a query (RFC 3986). */

/* Appends text with all but unreserved characters encoded. The names "." and ".." are encoded too: proxies take such
 * segments out of a path. */
void qd_percent_encode(qd_text *text, const char *name);

/* Decoded into arena, ended by NUL. INVALID_ARGUMENT for a broken escape, a NUL or what is not UTF-8;
 * NO_MEMORY. */
qdrant_status qd_percent_decode(
    const char *bytes, size_t n_bytes, qd_arena *arena, const char **name, qdrant_error *err);

#endif
