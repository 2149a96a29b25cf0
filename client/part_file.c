#include "client/part_file.h"

#include "core/alloc.h"
#include "core/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0600 }; /* a snapshot holds what the collection holds */

static qdrant_status fail_io(const char *what, const char *path, qdrant_error *err) {
  return qd_fail(err, QDRANT_IO_ERROR, "cannot %s %.200s: %s", what, path, strerror(errno));
}

static qdrant_status name_part(qd_part_file *file, const char *path, qdrant_error *err) {
  size_t n_bytes = strlen(path) + sizeof ".part";
  *file = (qd_part_file){.path = path, .fd = -1, .part_path = qd_alloc(n_bytes)};
  if (file->part_path == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the name of a file");
  snprintf(file->part_path, n_bytes, "%s.part", path);
  return QDRANT_OK;
}

static qdrant_status find_size(qd_part_file *file, qdrant_error *err) {
  struct stat found;
  if (fstat(file->fd, &found) != 0 || lseek(file->fd, 0, SEEK_END) < 0)
    return fail_io("read", file->part_path, err);
  file->n_bytes = (uint64_t)found.st_size;
  return QDRANT_OK;
}

qdrant_status qd_part_file_open(qd_part_file *file, const char *path, int is_kept, qdrant_error *err) {
  qdrant_status status = name_part(file, path, err);
  if (status != QDRANT_OK)
    return status;
  int fd = open(file->part_path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
  if (fd < 0)
    return fail_io("write", file->part_path, err);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return qd_fail(err, QDRANT_FAILED_PRECONDITION, "another download or upload writes %.200s", file->part_path);
  }
  file->fd = fd;
  return is_kept ? find_size(file, err) : qd_part_file_restart(file, err);
}

qdrant_status qd_part_file_append(qd_part_file *file, const char *bytes, size_t n_bytes, qdrant_error *err) {
  while (n_bytes > 0) {
    ssize_t n_written = write(file->fd, bytes, n_bytes);
    if (n_written < 0 && errno == EINTR)
      continue;
    if (n_written < 0)
      return fail_io("write", file->part_path, err);
    bytes += n_written;
    n_bytes -= (size_t)n_written;
    file->n_bytes += (uint64_t)n_written;
  }
  return QDRANT_OK;
}

qdrant_status qd_part_file_restart(qd_part_file *file, qdrant_error *err) {
  if (ftruncate(file->fd, 0) != 0 || lseek(file->fd, 0, SEEK_SET) < 0)
    return fail_io("write", file->part_path, err);
  file->n_bytes = 0;
  return QDRANT_OK;
}

qdrant_status qd_part_file_flush(qd_part_file *file, qdrant_error *err) {
  return fsync(file->fd) == 0 ? QDRANT_OK : fail_io("write", file->part_path, err);
}

static int open_directory(const qd_part_file *file) {
  char *directory = qd_strdup(file->path);
  if (directory == NULL)
    return -1;
  char *slash = strrchr(directory, '/');
  if (slash != NULL)
    slash[slash == directory] = '\0';
  int fd = open(slash != NULL ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  qd_free(directory);
  return fd;
}

/* A name is on disk when its directory is. One that cannot be opened or flushed (some file systems) is no failure: the
 * file is whole under either name. */
static void flush_directory(const qd_part_file *file) {
  int fd = open_directory(file);
  if (fd < 0)
    return;
  fsync(fd);
  close(fd);
}

qdrant_status qd_part_file_finish(qd_part_file *file, qdrant_error *err) {
  if (rename(file->part_path, file->path) != 0)
    return fail_io("write", file->path, err);
  flush_directory(file);
  return QDRANT_OK;
}

void qd_part_file_close(qd_part_file *file) {
  if (file->fd >= 0 && file->n_bytes == 0)
    unlink(file->part_path);
  if (file->fd >= 0)
    close(file->fd);
  qd_free(file->part_path);
  *file = (qd_part_file){.fd = -1};
}
