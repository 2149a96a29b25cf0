#ifndef QD_SHA256_H
#define QD_SHA256_H

#include "qdrant/error.h"

enum { QD_SHA256_TEXT_BYTES = 65 };

/* The SHA-256 of a file's content as 64 hexadecimal digits and NUL. IO_ERROR names the file. */
qdrant_status qd_sha256_file(const char *path, char text[QD_SHA256_TEXT_BYTES], qdrant_error *err);

#endif
