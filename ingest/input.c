#include "ingest/input.h"

#include "core/alloc.h"
#include "core/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { first_capacity = 256 << 10 };

struct qd_input {
  int fd;
  char *name;
  int64_t size;
  char *window;
  size_t capacity, begin, end; /* what is read and not consumed is [begin, end) of the window */
  uint64_t offset;             /* of begin */
  int is_at_end;
};

static qdrant_status fail_read(const qd_input *input, qdrant_error *err) {
  qdrant_status status = errno == EINTR ? QDRANT_CANCELLED : errno == ENOENT ? QDRANT_NOT_FOUND : QDRANT_IO_ERROR;
  return qd_fail(err, status, "%.300s: %s", input->name, strerror(errno));
}

static qdrant_status open_file(qd_input *input, const char *path, qdrant_error *err) {
  struct stat info;
  int is_standard = strcmp(path, "-") == 0;
  input->name = qd_strdup(is_standard ? "standard input" : path);
  input->capacity = first_capacity;
  input->window = qd_alloc(first_capacity);
  if (input->name == NULL || input->window == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "%.300s: out of memory", path);
  input->fd = is_standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (input->fd < 0 || fstat(input->fd, &info) != 0)
    return fail_read(input, err);
  input->size = S_ISREG(info.st_mode) && !is_standard ? info.st_size : -1;
  return QDRANT_OK;
}

qdrant_status qd_input_open(const char *path, qd_input **input, qdrant_error *err) {
  *input = qd_zalloc(sizeof **input);
  if (*input == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "%.300s: out of memory", path);
  qdrant_status status = open_file(*input, path, err);
  if (status != QDRANT_OK) {
    qd_input_close(*input);
    *input = NULL;
  }
  return status;
}

void qd_input_close(qd_input *input) {
  if (input == NULL)
    return;
  if (input->fd > STDIN_FILENO)
    close(input->fd);
  qd_free(input->window);
  qd_free(input->name);
  qd_free(input);
}

const char *qd_input_name(const qd_input *input) {
  return input->name;
}

int qd_input_fd(const qd_input *input) {
  return input->fd;
}

int64_t qd_input_size(const qd_input *input) {
  return input->size;
}

uint64_t qd_input_offset(const qd_input *input) {
  return input->offset;
}

/* Makes room behind the end, one byte more than is ever read into: a line's NUL. */
static qdrant_status make_room(qd_input *input, qdrant_error *err) {
  if (input->begin > 0 && input->end > input->capacity / 2) {
    memmove(input->window, input->window + input->begin, input->end - input->begin);
    input->end -= input->begin;
    input->begin = 0;
  }
  if (input->end + 1 < input->capacity)
    return QDRANT_OK;
  char *grown = qd_realloc(input->window, 2 * input->capacity);
  if (grown == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "%.300s: out of memory for %zu bytes", input->name, 2 * input->capacity);
  input->window = grown;
  input->capacity *= 2;
  return QDRANT_OK;
}

/* Reads more into the window, or finds the end. */
static qdrant_status read_more(qd_input *input, qdrant_error *err) {
  qdrant_status status = make_room(input, err);
  if (status != QDRANT_OK)
    return status;
  ssize_t n = read(input->fd, input->window + input->end, input->capacity - input->end - 1);
  if (n < 0)
    return fail_read(input, err);
  input->end += (size_t)n;
  input->is_at_end = n == 0;
  return QDRANT_OK;
}

qdrant_status qd_input_peek(qd_input *input, size_t n, const unsigned char **bytes, size_t *n_have, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  while (status == QDRANT_OK && input->end - input->begin < n && !input->is_at_end)
    status = read_more(input, err);
  size_t n_there = input->end - input->begin;
  *n_have = n_there < n ? n_there : n;
  *bytes = (const unsigned char *)input->window + input->begin;
  return status;
}

void qd_input_skip(qd_input *input, size_t n) {
  input->begin += n;
  input->offset += n;
}

/* Finds the end of the line that begins the window; *n is its length without it. */
static qdrant_status find_end(qd_input *input, size_t max_bytes, size_t *n, qdrant_error *err) {
  size_t n_seen = 0;
  for (;;) {
    size_t n_there = input->end - input->begin;
    const char *line = input->window + input->begin;
    const char *found = memchr(line + n_seen, '\n', n_there - n_seen);
    *n = found != NULL ? (size_t)(found - line) : n_there;
    if (*n > max_bytes)
      return qd_fail(err, QDRANT_RESOURCE_EXHAUSTED, "the line is longer than %zu MiB", max_bytes >> 20);
    if (found != NULL || input->is_at_end)
      return QDRANT_OK;
    n_seen = n_there;
    qdrant_status status = read_more(input, err);
    if (status != QDRANT_OK)
      return status;
  }
}

qdrant_status qd_input_line(qd_input *input, size_t max_bytes, const char **line, size_t *n_bytes, qdrant_error *err) {
  *line = NULL;
  *n_bytes = 0;
  qdrant_status status = find_end(input, max_bytes, n_bytes, err);
  if (status != QDRANT_OK || input->begin == input->end)
    return status;
  char *text = input->window + input->begin;
  size_t n_used = *n_bytes + (input->begin + *n_bytes < input->end);
  text[*n_bytes] = '\0';
  qd_input_skip(input, n_used);
  *line = text;
  return QDRANT_OK;
}

qdrant_status qd_input_seek(qd_input *input, uint64_t offset, qdrant_error *err) {
  if (input->size < 0)
    return qd_fail(err, QDRANT_UNSUPPORTED, "%.300s: cannot go back: it is not a file", input->name);
  if (lseek(input->fd, (off_t)offset, SEEK_SET) < 0)
    return fail_read(input, err);
  input->begin = input->end = 0;
  input->offset = offset;
  input->is_at_end = 0;
  return QDRANT_OK;
}
