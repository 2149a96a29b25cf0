#ifndef QD_HEADERS_H
#define QD_HEADERS_H

#include "core/headers.h"

/* Checks names and values of metadata. where ("headers", "call options: headers") begins an error, which names the
 * header and the rule and never shows a value. */
qdrant_status qd_headers_check(
    const qdrant_header *headers, size_t n_headers, const char *where, qdrant_status status, qdrant_error *err);

/* Position of the first byte that is not printable ASCII, or -1. */
long qd_find_unprintable(const char *text);

/* Keys come from files and environments, often with a line end: the text without white space around it, which is
 * *n_bytes long and not ended by NUL. */
const char *qd_trim(const char *text, size_t *n_bytes);

#endif
