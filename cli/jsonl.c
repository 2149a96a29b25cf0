/* JSON Lines as points: {"id": 1, "vector": ..., "payload": {...}} each. */
#include "cli/columns.h"
#include "cli/fail.h"
#include "cli/ids.h"
#include "cli/scan.h"
#include "cli/source.h"
#include "cli/text.h"
#include "qdrant/build.h"
#include <stdlib.h>
#include <string.h>

enum { max_line_bytes = 64 << 20, max_chunk_bytes = 16 << 20, max_name_bytes = 256 };

/* Where a point of the chunk came from; sorted to find equal ids. */
typedef struct origin {
  qdrant_point_id id;
  uint64_t line;
} origin;

typedef struct jsonl_source {
  qd_source base;
  qd_source_options options;
  qdrant_arena *arena; /* for checking one payload */
  qd_scan next;        /* the line that comes next, the input's; its text is NULL at the end */
  uint64_t line;       /* its number, from 1 */
  qd_columns *columns;
  uint64_t *ids;
  qdrant_uuid *uuids;
  uint8_t *is_uuid;
  origin *origins, *sorted;
  size_t n_points, n_uuids;
  char *payload;
  size_t max_payload;
  int64_t *payload_offsets;
  uint8_t *has_payload;
  size_t n_payloads;
  qdrant_payload_column payload_column;
} jsonl_source;

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

static qdrant_status read_id(qd_scan *scan, qdrant_point_id *id, qdrant_error *err) {
  char text[max_name_bytes];
  memset(id, 0, sizeof *id);
  if (qd_scan_peek(scan) != '"')
    return qd_scan_whole(scan, UINT64_MAX, &id->num, err);
  id->is_uuid = 1;
  qdrant_status status = qd_scan_string(scan, text, sizeof text, err);
  if (status == QDRANT_OK && !qdrant_uuid_parse(text, &id->uuid))
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"%.64s\" is no UUID, and other text is no id", text);
  return status;
}

static qdrant_status add_id(jsonl_source *lines, qd_scan *scan, qdrant_error *err) {
  size_t i = lines->n_points;
  qdrant_point_id id;
  qdrant_status status = read_id(scan, &id, err);
  if (status != QDRANT_OK)
    return status;
  lines->ids[i] = id.num;
  lines->uuids[i] = id.uuid;
  lines->is_uuid[i / 8] |= (uint8_t)((unsigned)id.is_uuid << (i % 8));
  lines->n_uuids += id.is_uuid;
  lines->origins[i] = (origin){id, lines->line};
  return QDRANT_OK;
}

/* Keeps text as the payload of the point being read. The library's reader judges it here, where the line is known. */
static qdrant_status keep_payload(jsonl_source *lines, const char *text, size_t n, qdrant_error *err) {
  Qdrant__Value *value = NULL;
  size_t i = lines->n_points, end = (size_t)lines->payload_offsets[i];
  qdrant_arena_reset(lines->arena);
  qdrant_status status = qdrant_value_from_json(lines->arena, text, n, &value, err);
  if (status != QDRANT_OK)
    return status;
  if (end + n > lines->max_payload) {
    char *grown = realloc(lines->payload, 2 * (end + n));
    if (!grown)
      return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
    lines->payload = grown;
    lines->max_payload = 2 * (end + n);
  }
  memcpy(lines->payload + end, text, n);
  lines->payload_offsets[i + 1] = (int64_t)(end + n);
  lines->has_payload[i / 8] |= (uint8_t)(1u << (i % 8));
  lines->n_payloads++;
  return QDRANT_OK;
}

static qdrant_status add_payload(jsonl_source *lines, qd_scan *scan, qdrant_error *err) {
  if (qd_scan_null(scan))
    return QDRANT_OK;
  if (qd_scan_peek(scan) != '{')
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "byte %zu: an object is needed", scan->at + 1);
  const char *text = scan->text + scan->at;
  qdrant_status status = qd_scan_skip(scan, err);
  return status == QDRANT_OK ? keep_payload(lines, text, (size_t)(scan->text + scan->at - text), err) : status;
}

