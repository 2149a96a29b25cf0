/* JSON Lines as points: {"id": 1, "vector": ..., "payload": {...}} each. */
#include "core/alloc.h"
#include "core/error.h"
#include "ingest/chunk.h"
#include "ingest/scan.h"
#include "ingest/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { max_line_bytes = 64 << 20, max_name_bytes = 256, max_gaps = 65536 };

/* From this point on there are so many more lines than points. */
typedef struct gap {
  uint64_t first_point;
  uint64_t n_blank;
} gap;

typedef struct jsonl_source {
  qdrant_source base;
  qd_chunk *chunk;
  int has_next;
  qd_scan next;   /* the line of the next point; its text is NULL at the end */
  uint64_t line;  /* lines read: the number of that line, from 1 */
  uint64_t point; /* its number, from 0 */
  gap *gaps;      /* by rising first_point; never more than max_gaps */
  size_t n_gaps;
} jsonl_source;

/* The members of a line, and what reads each. */
static const struct member {
  const char *name;
  qdrant_status (*read)(qd_chunk *chunk, qd_scan *scan, qdrant_error *err);
  int is_needed;
} members[] = {{"id", qd_chunk_id, 1}, {"vector", qd_chunk_vectors, 1}, {"payload", qd_chunk_payload, 0}};

enum { n_members = sizeof members / sizeof *members };

static void name_line(const jsonl_source *lines, qdrant_error *err) {
  qd_error_prefix(err, "%.300s: line %" PRIu64 ": ", qd_input_name(lines->base.input), lines->line);
}

static int is_blank(const char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
      return 0;
  return 1;
}

/* Remembers how many blank lines there were before the next point, when there are more than before the last. */
static qdrant_status note_gap(jsonl_source *lines, qdrant_error *err) {
  uint64_t n_blank = lines->line - 1 - lines->point;
  const gap *last = lines->n_gaps > 0 ? &lines->gaps[lines->n_gaps - 1] : NULL;
  if (n_blank == (last != NULL ? last->n_blank : 0) || (last != NULL && lines->point <= last->first_point) ||
      lines->n_gaps == max_gaps)
    return QDRANT_OK;
  if ((lines->n_gaps & (lines->n_gaps - 1)) == 0) {
    gap *grown = qd_realloc(lines->gaps, (lines->n_gaps > 0 ? 2 * lines->n_gaps : 1) * sizeof *grown);
    if (grown == NULL)
      return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the places of blank lines");
    lines->gaps = grown;
  }
  lines->gaps[lines->n_gaps++] = (gap){lines->point, n_blank};
  return QDRANT_OK;
}

/* Reads the next line that is not blank into lines->next, unless it is there. */
static qdrant_status need_line(jsonl_source *lines, qdrant_error *err) {
  const char *text = NULL;
  size_t n = 0;
  while (!lines->has_next) {
    qdrant_status status = qd_input_line(lines->base.input, max_line_bytes, &text, &n, err);
    lines->line += status == QDRANT_OK || status == QDRANT_RESOURCE_EXHAUSTED;
    if (status == QDRANT_RESOURCE_EXHAUSTED)
      name_line(lines, err);
    if (status != QDRANT_OK)
      return status;
    lines->next = (qd_scan){.text = text, .n = n};
    lines->has_next = text == NULL || !is_blank(text, n);
  }
  return lines->next.text != NULL ? note_gap(lines, err) : QDRANT_OK;
}

static void pass_line(jsonl_source *lines) {
  lines->has_next = 0;
  lines->point++;
}

/* Reads the key of one member, which must not have been seen: its place in members. */
static qdrant_status read_key(qd_scan *scan, unsigned *seen, size_t *which, qdrant_error *err) {
  char key[max_name_bytes];
  qdrant_status status = qd_scan_key(scan, key, sizeof key, err);
  if (status != QDRANT_OK)
    return status;
  for (*which = 0; *which < n_members && strcmp(members[*which].name, key) != 0;)
    ++*which;
  if (*which == n_members)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "\"%.64s\" is none of \"id\", \"vector\", \"payload\"", key);
  if (*seen & 1u << *which)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "\"%s\" is there twice", key);
  *seen |= 1u << *which;
  return QDRANT_OK;
}

static qdrant_status read_members(qd_chunk *chunk, qd_scan *scan, unsigned *seen, qdrant_error *err) {
  size_t which;
  qdrant_status status = qd_scan_expect(scan, '{', err);
  int is_more = status == QDRANT_OK && !qd_scan_take(scan, '}');
  while (status == QDRANT_OK && is_more) {
    status = read_key(scan, seen, &which, err);
    if (status != QDRANT_OK)
      return status;
    status = members[which].read(chunk, scan, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, '}', &is_more, err);
    else
      qd_error_prefix(err, "\"%s\": ", members[which].name);
  }
  return status;
}

