#ifndef QD_SHA256_H
#define QD_SHA256_H

#include "qdrant/error.h"

#include <stdint.h>

enum { QD_SHA256_TEXT_BYTES = 65 };

/* The SHA-256 of a file's content as 64 hexadecimal digits and NUL. IO_ERROR names the file. */
qdrant_status qd_sha256_file(const char *path, char text[QD_SHA256_TEXT_BYTES], qdrant_error *err);

/* The same of the first and the last max_bytes of an open file of n_bytes, and of all of it when it is no longer than
 * both. Its position stays as it is. name is for the error. */
qdrant_status qd_sha256_ends(
    int fd, const char *name, uint64_t n_bytes, uint64_t max_bytes, char text[QD_SHA256_TEXT_BYTES], qdrant_error *err);

#endif
