/* JSON Lines as points: {"id": 1, "vector": ..., "payload": {...}} each. */
#include "cli/chunk.h"
#include "cli/fail.h"
#include "cli/scan.h"
#include "cli/source.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>

enum { max_line_bytes = 64 << 20, max_name_bytes = 256 };

typedef struct jsonl_source {
  qd_source base;
  qd_source_options options;
  qd_scan next;  /* the line that comes next, the input's; its text is NULL at the end */
  uint64_t line; /* its number, from 1 */
  qd_chunk *chunk;
} jsonl_source;

/* The members of a line, and what reads each. */
static const struct member {
  const char *name;
  qdrant_status (*read)(qd_chunk *chunk, qd_scan *scan, qdrant_error *err);
  int is_needed;
} members[] = {{"id", qd_chunk_id, 1}, {"vector", qd_chunk_vectors, 1}, {"payload", qd_chunk_payload, 0}};

enum { n_members = sizeof members / sizeof *members };

static void name_line(const jsonl_source *lines, uint64_t line, qdrant_error *err) {
  char number[QD_NUMBER_TEXT];
  qd_cli_prefix(err, "%s: line %s: ", qd_input_name(lines->options.input), qd_text_count(line, number));
}

static int is_blank(const char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
      return 0;
  return 1;
}

/* Reads the next line that is not blank into lines->next. */
static qdrant_status read_next(jsonl_source *lines, qdrant_error *err) {
  const char *text = NULL;
  size_t n = 0;
  qdrant_status status;
  do {
    lines->line++;
    status = qd_input_line(lines->options.input, max_line_bytes, &text, &n, err);
  } while (status == QDRANT_OK && text && is_blank(text, n));
  lines->next = (qd_scan){.text = status == QDRANT_OK ? text : NULL, .n = n};
  if (status != QDRANT_OK && status != QDRANT_IO_ERROR)
    name_line(lines, lines->line, err);
  return status;
}

/* Reads the key of one member, which must not have been seen: its place in members. */
static qdrant_status read_member(qd_scan *scan, unsigned *seen, size_t *which, qdrant_error *err) {
  char key[max_name_bytes];
  qdrant_status status = qd_scan_key(scan, key, sizeof key, err);
  if (status != QDRANT_OK)
    return status;
  for (*which = 0; *which < n_members && strcmp(members[*which].name, key) != 0;)
    ++*which;
  if (*which == n_members)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"%.64s\" is none of \"id\", \"vector\", \"payload\"", key);
  if (*seen & 1u << *which)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"%s\" is there twice", key);
  *seen |= 1u << *which;
  return QDRANT_OK;
}

static qdrant_status read_members(qd_chunk *chunk, qd_scan *scan, unsigned *seen, qdrant_error *err) {
  size_t which;
  qdrant_status status = qd_scan_expect(scan, '{', err);
  int is_more = status == QDRANT_OK && !qd_scan_take(scan, '}');
  while (status == QDRANT_OK && is_more) {
    status = read_member(scan, seen, &which, err);
    if (status != QDRANT_OK)
      return status;
    status = members[which].read(chunk, scan, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, '}', &is_more, err);
    else
      qd_cli_prefix(err, "\"%s\": ", members[which].name);
  }
  return status;
}

static qdrant_status add_point(jsonl_source *lines, qdrant_error *err) {
  qd_scan scan = lines->next;
  unsigned seen = 0;
  qdrant_status status = qd_chunk_begin(lines->chunk, lines->line, err);
  if (status == QDRANT_OK)
    status = read_members(lines->chunk, &scan, &seen, err);
  for (size_t i = 0; status == QDRANT_OK && i < n_members; i++)
    if (members[i].is_needed && !(seen & 1u << i))
      status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"%s\" is missing", members[i].name);
  (void)qd_scan_peek(&scan);
  if (status == QDRANT_OK && scan.at < scan.n)
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "byte %zu: something follows the point", scan.at + 1);
  if (status == QDRANT_OK)
    qd_chunk_end(lines->chunk);
  return status;
}

