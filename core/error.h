#ifndef QD_ERROR_H
#define QD_ERROR_H

#include "qdrant/error.h"

/* An error is half a kilobyte, nearly all of it room for the message: clearing and copying leave alone what lies behind
 * the message's end, since every call that ends well passes several of them on. */

/* Public entries clear first: within one call the first failure stays. NULL is fine everywhere. */
void qd_error_clear(qdrant_error *err);

void qd_error_copy(qdrant_error *to, const qdrant_error *from);

/* Fills err unless an earlier failure is in it, and returns status: `return qd_fail(err, QDRANT_INVALID_ARGUMENT,
 * "limit must be > 0");` */
qdrant_status qd_fail(qdrant_error *err, qdrant_status status, const char *format, ...) QDRANT_PRINTF(3, 4);
#ifdef __clang_analyzer__ /* what it cannot see from outside: the status that goes in comes out, so it is not OK */
#define qd_fail(err, status, ...) (qd_fail((err), (status), __VA_ARGS__), (status))
#endif

/* Puts text before the message, for callers on the way up that know which item was meant. */
void qd_error_prefix(qdrant_error *err, const char *format, ...) QDRANT_PRINTF(2, 3);

/* Copies a failure into err unless an earlier one is in it; returns from->status. */
qdrant_status qd_error_pass(qdrant_error *err, const qdrant_error *from);

#endif
