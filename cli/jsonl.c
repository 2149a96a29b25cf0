/* JSON Lines as points: {"id": 1, "vector": ..., "payload": {...}} each. */
#include "cli/columns.h"
#include "cli/fail.h"
#include "cli/ids.h"
#include "cli/source.h"
#include "cli/text.h"
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { max_line_bytes = 64 << 20, max_chunk_bytes = 16 << 20, max_depth = 64 };

/* Where a point of the chunk came from; sorted to find equal ids. */
typedef struct origin {
  qdrant_point_id id;
  uint64_t line;
} origin;

typedef struct jsonl_source {
  qd_source base;
  qd_source_options options;
  json_tokener *tokener;
  json_object *next; /* the point that comes next, parsed; NULL at the end */
  uint64_t line;     /* its number, from 1 */
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

static qdrant_status parse_line(jsonl_source *lines, const char *text, size_t n, qdrant_error *err) {
  if (n > INT_MAX)
    return qd_cli_fail(err, QDRANT_RESOURCE_EXHAUSTED, "the line is too long");
  json_tokener_reset(lines->tokener);
  lines->next = json_tokener_parse_ex(lines->tokener, text, (int)n);
  enum json_tokener_error error = json_tokener_get_error(lines->tokener);
  size_t at = json_tokener_get_parse_end(lines->tokener);
  if (error == json_tokener_continue)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "the JSON ends before it is complete");
  if (error != json_tokener_success)
    return qd_cli_fail(
        err, QDRANT_INVALID_ARGUMENT, "byte %zu is not JSON: %s", at + 1, json_tokener_error_desc(error));
  while (at < n && strchr(" \t\r", text[at]) && text[at])
    at++;
  if (at < n)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "byte %zu: something follows the JSON value", at + 1);
  if (!json_object_is_type(lines->next, json_type_object))
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "a JSON object is needed: {\"id\": .., \"vector\": ..}");
  return QDRANT_OK;
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
  json_object_put(lines->next);
  lines->next = NULL;
  qdrant_status status;
  do {
    lines->line++;
    status = qd_input_line(lines->options.input, max_line_bytes, &text, &n, err);
  } while (status == QDRANT_OK && text && is_blank(text, n));
  if (status == QDRANT_OK && text)
    status = parse_line(lines, text, n, err);
  if (status != QDRANT_OK && status != QDRANT_IO_ERROR)
    name_line(lines, lines->line, err);
  return status;
}

static qdrant_status read_id(json_object *value, qdrant_point_id *id, qdrant_error *err) {
  if (json_object_is_type(value, json_type_string)) {
    size_t n = (size_t)json_object_get_string_len(value);
    const char *text = json_object_get_string(value);
    memset(id, 0, sizeof *id);
    id->is_uuid = 1;
    if (strlen(text) == n && qdrant_uuid_parse(text, &id->uuid))
      return QDRANT_OK;
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "id \"%.64s\": text must be a UUID", text);
  }
  if (!json_object_is_type(value, json_type_int))
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"id\" is %s; a whole number or a UUID is needed",
        value ? json_type_to_name(json_object_get_type(value)) : "missing");
  const char *digits = json_object_get_string(value);
  if (digits[0] == '-')
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "id %s: numbers from 0 are ids", digits);
  return qd_id_parse(digits, strlen(digits), id, err);
}

static qdrant_status add_id(jsonl_source *lines, json_object *value, qdrant_error *err) {
  size_t i = lines->n_points;
  qdrant_point_id id;
  qdrant_status status = read_id(value, &id, err);
  if (status != QDRANT_OK)
    return status;
  lines->ids[i] = id.num;
  lines->uuids[i] = id.uuid;
  lines->is_uuid[i / 8] |= (uint8_t)((unsigned)id.is_uuid << (i % 8));
  lines->n_uuids += id.is_uuid;
  lines->origins[i] = (origin){id, lines->line};
  return QDRANT_OK;
}

static qdrant_status add_payload(jsonl_source *lines, json_object *value, qdrant_error *err) {
  size_t i = lines->n_points, n = 0, end = (size_t)lines->payload_offsets[i];
  lines->payload_offsets[i + 1] = (int64_t)end;
  if (!value)
    return QDRANT_OK;
  if (!json_object_is_type(value, json_type_object))
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"payload\" is %s; an object is needed",
        json_type_to_name(json_object_get_type(value)));
  const char *text = json_object_to_json_string_length(value, JSON_C_TO_STRING_PLAIN, &n);
  if (text && end + n > lines->max_payload) {
    char *grown = realloc(lines->payload, 2 * (end + n));
    if (!grown)
      return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the payload");
    lines->payload = grown;
    lines->max_payload = 2 * (end + n);
  }
  if (!text)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the payload");
  memcpy(lines->payload + end, text, n);
  lines->payload_offsets[i + 1] = (int64_t)(end + n);
  lines->has_payload[i / 8] |= (uint8_t)(1u << (i % 8));
  lines->n_payloads++;
  return QDRANT_OK;
}

