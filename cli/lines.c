#include "cli/lines.h"

#include "cli/fail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct qd_lines {
  FILE *file;
  char *name;
  char *line;
  size_t line_capacity;
};

static qdrant_status fail_read(const qd_lines *input, qdrant_error *err) {
  return qd_cli_fail(err, QDRANT_IO_ERROR, "%s: %s", input->name, strerror(errno));
}

static qdrant_status open_file(qd_lines *input, const char *path, qdrant_error *err) {
  input->name = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
  if (!input->name)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
  input->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (!input->file)
    return fail_read(input, err);
  return QDRANT_OK;
}

qdrant_status qd_lines_open(const char *path, qd_lines **input, qdrant_error *err) {
  *input = calloc(1, sizeof **input);
  if (!*input)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
  qdrant_status status = open_file(*input, path, err);
  if (status != QDRANT_OK) {
    qd_lines_close(*input);
    *input = NULL;
  }
  return status;
}

void qd_lines_close(qd_lines *input) {
  if (!input)
    return;
  if (input->file && input->file != stdin)
    fclose(input->file);
  free(input->line);
  free(input->name);
  free(input);
}

const char *qd_lines_name(const qd_lines *input) {
  return input->name;
}

static qdrant_status grow_line(qd_lines *input, qdrant_error *err) {
  size_t capacity = input->line_capacity ? 2 * input->line_capacity : 4096;
  char *grown = realloc(input->line, capacity);
  if (!grown)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for a line of more than %zu bytes", input->line_capacity);
  input->line = grown;
  input->line_capacity = capacity;
  return QDRANT_OK;
}

/* Reads up to a byte, which is consumed, or to the end. *is_end: nothing was left. */
static qdrant_status read_until(
    qd_lines *input, int end, size_t max_bytes, size_t *n_bytes, int *is_end, qdrant_error *err) {
  size_t n = 0;
  int byte;
  while ((byte = getc_unlocked(input->file)) != EOF && byte != end) {
    if (n == max_bytes)
      return qd_cli_fail(err, QDRANT_RESOURCE_EXHAUSTED, "the %s is longer than %zu MiB", end == EOF ? "input" : "line",
          max_bytes >> 20);
    if (n + 1 >= input->line_capacity && grow_line(input, err) != QDRANT_OK)
      return err->status;
    input->line[n++] = (char)byte;
  }
  if (byte == EOF && ferror(input->file))
    return fail_read(input, err);
  if (!input->line && grow_line(input, err) != QDRANT_OK)
    return err->status;
  input->line[n] = '\0';
  *n_bytes = n;
  *is_end = byte == EOF && n == 0;
  return QDRANT_OK;
}

qdrant_status qd_lines_next(qd_lines *input, size_t max_bytes, const char **line, size_t *n_bytes, qdrant_error *err) {
  int is_end;
  qdrant_status status = read_until(input, '\n', max_bytes, n_bytes, &is_end, err);
  *line = status == QDRANT_OK && !is_end ? input->line : NULL;
  return status;
}

qdrant_status qd_lines_rest(qd_lines *input, size_t max_bytes, const char **text, size_t *n_bytes, qdrant_error *err) {
  int is_end;
  qdrant_status status = read_until(input, EOF, max_bytes, n_bytes, &is_end, err);
  *text = status == QDRANT_OK ? input->line : "";
  return status;
}
