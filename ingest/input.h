#ifndef QD_INGEST_INPUT_H
#define QD_INGEST_INPUT_H

#include "qdrant/error.h"

#include <stddef.h>
#include <stdint.h>

/* A file or standard input, read through a window that is only as large as the longest piece asked for. A read that a
 * signal interrupts is CANCELLED, and what was read until then stays in the window. */
typedef struct qd_input qd_input;

/* path "-" is standard input. NOT_FOUND and IO_ERROR name the file. */
qdrant_status qd_input_open(const char *path, qd_input **input, qdrant_error *err);
void qd_input_close(qd_input *input);

/* As messages call it: the path, or "standard input". */
const char *qd_input_name(const qd_input *input);
int qd_input_fd(const qd_input *input);

/* Bytes of a regular file from its beginning; -1 when that is not known. */
int64_t qd_input_size(const qd_input *input);

/* Bytes consumed. */
uint64_t qd_input_offset(const qd_input *input);

/* The next n bytes, not consumed; *n_have is less only at the end. They live until the next call. */
qdrant_status qd_input_peek(qd_input *input, size_t n, const unsigned char **bytes, size_t *n_have, qdrant_error *err);

/* Consumes n bytes that peek has shown. */
void qd_input_skip(qd_input *input, size_t n);

/* Consumes a line and gives it without its end; a NUL follows it. *line is NULL at the end of the input; it lives until
 * the next call. RESOURCE_EXHAUSTED when the line is longer than max_bytes. */
qdrant_status qd_input_line(qd_input *input, size_t max_bytes, const char **line, size_t *n_bytes, qdrant_error *err);

/* Goes to a byte of a regular file; UNSUPPORTED for others. */
qdrant_status qd_input_seek(qd_input *input, uint64_t offset, qdrant_error *err);

#endif
