#ifndef QD_READ_FILE_H
#define QD_READ_FILE_H

#include "qdrant/error.h"

#include <stddef.h>

/* Reads a file of at most max_bytes, which may be secret: no copy of it stays behind. *text is ended by NUL and to be
 * freed with qd_wipe_free. CONFIG_INVALID names option and path; NO_MEMORY. */
qdrant_status qd_read_file(const char *option, const char *path, size_t max_bytes, char **text, qdrant_error *err);

#endif
