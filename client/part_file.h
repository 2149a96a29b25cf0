#ifndef QD_PART_FILE_H
#define QD_PART_FILE_H

#include "qdrant/error.h"

#include <stddef.h>
#include <stdint.h>

/* A file that is on its way: "PATH.part" until it is whole, then PATH. */
typedef struct qd_part_file {
  const char *path; /* borrowed */
  char *part_path;  /* owned */
  int fd;
  uint64_t n_bytes; /* in it */
} qd_part_file;

/* Opens the part, and keeps what is in it if is_kept. It is locked against a second one to the same path. IO_ERROR
 * names the file; FAILED_PRECONDITION: another has it. Closed with qd_part_file_close, also after a failure.
 */
qdrant_status qd_part_file_open(qd_part_file *file, const char *path, int is_kept, qdrant_error *err);

qdrant_status qd_part_file_append(qd_part_file *file, const char *bytes, size_t n_bytes, qdrant_error *err);

/* Empties it. */
qdrant_status qd_part_file_restart(qd_part_file *file, qdrant_error *err);

/* Flushes it to disk. */
qdrant_status qd_part_file_flush(qd_part_file *file, qdrant_error *err);

/* Puts it in the place of path, and flushes the directory. */
qdrant_status qd_part_file_finish(qd_part_file *file, qdrant_error *err);

/* An empty part is deleted, another one stays. */
void qd_part_file_close(qd_part_file *file);

#endif
