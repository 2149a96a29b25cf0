#include "client/checkpoint.h"
#include "core/alloc.h"
#include "core/arena.h"
#include "core/error.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARENA_BYTES 4096

/* What the caller gets, and the arena in which it lies. */
typedef struct held {
  qdrant_checkpoint checkpoint;
  qd_arena *arena;
} held;

/* The lines that are still to be read. */
typedef struct lines {
  const char *at;
  const char *end;
  size_t number; /* of the last line that was taken, from 1 */
  qd_arena *arena;
  qdrant_error *err;
} lines;

/* A value without its key. */
typedef struct value {
  const char *bytes;
  size_t n_bytes;
} value;

static qdrant_status fail_line(const lines *in, const char *why) {
  return qd_fail(in->err, QDRANT_INVALID_ARGUMENT, "line %zu: %s", in->number, why);
}

/* Takes the next line, which has to be "KEY VALUE". */
static qdrant_status take_line(lines *in, const char *key, value *out) {
  size_t n_key = strlen(key), n_left = (size_t)(in->end - in->at);
  const char *line = in->at;
  const char *line_end = memchr(line, '\n', n_left);
  in->number++;
  if (line_end == NULL)
    return fail_line(in, n_left == 0 ? "the file ends here" : "it is cut");
  if ((size_t)(line_end - line) <= n_key || memcmp(line, key, n_key) != 0 || line[n_key] != ' ')
    return qd_fail(in->err, QDRANT_INVALID_ARGUMENT, "line %zu: expected \"%s\" and a value", in->number, key);
  in->at = line_end + 1;
  *out = (value){line + n_key + 1, (size_t)(line_end - line) - n_key - 1};
  return QDRANT_OK;
}

/* A number in decimal as it is written: no sign, no leading zero. Answers where it ends; NULL: it is none. */
static const char *read_number(const char *at, const char *end, uint64_t *number) {
  uint64_t sum = 0;
  const char *first = at;
  for (; at < end && *at >= '0' && *at <= '9'; at++) {
    uint64_t digit = (uint64_t)(*at - '0');
    if (sum > (UINT64_MAX - digit) / 10 || (at == first + 1 && *first == '0'))
      return NULL;
    sum = sum * 10 + digit;
  }
  *number = sum;
  return at > first ? at : NULL;
}

static qdrant_status take_number(lines *in, const char *key, uint64_t max, uint64_t *number) {
  value text = {0};
  qdrant_status status = take_line(in, key, &text);
  if (status != QDRANT_OK)
    return status;
  if (read_number(text.bytes, text.bytes + text.n_bytes, number) != text.bytes + text.n_bytes || *number > max)
    return qd_fail(
        in->err, QDRANT_INVALID_ARGUMENT, "line %zu: %s has to be a number up to %" PRIu64, in->number, key, max);
  return QDRANT_OK;
}