/* Reads one vector, or an object of named ones. */
static qdrant_status add_vectors(jsonl_source *lines, qd_scan *scan, qdrant_error *err) {
  if (qd_scan_peek(scan) != '{')
    return qd_columns_add(lines->columns, NULL, scan, err);
  (void)qd_scan_take(scan, '{');
  qdrant_status status = QDRANT_OK;
  int is_more = !qd_scan_take(scan, '}');
  while (status == QDRANT_OK && is_more) {
    char name[max_name_bytes];
    status = qd_scan_key(scan, name, sizeof name, err);
    if (status != QDRANT_OK)
      return status;
    status = qd_columns_add(lines->columns, name, scan, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, '}', &is_more, err);
    else
      qd_cli_prefix(err, "\"%.64s\": ", name);
  }
  return status;
}

/* The members of a line, and what reads each. */
static const struct member {
  const char *name;
  qdrant_status (*read)(jsonl_source *lines, qd_scan *scan, qdrant_error *err);
  int is_needed;
} members[] = {{"id", add_id, 1}, {"vector", add_vectors, 1}, {"payload", add_payload, 0}};

enum { n_members = sizeof members / sizeof *members };

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

static qdrant_status read_members(jsonl_source *lines, qd_scan *scan, unsigned *seen, qdrant_error *err) {
  size_t which;
  qdrant_status status = qd_scan_expect(scan, '{', err);
  int is_more = status == QDRANT_OK && !qd_scan_take(scan, '}');
  while (status == QDRANT_OK && is_more) {
    status = read_member(scan, seen, &which, err);
    if (status != QDRANT_OK)
      return status;
    status = members[which].read(lines, scan, err);
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
  qdrant_status status = qd_columns_point(lines->columns, err);
  lines->payload_offsets[lines->n_points + 1] = lines->payload_offsets[lines->n_points];
  if (status == QDRANT_OK)
    status = read_members(lines, &scan, &seen, err);
  for (size_t i = 0; status == QDRANT_OK && i < n_members; i++)
    if (members[i].is_needed && !(seen & 1u << i))
      status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"%s\" is missing", members[i].name);
  if (status == QDRANT_OK && qd_scan_peek(&scan) != '\0')
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "byte %zu: something follows the point", scan.at + 1);
  lines->n_points += status == QDRANT_OK;
  return status;
}

static int compare_origins(const void *a, const void *b) {
  const origin *x = a, *y = b;
  int by_kind = x->id.is_uuid - y->id.is_uuid;
  int by_num = (x->id.num > y->id.num) - (x->id.num < y->id.num);
  int by_uuid = memcmp(x->id.uuid.bytes, y->id.uuid.bytes, sizeof x->id.uuid.bytes);
  int by_line = (x->line > y->line) - (x->line < y->line);
  return by_kind ? by_kind : by_num ? by_num : by_uuid ? by_uuid : by_line;
}

static qdrant_status check_ids(jsonl_source *lines, qdrant_error *err) {
  if (lines->options.allows_duplicates)
    return QDRANT_OK;
  memcpy(lines->sorted, lines->origins, lines->n_points * sizeof *lines->sorted);
  qsort(lines->sorted, lines->n_points, sizeof *lines->sorted, compare_origins);
  for (size_t i = 1; i < lines->n_points; i++) {
    const origin *one = &lines->sorted[i - 1], *two = &lines->sorted[i];
    char text[QD_ID_TEXT], number[QD_NUMBER_TEXT];
    if (one->id.is_uuid != two->id.is_uuid || one->id.num != two->id.num ||
        memcmp(&one->id.uuid, &two->id.uuid, sizeof one->id.uuid) != 0)
      continue;
    qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "id %s is also that of line %s (--allow-duplicates: the last wins)",
        qd_id_format(&two->id, text), qd_text_count(one->line, number));
    name_line(lines, two->line, err);
    return err->status;
  }
  return QDRANT_OK;
}

static void reset_chunk(jsonl_source *lines) {
  qd_columns_reset(lines->columns);
  memset(lines->is_uuid, 0, lines->options.max_points / 8 + 1);
  memset(lines->has_payload, 0, lines->options.max_points / 8 + 1);
  lines->n_points = lines->n_uuids = lines->n_payloads = 0;
}

