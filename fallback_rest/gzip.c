#include "fallback_rest/gzip.h"

#include "core/alloc.h"
#include "core/error.h"

#include <limits.h>
#define ZLIB_CONST /* input is not written to */
#include <zlib.h>

enum { LEVEL = 1, WINDOW_BITS_OF_GZIP = 15 + 16, MEMORY_LEVEL = 8 };

static void *allocate(void *user, unsigned n, unsigned n_bytes) {
  (void)user;
  return qd_alloc_array(n, n_bytes);
}

static void release(void *user, void *block) {
  (void)user;
  qd_free(block);
}

/* Room for the worst case, so that one call does all. */
static int pack(z_stream *stream, const char *bytes, size_t n_bytes, qd_arena *arena) {
  size_t capacity = deflateBound(stream, n_bytes);
  stream->next_in = (const Bytef *)bytes;
  stream->avail_in = (uInt)n_bytes;
  stream->next_out = capacity <= UINT_MAX ? qd_arena_alloc(arena, capacity) : NULL;
  stream->avail_out = (uInt)capacity;
  return stream->next_out != NULL && deflate(stream, Z_FINISH) == Z_STREAM_END;
}

qdrant_status qd_gzip(
    const char *bytes, size_t n_bytes, qd_arena *arena, const char **packed, size_t *n_packed, qdrant_error *err) {
  z_stream stream = {.zalloc = allocate, .zfree = release};
  int is_packed = 0;
  if (n_bytes <= UINT_MAX &&
      deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW_BITS_OF_GZIP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK) {
    is_packed = pack(&stream, bytes, n_bytes, arena);
    *n_packed = stream.total_out;
    *packed = is_packed ? (const char *)stream.next_out - stream.total_out : NULL;
    deflateEnd(&stream);
  }
  return is_packed ? QDRANT_OK
                   : qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a body of %zu bytes was packed", n_bytes);
}
