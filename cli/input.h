#ifndef QD_CLI_INPUT_H
#define QD_CLI_INPUT_H

#include "qdrant/error.h"

#include <stddef.h>
#include <stdint.h>

enum { QD_PEEK_BYTES = 8 };

/* A file or standard input, read once from the beginning. */
typedef struct qd_input qd_input;

/* path "-" is standard input. */
qdrant_status qd_input_open(const char *path, qd_input **input, qdrant_error *err);
void qd_input_close(qd_input *input);

/* As messages call it: the path, or "standard input". */
const char *qd_input_name(const qd_input *input);

/* Bytes of a regular file from its beginning; -1 when that is not known. */
int64_t qd_input_size(const qd_input *input);

/* The first bytes, up to QD_PEEK_BYTES, whether read since or not. */
const unsigned char *qd_input_first(const qd_input *input, size_t *n);

/* Reads up to n bytes; *n_read is less only at the end. IO_ERROR names the file. */
qdrant_status qd_input_read(qd_input *input, void *bytes, size_t n, size_t *n_read, qdrant_error *err);

/* Reads a line without its end; a NUL follows it. *line is NULL at the end of the input; it lives until the next call.
 * RESOURCE_EXHAUSTED when the line is longer than max_bytes. */
qdrant_status qd_input_line(qd_input *input, size_t max_bytes, const char **line, size_t *n_bytes, qdrant_error *err);

/* Reads all that is left, in the same way; *text is never NULL. */
qdrant_status qd_input_rest(qd_input *input, size_t max_bytes, const char **text, size_t *n_bytes, qdrant_error *err);

#endif
