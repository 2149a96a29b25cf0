#ifndef QD_CLI_LINES_H
#define QD_CLI_LINES_H

#include "qdrant/error.h"

#include <stddef.h>

/* A text file or standard input, read once from the beginning. Points are read by the library (source.h). */
typedef struct qd_lines qd_lines;

/* path "-" is standard input. */
qdrant_status qd_lines_open(const char *path, qd_lines **input, qdrant_error *err);
void qd_lines_close(qd_lines *input);

/* As messages call it: the path, or "standard input". */
const char *qd_lines_name(const qd_lines *input);

/* Reads a line without its end; a NUL follows it. *line is NULL at the end of the input; it lives until the next call.
 * RESOURCE_EXHAUSTED when the line is longer than max_bytes. */
qdrant_status qd_lines_next(qd_lines *input, size_t max_bytes, const char **line, size_t *n_bytes, qdrant_error *err);

/* Reads all that is left, in the same way; *text is never NULL. */
qdrant_status qd_lines_rest(qd_lines *input, size_t max_bytes, const char **text, size_t *n_bytes, qdrant_error *err);

#endif
