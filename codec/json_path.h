#ifndef QD_JSON_PATH_H
#define QD_JSON_PATH_H

#include "qdrant/error.h"

#include <stddef.h>

/* The path of a value that failed, put together on the way up, so that success costs nothing. A message begins with ':'
 * as long as there is no path before it. They return status, and leave OK and NO_MEMORY alone. */
qdrant_status qd_path_key(qdrant_status status, qdrant_error *err, const char *key);
qdrant_status qd_path_text(qdrant_status status, qdrant_error *err, const char *key, size_t n_bytes);
qdrant_status qd_path_index(qdrant_status status, qdrant_error *err, size_t index);

/* At the outermost value: a message that got no path loses its ": ". */
qdrant_status qd_path_end(qdrant_status status, qdrant_error *err);

#endif