/* Whether an object holds named vectors, not one sparse vector. */
static int is_named(json_object *value) {
  return json_object_is_type(value, json_type_object);
}

static qdrant_status add_vectors(jsonl_source *lines, json_object *value, qdrant_error *err) {
  qdrant_status status = qd_columns_point(lines->columns, err);
  if (status != QDRANT_OK)
    return status;
  if (!value)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"vector\" is missing");
  if (!is_named(value)) {
    status = qd_columns_add(lines->columns, NULL, value, err);
    if (status != QDRANT_OK)
      qd_cli_prefix(err, "\"vector\": ");
    return status;
  }
  json_object_object_foreach(value, name, vector) {
    status = qd_columns_add(lines->columns, name, vector, err);
    if (status != QDRANT_OK) {
      qd_cli_prefix(err, "vector \"%.64s\": ", name);
      break;
    }
  }
  return status;
}

static qdrant_status add_point(jsonl_source *lines, qdrant_error *err) {
  json_object *id = NULL, *vector = NULL, *payload = NULL;
  json_object_object_foreach(lines->next, key, value) {
    if (strcmp(key, "id") == 0)
      id = value;
    else if (strcmp(key, "vector") == 0)
      vector = value;
    else if (strcmp(key, "payload") == 0)
      payload = value;
    else
      return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"%.64s\" is none of \"id\", \"vector\", \"payload\"", key);
  }
  qdrant_status status = add_id(lines, id, err);
  if (status == QDRANT_OK)
    status = add_vectors(lines, vector, err);
  if (status == QDRANT_OK)
    status = add_payload(lines, payload, err);
  if (status == QDRANT_OK)
    lines->n_points++;
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
  while (status == QDRANT_OK && lines->next && lines->n_points < lines->options.max_points &&
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
  json_object_put(lines->next);
  if (lines->tokener)
    json_tokener_free(lines->tokener);
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
  lines->tokener = json_tokener_new_ex(max_depth);
  lines->ids = malloc(n * sizeof *lines->ids);
  lines->uuids = malloc(n * sizeof *lines->uuids);
  lines->is_uuid = calloc(n / 8 + 1, 1);
  lines->origins = malloc(n * sizeof *lines->origins);
  lines->sorted = malloc(n * sizeof *lines->sorted);
  lines->payload_offsets = calloc(n + 1, sizeof *lines->payload_offsets);
  lines->has_payload = calloc(n / 8 + 1, 1);
  return lines->tokener && lines->ids && lines->uuids && lines->is_uuid && lines->origins && lines->sorted &&
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
  if (status == QDRANT_OK) {
    json_tokener_set_flags(
        lines->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS | JSON_TOKENER_VALIDATE_UTF8);
    status = read_next(lines, err);
  }
  if (status != QDRANT_OK)
    close_lines(&lines->base);
  else
    *source = &lines->base;
  return status;
}

static qdrant_status infer_vector(
    const char *name, json_object *value, Qdrant__Distance distance, qd_schema *schema, qdrant_error *err) {
  qdrant_vector_kind kind;
  uint64_t dim;
  qdrant_status status = qd_vector_kind_of(value, &kind, &dim, err);
  if (status != QDRANT_OK)
    return status;
  return qd_schema_add(schema, name, name ? strlen(name) : 0, kind, dim, distance, err);
}

qdrant_status qd_jsonl_infer(const qd_source *source, Qdrant__Distance distance, qd_schema *schema, qdrant_error *err) {
  const jsonl_source *lines = (const jsonl_source *)source;
  json_object *vector = NULL;
  qdrant_status status = QDRANT_OK;
  if (!lines->next || !json_object_object_get_ex(lines->next, "vector", &vector) || !vector) {
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "no \"vector\" to tell a new collection's dimension from");
  } else if (!is_named(vector)) {
    status = infer_vector(NULL, vector, distance, schema, err);
  } else {
    json_object_object_foreach(vector, name, value) {
      if (status == QDRANT_OK)
        status = infer_vector(name, value, distance, schema, err);
    }
  }
  if (status == QDRANT_INVALID_ARGUMENT)
    name_line(lines, lines->line, err);
  return status;
}

qdrant_status qd_jsonl_use(qd_source *source, const qd_schema *schema, qdrant_error *err) {
  jsonl_source *lines = (jsonl_source *)source;
  return qd_columns_new(schema, lines->options.max_points, &lines->columns, err);
}