static void view_chunk(jsonl_source *lines, qdrant_point_batch *batch) {
  *batch = (qdrant_point_batch)QDRANT_POINT_BATCH_INIT;
  batch->n_points = lines->n_points;
  batch->ids = lines->n_uuids == lines->n_points ? NULL : lines->ids;
  batch->uuids = lines->n_uuids > 0 ? lines->uuids : NULL;
  batch->is_uuid = lines->n_uuids > 0 ? lines->is_uuid : NULL;
  batch->vectors = qd_columns_view(lines->columns, &batch->n_vectors);
  lines->payload_column = (qdrant_payload_column){.kind = QDRANT_PAYLOAD_JSON,
      .values = lines->payload,
      .offsets = lines->payload_offsets,
      .offset_bits = 64,
      .validity = lines->n_payloads == lines->n_points ? NULL : lines->has_payload};
  batch->payload = &lines->payload_column;
  batch->n_payload = lines->n_payloads > 0;
}

static qdrant_status read_lines(qd_source *source, qdrant_point_batch *batch, qdrant_error *err) {
  jsonl_source *lines = (jsonl_source *)source;
  reset_chunk(lines);
  qdrant_status status = QDRANT_OK;
  while (status == QDRANT_OK && lines->next.text && lines->n_points < lines->options.max_points &&
         qd_columns_bytes(lines->columns) + (size_t)lines->payload_offsets[lines->n_points] < max_chunk_bytes) {
    status = add_point(lines, err);
    if (status != QDRANT_OK)
      name_line(lines, lines->line, err);
    else
      status = read_next(lines, err);
  }
  if (status == QDRANT_OK)
    status = check_ids(lines, err);
  view_chunk(lines, batch);
  return status;
}

static void place_line(const qd_source *source, size_t position, char *text, size_t n_text) {
  const jsonl_source *lines = (const jsonl_source *)source;
  char number[QD_NUMBER_TEXT];
  uint64_t line = position < lines->n_points ? lines->origins[position].line : lines->line;
  snprintf(text, n_text, "line %s", qd_text_count(line, number));
}

static void close_lines(qd_source *source) {
  jsonl_source *lines = (jsonl_source *)source;
  qdrant_arena_free(lines->arena);
  qd_columns_free(lines->columns);
  free(lines->ids);
  free(lines->uuids);
  free(lines->is_uuid);
  free(lines->origins);
  free(lines->sorted);
  free(lines->payload);
  free(lines->payload_offsets);
  free(lines->has_payload);
  free(lines);
}

static const qd_source_ops jsonl_ops = {.read = read_lines, .place = place_line, .close = close_lines};

static int allocate_chunk(jsonl_source *lines, size_t n) {
  lines->arena = qdrant_arena_new();
  lines->ids = malloc(n * sizeof *lines->ids);
  lines->uuids = malloc(n * sizeof *lines->uuids);
  lines->is_uuid = calloc(n / 8 + 1, 1);
  lines->origins = malloc(n * sizeof *lines->origins);
  lines->sorted = malloc(n * sizeof *lines->sorted);
  lines->payload_offsets = calloc(n + 1, sizeof *lines->payload_offsets);
  lines->has_payload = calloc(n / 8 + 1, 1);
  return lines->arena && lines->ids && lines->uuids && lines->is_uuid && lines->origins && lines->sorted &&
         lines->payload_offsets && lines->has_payload;
}

qdrant_status qd_jsonl_open(const qd_source_options *options, qd_source **source, qdrant_error *err) {
  *source = NULL;
  jsonl_source *lines = calloc(1, sizeof *lines);
  if (!lines)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
  lines->base.ops = &jsonl_ops;
  lines->options = *options;
  qdrant_status status = QDRANT_OK;
  if (!allocate_chunk(lines, options->max_points))
    status = qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu points", options->max_points);
  if (status == QDRANT_OK)
    status = read_next(lines, err);
  if (status != QDRANT_OK)
    close_lines(&lines->base);
  else
    *source = &lines->base;
  return status;
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
    if (status == QDRANT_OK && members[which].read == add_vectors)
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

qdrant_status qd_jsonl_use(qd_source *source, const qd_schema *schema, qdrant_error *err) {
  jsonl_source *lines = (jsonl_source *)source;
  return qd_columns_new(schema, lines->options.max_points, &lines->columns, err);
}
