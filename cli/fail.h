#ifndef QD_CLI_FAIL_H
#define QD_CLI_FAIL_H

#include "qdrant/error.h"

#include <stdarg.h>
#include <stdio.h>

/* Fills *err, as an error that concerns nothing sent, and returns status. The text is cut at a character if too long.
 */
qdrant_status qd_cli_fail(qdrant_error *err, qdrant_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts text before the message of *err, which stays the same error otherwise. */
void qd_cli_prefix(qdrant_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts text after the message of *err; a message too long for both is cut, not the text. */
void qd_cli_suffix(qdrant_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "error: STATUS: message", on one line whatever the message holds. */
void qd_cli_print_error(FILE *out, const qdrant_error *err);

#endif
