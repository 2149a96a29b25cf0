#include "core/sha256.h"

#include "core/error.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 14 };

static void read_all(FILE *file, crypto_hash_sha256_state *state) {
  unsigned char bytes[CHUNK_BYTES];
  size_t n_bytes;
  while ((n_bytes = fread(bytes, 1, sizeof bytes, file)) > 0)
    crypto_hash_sha256_update(state, bytes, n_bytes);
}

qdrant_status qd_sha256_file(const char *path, char text[QD_SHA256_TEXT_BYTES], qdrant_error *err) {
  crypto_hash_sha256_state state;
  unsigned char hash[crypto_hash_sha256_BYTES];
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
  crypto_hash_sha256_final(&state, hash);
  sodium_bin2hex(text, QD_SHA256_TEXT_BYTES, hash, sizeof hash);
  return QDRANT_OK;
}
