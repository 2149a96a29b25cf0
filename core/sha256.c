#include "core/sha256.h"

#include "core/error.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 1 << 14 };

static void read_all(FILE *file, crypto_hash_sha256_state *state) {
  unsigned char bytes[CHUNK_BYTES];
  size_t n_bytes;
  while ((n_bytes = fread(bytes, 1, sizeof bytes, file)) > 0)
    crypto_hash_sha256_update(state, bytes, n_bytes);
}

static void write_hash(crypto_hash_sha256_state *state, char text[QD_SHA256_TEXT_BYTES]) {
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(state, hash);
  sodium_bin2hex(text, QD_SHA256_TEXT_BYTES, hash, sizeof hash);
}

qdrant_status qd_sha256_file(const char *path, char text[QD_SHA256_TEXT_BYTES], qdrant_error *err) {
  crypto_hash_sha256_state state;
  FILE *file = fopen(path, "rbe");
  if (file == NULL)
    return qd_fail(err, QDRANT_IO_ERROR, "cannot read %.200s: %s", path, strerror(errno));
  crypto_hash_sha256_init(&state);
  read_all(file, &state);
  int has_failed = ferror(file);
  int reason = errno;
  fclose(file);
  if (has_failed)
    return qd_fail(err, QDRANT_IO_ERROR, "cannot read %.200s: %s", path, strerror(reason));
  write_hash(&state, text);
  return QDRANT_OK;
}

/* Adds [at, end) of a file. 1, or 0 when it cannot be read or is shorter. */
static int add_range(crypto_hash_sha256_state *state, int fd, uint64_t at, uint64_t end) {
  unsigned char bytes[CHUNK_BYTES];
  while (at < end) {
    size_t wanted = end - at < sizeof bytes ? (size_t)(end - at) : sizeof bytes;
    ssize_t n = pread(fd, bytes, wanted, (off_t)at);
    if (n <= 0 && !(n < 0 && errno == EINTR))
      return 0;
    crypto_hash_sha256_update(state, bytes, n > 0 ? (size_t)n : 0);
    at += n > 0 ? (uint64_t)n : 0;
  }
  return 1;
}

qdrant_status qd_sha256_ends(int fd, const char *name, uint64_t n_bytes, uint64_t max_bytes,
    char text[QD_SHA256_TEXT_BYTES], qdrant_error *err) {
  crypto_hash_sha256_state state;
  uint64_t first_end = n_bytes < max_bytes ? n_bytes : max_bytes;
  uint64_t last_begin = n_bytes - first_end < max_bytes ? first_end : n_bytes - max_bytes;
  crypto_hash_sha256_init(&state);
  errno = 0;
  if (!add_range(&state, fd, 0, first_end) || !add_range(&state, fd, last_begin, n_bytes))
    return qd_fail(err, QDRANT_IO_ERROR, "cannot read %.200s: %s", name, errno ? strerror(errno) : "it became shorter");
  write_hash(&state, text);
  return QDRANT_OK;
}
