#include "codec/json_path.h"

#include "core/error.h"

#include <string.h>

static int has_path(qdrant_status status, const qdrant_error *err) {
  return err != NULL && status != QDRANT_OK && status != QDRANT_NO_MEMORY;
}

static const char *separator(const qdrant_error *err) {
  return err->message[0] == ':' || err->message[0] == '[' ? "" : ".";
}

qdrant_status qd_path_key(qdrant_status status, qdrant_error *err, const char *key) {
  if (has_path(status, err))
    qd_error_prefix(err, "%s%s", key, separator(err));
  return status;
}

qdrant_status qd_path_text(qdrant_status status, qdrant_error *err, const char *key, size_t n_bytes) {
  enum { MAX_SHOWN = 64 };
  if (has_path(status, err))
    qd_error_prefix(err, "%.*s%s", (int)(n_bytes < MAX_SHOWN ? n_bytes : MAX_SHOWN), key, separator(err));
  return status;
}

qdrant_status qd_path_index(qdrant_status status, qdrant_error *err, size_t index) {
  if (has_path(status, err))
    qd_error_prefix(err, "[%zu]%s", index, separator(err));
  return status;
}

qdrant_status qd_path_end(qdrant_status status, qdrant_error *err) {
  if (has_path(status, err) && strncmp(err->message, ": ", 2) == 0)
    memmove(err->message, err->message + 2, strlen(err->message) - 1);
  return status;
}
