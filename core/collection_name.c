#include "core/collection_name.h"

#include "core/error.h"
#include "core/utf8.h"

#include <string.h>

#define MAX_COLLECTION_BYTES 255

qdrant_status qd_collection_check(const char *collection, qdrant_error *err) {
  if (collection == NULL || collection[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the collection's name is %s", collection == NULL ? "NULL" : "empty");
  size_t n_bytes = strlen(collection);
  if (n_bytes > MAX_COLLECTION_BYTES) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the collection's name \"%.32s...\" has %zu bytes; at most %d",
        collection, n_bytes, MAX_COLLECTION_BYTES);
  }
  if (!qd_is_utf8(collection, n_bytes))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the collection's name \"%.64s\" is not UTF-8", collection);
  return QDRANT_OK;
}