static qdrant_status read_lines(qd_source *source, qdrant_point_batch *batch, qdrant_error *err) {
  jsonl_source *lines = (jsonl_source *)source;
  qdrant_status status = QDRANT_OK;
  uint64_t line = 0;
  qd_chunk_reset(lines->chunk);
  while (status == QDRANT_OK && lines->next.text && !qd_chunk_is_full(lines->chunk)) {
    status = add_point(lines, err);
    if (status != QDRANT_OK)
      name_line(lines, lines->line, err);
    else
      status = read_next(lines, err);
  }
  if (status == QDRANT_OK && !lines->options.allows_duplicates) {
    status = qd_chunk_check_ids(lines->chunk, &line, err);
    if (status == QDRANT_INVALID_ARGUMENT)
      name_line(lines, line, err);
  }
  qd_chunk_view(lines->chunk, batch);
  return status;
}

static void place_line(const qd_source *source, size_t position, char *text, size_t n_text) {
  const jsonl_source *lines = (const jsonl_source *)source;
  char number[QD_NUMBER_TEXT];
  uint64_t line = qd_chunk_line(lines->chunk, position);
  snprintf(text, n_text, "line %s", qd_text_count(line ? line : lines->line, number));
}

static void close_lines(qd_source *source) {
  jsonl_source *lines = (jsonl_source *)source;
  qd_chunk_free(lines->chunk);
  free(lines);
}

static const qd_source_ops jsonl_ops = {.read = read_lines, .place = place_line, .close = close_lines};

qdrant_status qd_jsonl_open(const qd_source_options *options, qd_source **source, qdrant_error *err) {
  *source = NULL;
  jsonl_source *lines = calloc(1, sizeof *lines);
  if (!lines)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
  lines->base.ops = &jsonl_ops;
  lines->options = *options;
  qdrant_status status = read_next(lines, err);
  if (status != QDRANT_OK)
    close_lines(&lines->base);
  else
    *source = &lines->base;
  return status;
}

qdrant_status qd_jsonl_use(qd_source *source, const qd_schema *schema, qdrant_error *err) {
  jsonl_source *lines = (jsonl_source *)source;
  return qd_chunk_new(schema, lines->options.max_points, &lines->chunk, err);
}

static qdrant_status infer_vector(
    const char *name, qd_scan *scan, Qdrant__Distance distance, qd_schema *schema, qdrant_error *err) {
  qdrant_vector_kind kind;
  uint64_t dim;
  qdrant_status status = qd_vector_kind_of(scan, &kind, &dim, err);
  if (status != QDRANT_OK)
    return status;
  return qd_schema_add(schema, name, name ? strlen(name) : 0, kind, dim, distance, err);
}

static qdrant_status infer_vectors(qd_scan *scan, Qdrant__Distance distance, qd_schema *schema, qdrant_error *err) {
  if (!qd_scan_take(scan, '{'))
    return infer_vector(NULL, scan, distance, schema, err);
  qdrant_status status = QDRANT_OK;
  int is_more = !qd_scan_take(scan, '}');
  while (status == QDRANT_OK && is_more) {
    char name[max_name_bytes];
    status = qd_scan_key(scan, name, sizeof name, err);
    if (status == QDRANT_OK)
      status = infer_vector(name, scan, distance, schema, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, '}', &is_more, err);
  }
  return status;
}

/* Finds "vector" in a line: the scan is before its value. */
static qdrant_status find_vector(qd_scan *scan, qdrant_error *err) {
  unsigned seen = 0;
  size_t which;
  int is_more = 1;
  qdrant_status status = qd_scan_expect(scan, '{', err);
  while (status == QDRANT_OK && is_more) {
    status = read_member(scan, &seen, &which, err);
    if (status == QDRANT_OK && members[which].read == qd_chunk_vectors)
      return QDRANT_OK;
    if (status == QDRANT_OK)
      status = qd_scan_skip(scan, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, '}', &is_more, err);
  }
  if (status == QDRANT_OK)
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "no \"vector\" to tell a new collection's dimension from");
  return status;
}

qdrant_status qd_jsonl_infer(const qd_source *source, Qdrant__Distance distance, qd_schema *schema, qdrant_error *err) {
  const jsonl_source *lines = (const jsonl_source *)source;
  qd_scan scan = lines->next;
  if (!scan.text)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%s: no line to tell a new collection's dimension from",
        qd_input_name(lines->options.input));
  qdrant_status status = find_vector(&scan, err);
  if (status == QDRANT_OK)
    status = infer_vectors(&scan, distance, schema, err);
  if (status == QDRANT_INVALID_ARGUMENT)
    name_line(lines, lines->line, err);
  return status;
}
