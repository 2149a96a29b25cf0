#include "tls/read_file.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_BYTES = 8192 };

typedef struct secret_bytes {
  char *bytes; /* capacity + 1 of them */
  size_t n_bytes;
  size_t capacity;
} secret_bytes;

static void drop(secret_bytes *secret) {
  qd_wipe(secret->bytes, secret->n_bytes);
  qd_free(secret->bytes);
}

/* Not by realloc, which would leave the old bytes in freed memory. */
static int grow(secret_bytes *secret) {
  size_t capacity = secret->capacity > 0 ? secret->capacity * 2 : FIRST_BYTES;
  char *larger = qd_alloc(capacity + 1);
  if (larger == NULL)
    return 0;
  if (secret->n_bytes > 0)
    memcpy(larger, secret->bytes, secret->n_bytes);
  drop(secret);
  secret->bytes = larger;
  secret->capacity = capacity;
  return 1;
}

/* 1 when the end of the file is reached, 0 when there may be more, -1 with errno. */
static int read_some(int fd, secret_bytes *secret) {
  ssize_t n = read(fd, secret->bytes + secret->n_bytes, secret->capacity - secret->n_bytes);
  if (n < 0)
    return errno == EINTR ? 0 : -1;
  secret->n_bytes += (size_t)n;
  return n == 0;
}

static qdrant_status read_all(
    int fd, const char *option, const char *path, size_t max_bytes, secret_bytes *secret, qdrant_error *err) {
  int end = 0;
  while (end == 0) {
    if (secret->n_bytes > max_bytes)
      return qd_fail(err, QDRANT_CONFIG_INVALID, "%s \"%s\" is larger than %zu bytes", option, path, max_bytes);
    if (secret->n_bytes == secret->capacity && !grow(secret))
      return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while reading %s \"%s\"", option, path);
    end = read_some(fd, secret);
  }
  if (end < 0)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "%s \"%s\" cannot be read: %s", option, path, strerror(errno));
  secret->bytes[secret->n_bytes] = '\0';
  return QDRANT_OK;
}

qdrant_status qd_read_file(const char *option, const char *path, size_t max_bytes, char **text, qdrant_error *err) {
  secret_bytes secret = {0};
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "%s \"%s\" cannot be opened: %s", option, path, strerror(errno));
  qdrant_status status = read_all(fd, option, path, max_bytes, &secret, err);
  close(fd);
  if (status == QDRANT_OK)
    *text = secret.bytes;
  else
    drop(&secret);
  return status;
}
