#include "core/sized.h"

#include "core/error.h"

#include <string.h>

/* size_t first, then at least one more member: anything smaller was never a version of such a struct. */
#define MIN_BYTES (2 * sizeof(size_t))

static int is_zero(const unsigned char *bytes, size_t n_bytes) {
  for (size_t i = 0; i < n_bytes; i++)
    if (bytes[i] != 0)
      return 0;
  return 1;
}

qdrant_status qd_sized_copy(
    void *out, size_t n_bytes, const void *in, const char *name, qdrant_status status, qdrant_error *err) {
  size_t size = 0;
  memset(out, 0, n_bytes);
  if (in == NULL)
    return QDRANT_OK;
  memcpy(&size, in, sizeof size);
  if (size < MIN_BYTES)
    return qd_fail(err, status, "%s.size is %zu; set it to sizeof(%s)", name, size, name);
  if (size > n_bytes && !is_zero((const unsigned char *)in + n_bytes, size - n_bytes))
    return qd_fail(err, status, "%s.size is %zu, this library knows %zu bytes, and a member behind them is set", name,
        size, n_bytes);
  memcpy(out, in, size < n_bytes ? size : n_bytes);
  return QDRANT_OK;
}

void qd_sized_give(void *out, const void *from, size_t n_bytes) {
  size_t size = 0;
  memcpy(&size, out, sizeof size);
  size_t n = size < n_bytes ? size : n_bytes;
  if (n > sizeof size)
    memcpy((char *)out + sizeof size, (const char *)from + sizeof size, n - sizeof size);
}