static qdrant_status read_point(jsonl_source *lines, qdrant_error *err) {
  qd_scan scan = lines->next;
  unsigned seen = 0;
  qdrant_status status = qd_chunk_begin(lines->chunk, lines->line, err);
  if (status == QDRANT_OK)
    status = read_members(lines->chunk, &scan, &seen, err);
  for (size_t i = 0; status == QDRANT_OK && i < n_members; i++)
    if (members[i].is_needed && !(seen & 1u << i))
      status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "\"%s\" is missing", members[i].name);
  (void)qd_scan_peek(&scan);
  if (status == QDRANT_OK && scan.at < scan.n)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "byte %zu: something follows the point", scan.at + 1);
  if (status == QDRANT_OK && lines->base.refuses_equal_ids)
    status = qd_chunk_check_id(lines->chunk, err);
  return status;
}

/* Takes the next line as a point into the chunk. AGAIN: it is to begin the next one. */
static qdrant_status add_point(jsonl_source *lines, qdrant_error *err) {
  qdrant_status status = read_point(lines, err);
  if (status == QDRANT_OK)
    qd_chunk_end(lines->chunk);
  else
    qd_chunk_drop(lines->chunk);
  if (status == QDRANT_AGAIN)
    return status;
  if (status != QDRANT_OK)
    name_line(lines, err);
  pass_line(lines);
  return status;
}

static qdrant_status read_lines(qdrant_source *source, qdrant_point_batch *batch, qdrant_error *err) {
  jsonl_source *lines = (jsonl_source *)source;
  qdrant_status status = qd_chunk_reset(lines->chunk, err);
  while (status == QDRANT_OK && !qd_chunk_is_full(lines->chunk)) {
    status = need_line(lines, err);
    if (status == QDRANT_OK && lines->next.text == NULL)
      break;
    if (status == QDRANT_OK)
      status = add_point(lines, err);
  }
  qd_chunk_view(lines->chunk, batch);
  return status == QDRANT_AGAIN ? QDRANT_OK : status;
}

static qdrant_status seek_line(qdrant_source *source, uint64_t point, qdrant_error *err) {
  jsonl_source *lines = (jsonl_source *)source;
  qdrant_status status = QDRANT_OK;
  if (point < lines->point) {
    status = qd_input_seek(source->input, 0, err);
    if (status != QDRANT_OK)
      return status;
    lines->line = lines->point = 0;
    lines->has_next = 0;
  }
  while (status == QDRANT_OK && lines->point < point) {
    status = need_line(lines, err);
    if (status == QDRANT_OK && lines->next.text == NULL)
      status = qd_fail(err, QDRANT_OUT_OF_RANGE, "%.300s: point %" PRIu64 ": there are %" PRIu64,
          qd_input_name(source->input), point, lines->point);
    if (status == QDRANT_OK)
      pass_line(lines);
  }
  return status;
}

static const qdrant_source_vector *found_schema(qdrant_source *source, size_t *n_vectors) {
  return qd_columns_schema(qd_chunk_columns(((jsonl_source *)source)->chunk), n_vectors);
}

static qdrant_status expect_vectors(
    qdrant_source *source, const qdrant_source_vector *vectors, size_t n_vectors, qdrant_error *err) {
  return qd_columns_expect(qd_chunk_columns(((jsonl_source *)source)->chunk), vectors, n_vectors, err);
}

static void place_line(const qdrant_source *source, uint64_t point, char *place, size_t n_place) {
  const jsonl_source *lines = (const jsonl_source *)source;
  size_t n = lines->n_gaps;
  while (n > 0 && lines->gaps[n - 1].first_point > point)
    n--;
  if (n == max_gaps)
    snprintf(place, n_place, "point %" PRIu64, point + 1);
  else
    snprintf(place, n_place, "line %" PRIu64, point + 1 + (n > 0 ? lines->gaps[n - 1].n_blank : 0));
}

static void close_lines(qdrant_source *source) {
  jsonl_source *lines = (jsonl_source *)source;
  qd_chunk_free(lines->chunk);
  qd_free(lines->gaps);
  qd_free(lines);
}

static const qd_source_ops jsonl_ops = {read_lines, seek_line, found_schema, expect_vectors, place_line, close_lines};

qdrant_status qd_jsonl_open(const qdrant_source *base, qdrant_source **source, qdrant_error *err) {
  jsonl_source *lines = qd_zalloc(sizeof *lines);
  if (lines == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  lines->base = *base;
  lines->base.ops = &jsonl_ops;
  qdrant_status status = qd_chunk_new(base->max_points, &lines->chunk, err);
  if (status != QDRANT_OK)
    close_lines(&lines->base);
  else
    *source = &lines->base;
  return status;
}
