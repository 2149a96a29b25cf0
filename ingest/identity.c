/* What a source is, as text that changes when it does. */
#include "core/alloc.h"
#include "core/error.h"
#include "core/sha256.h"
#include "ingest/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define END_BYTES (UINT64_C(32) << 20)

static qdrant_status write_identity(
    qdrant_source *source, const struct stat *info, const char *hash, qdrant_error *err) {
  static const char *const formats[] = {
      [QDRANT_SOURCE_JSONL] = "jsonl", [QDRANT_SOURCE_NPY] = "npy", [QDRANT_SOURCE_FVECS] = "fvecs"};
  char rows[64] = "";
  if (source->format != QDRANT_SOURCE_JSONL)
    snprintf(rows, sizeof rows, " first_id=%" PRIu64 " vector=", source->first_id);
  const char *name = source->vector_name != NULL ? source->vector_name : "";
  size_t n_bytes = strlen(name) + 256;
  source->identity = qd_alloc(n_bytes);
  if (source->identity == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  snprintf(source->identity, n_bytes, "%s size=%lld changed=%lld.%09ld sha256=%s%s%s", formats[source->format],
      (long long)info->st_size, (long long)info->st_mtim.tv_sec, info->st_mtim.tv_nsec, hash, rows, name);
  return QDRANT_OK;
}

static qdrant_status make_identity(qdrant_source *source, qdrant_error *err) {
  struct stat info;
  char hash[QD_SHA256_TEXT_BYTES];
  const char *name = qd_input_name(source->input);
  int fd = qd_input_fd(source->input);
  if (qd_input_size(source->input) < 0)
    return qd_fail(err, QDRANT_UNSUPPORTED, "%.300s: is no file, so that it cannot be known again", name);
  if (fstat(fd, &info) != 0)
    return qd_fail(err, QDRANT_IO_ERROR, "%.300s: %s", name, strerror(errno));
  qdrant_status status = qd_sha256_ends(fd, name, (uint64_t)info.st_size, END_BYTES, hash, err);
  return status == QDRANT_OK ? write_identity(source, &info, hash, err) : status;
}

const char *qdrant_source_identity(qdrant_source *source, qdrant_error *err) {
  qd_error_clear(err);
  if (source == NULL) {
    (void)qd_fail(err, QDRANT_INVALID_ARGUMENT, "source is NULL");
    return NULL;
  }
  if (source->identity == NULL && make_identity(source, err) != QDRANT_OK)
    return NULL;
  return source->identity;
}