static int digit_of(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One byte of a percent-encoded text; -1: not as it is written. Moves *at on. */
static int read_byte(const char **at, const char *end) {
  unsigned char byte = (unsigned char)**at;
  if (byte != '%') {
    ++*at;
    return byte > ' ' && byte != 0x7f ? byte : -1;
  }
  if (end - *at < 3 || digit_of((*at)[1]) < 0 || digit_of((*at)[2]) < 0)
    return -1;
  int decoded = digit_of((*at)[1]) * 16 + digit_of((*at)[2]);
  *at += 3;
  return decoded > 0 ? decoded : -1;
}

static qdrant_status take_text(lines *in, const char *key, const char **out) {
  value text = {0};
  qdrant_status status = take_line(in, key, &text);
  if (status != QDRANT_OK)
    return status;
  char *decoded = qd_arena_alloc(in->arena, text.n_bytes + 1);
  if (decoded == NULL)
    return qd_fail(in->err, QDRANT_NO_MEMORY, "out of memory while a checkpoint was read");
  size_t n = 0;
  for (const char *at = text.bytes, *end = at + text.n_bytes; at < end;) {
    int byte = read_byte(&at, end);
    if (byte < 0)
      return fail_line(in, "a character that is not encoded as it should be");
    decoded[n++] = (char)byte;
  }
  decoded[n] = '\0';
  *out = decoded;
  return QDRANT_OK;
}

/* "FIRST N", behind the range before it and before the low-water mark. */
static qdrant_status take_range(lines *in, uint64_t from, uint64_t low, uint64_t pair[2]) {
  value text = {0};
  qdrant_status status = take_line(in, "failed", &text);
  if (status != QDRANT_OK)
    return status;
  const char *end = text.bytes + text.n_bytes;
  const char *at = read_number(text.bytes, end, &pair[0]);
  if (at != NULL && at < end && *at == ' ')
    at = read_number(at + 1, end, &pair[1]);
  else
    at = NULL;
  if (at != end)
    return fail_line(in, "expected the first point and the number of points");
  if (pair[0] < from || pair[1] == 0 || pair[0] > low || pair[1] > low - pair[0])
    return fail_line(in, "the range is empty, out of order, or behind first_unreported");
  return QDRANT_OK;
}

static qdrant_status take_ranges(lines *in, qdrant_checkpoint *out) {
  uint64_t n_failed = 0, from = 0;
  qdrant_status status = take_number(in, "n_failed", QD_CHECKPOINT_MAX_FAILED, &n_failed);
  if (status != QDRANT_OK)
    return status;
  uint64_t *pairs = qd_arena_alloc(in->arena, (n_failed + 1) * 2 * sizeof *pairs);
  if (pairs == NULL)
    return qd_fail(in->err, QDRANT_NO_MEMORY, "out of memory while a checkpoint was read");
  for (size_t i = 0; i < n_failed && status == QDRANT_OK; i++) {
    status = take_range(in, from, out->first_unreported, &pairs[2 * i]);
    from = pairs[2 * i] + pairs[2 * i + 1] + 1; /* ranges that touch would be one */
  }
  out->failed = pairs;
  out->n_failed = (size_t)n_failed;
  return status;
}

static qdrant_status take_sum(lines *in, const char *begin) {
  value text = {0};
  char expected[17];
  size_t n_summed = (size_t)(in->at - begin);
  qdrant_status status = take_line(in, "sum", &text);
  if (status != QDRANT_OK)
    return status;
  snprintf(expected, sizeof expected, "%016" PRIx64, qd_checkpoint_sum(begin, n_summed));
  if (text.n_bytes != 16 || memcmp(text.bytes, expected, 16) != 0)
    return fail_line(in, "the checksum is not that of the lines before it; the file is damaged");
  return in->at == in->end ? QDRANT_OK : fail_line(in, "something follows it");
}

static qdrant_status take_format(lines *in) {
  uint64_t version = 0;
  qdrant_status status = take_number(in, "qdrant-checkpoint", UINT64_MAX, &version);
  return status != QDRANT_OK || version == 1 ? status : fail_line(in, "a format newer than this library knows");
}

static qdrant_status take_all(lines *in, qdrant_checkpoint *out) {
  const char *begin = in->at;
  uint64_t is_complete = 0;
  qdrant_status status = take_format(in);
  if (status == QDRANT_OK && (status = take_text(in, "library", &out->library)) == QDRANT_OK &&
      (status = take_text(in, "collection", &out->collection)) == QDRANT_OK &&
      (status = take_text(in, "source", &out->source)) == QDRANT_OK &&
      (status = take_number(in, "first_unreported", UINT64_MAX / 2, &out->first_unreported)) == QDRANT_OK &&
      (status = take_number(in, "n_done", UINT64_MAX, &out->n_done)) == QDRANT_OK &&
      (status = take_number(in, "is_complete", 1, &is_complete)) == QDRANT_OK &&
      (status = take_ranges(in, out)) == QDRANT_OK)
    status = take_sum(in, begin);
  out->is_complete = (int)is_complete;
  return status;
}

qdrant_status qd_checkpoint_parse(
    const char *bytes, size_t n_bytes, const qdrant_checkpoint **checkpoint, qdrant_error *err) {
  qdrant_error error = {0};
  qd_arena *arena = qd_arena_new(ARENA_BYTES);
  held *made = arena != NULL ? qd_arena_zalloc(arena, sizeof *made) : NULL;
  *checkpoint = NULL;
  if (made == NULL) {
    qd_arena_free(arena);
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a checkpoint was read");
  }
  made->arena = arena;
  made->checkpoint.size = sizeof made->checkpoint;
  lines in = {.at = bytes, .end = n_bytes > 0 ? bytes + n_bytes : bytes, .arena = arena, .err = &error};
  if (take_all(&in, &made->checkpoint) != QDRANT_OK) {
    qd_arena_free(arena);
    return qd_error_pass(err, &error);
  }
  *checkpoint = &made->checkpoint;
  return QDRANT_OK;
}

void qdrant_checkpoint_free(const qdrant_checkpoint *checkpoint) {
  if (checkpoint != NULL)
    qd_arena_free(((const held *)checkpoint)->arena);
}

/* As much as there is, but no more than max. -1: errno says why. */
static ssize_t read_all(int fd, char *bytes, size_t max) {
  size_t n = 0;
  while (n < max) {
    ssize_t n_read = read(fd, bytes + n, max - n);
    if (n_read < 0 && errno == EINTR)
      continue;
    if (n_read < 0)
      return -1;
    if (n_read == 0)
      break;
    n += (size_t)n_read;
  }
  return (ssize_t)n;
}

static qdrant_status read_file(int fd, const char *path, const qdrant_checkpoint **checkpoint, qdrant_error *err) {
  char *bytes = qd_alloc(QD_CHECKPOINT_MAX_BYTES + 1);
  if (bytes == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a checkpoint was read");
  ssize_t n_bytes = read_all(fd, bytes, QD_CHECKPOINT_MAX_BYTES + 1);
  qdrant_status status = QDRANT_OK;
  if (n_bytes < 0)
    status = qd_fail(err, QDRANT_IO_ERROR, "cannot read %.200s: %s", path, strerror(errno));
  else if ((size_t)n_bytes > QD_CHECKPOINT_MAX_BYTES)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "%.200s is no checkpoint: it is larger than one can be", path);
  else if ((status = qd_checkpoint_parse(bytes, (size_t)n_bytes, checkpoint, err)) == QDRANT_INVALID_ARGUMENT)
    qd_error_prefix(err, "%.200s is no checkpoint, or damaged: ", path);
  qd_free(bytes);
  return status;
}

qdrant_status qdrant_checkpoint_read(const char *path, const qdrant_checkpoint **checkpoint, qdrant_error *err) {
  qd_error_clear(err);
  if (path == NULL || checkpoint == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", path == NULL ? "path" : "checkpoint");
  *checkpoint = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return qd_fail(
        err, errno == ENOENT ? QDRANT_NOT_FOUND : QDRANT_IO_ERROR, "cannot read %.200s: %s", path, strerror(errno));
  qdrant_status status = read_file(fd, path, checkpoint, err);
  close(fd);
  return status;
}
