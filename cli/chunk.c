#include "cli/chunk.h"

#include "cli/fail.h"
#include "cli/ids.h"
#include "cli/text.h"
#include "qdrant/build.h"

#include <stdlib.h>
#include <string.h>

/* Vectors and payload of one call, so that it stays below what servers take by default. */
enum { max_bytes = 16 << 20, max_name_bytes = 256 };

/* Where a point came from; sorted to find equal ids. */
typedef struct origin {
  qdrant_point_id id;
  uint64_t line;
} origin;

struct qd_chunk {
  size_t n_points, max_points, n_uuids, n_payloads;
  qd_columns *columns;
  uint64_t *ids;
  qdrant_uuid *uuids;
  uint8_t *is_uuid;
  origin *origins, *sorted;
  char *payload; /* of all points, one after the other */
  size_t payload_capacity;
  int64_t *payload_offsets;
  uint8_t *has_payload;
  qdrant_payload_column payload_column;
  qdrant_arena *arena; /* for judging one payload */
};

static int allocate(qd_chunk *chunk, size_t n) {
  chunk->max_points = n;
  chunk->arena = qdrant_arena_new();
  chunk->ids = malloc(n * sizeof *chunk->ids);
  chunk->uuids = malloc(n * sizeof *chunk->uuids);
  chunk->is_uuid = calloc(n / 8 + 1, 1);
  chunk->origins = malloc(n * sizeof *chunk->origins);
  chunk->sorted = malloc(n * sizeof *chunk->sorted);
  chunk->payload_offsets = calloc(n + 1, sizeof *chunk->payload_offsets);
  chunk->has_payload = calloc(n / 8 + 1, 1);
  return chunk->arena && chunk->ids && chunk->uuids && chunk->is_uuid && chunk->origins && chunk->sorted &&
         chunk->payload_offsets && chunk->has_payload;
}

qdrant_status qd_chunk_new(const qd_schema *schema, size_t max_points, qd_chunk **chunk, qdrant_error *err) {
  *chunk = calloc(1, sizeof **chunk);
  qdrant_status status = QDRANT_OK;
  if (!*chunk || !allocate(*chunk, max_points))
    status = qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu points", max_points);
  if (status == QDRANT_OK)
    status = qd_columns_new(schema, max_points, &(*chunk)->columns, err);
  if (status != QDRANT_OK) {
    qd_chunk_free(*chunk);
    *chunk = NULL;
  }
  return status;
}

void qd_chunk_free(qd_chunk *chunk) {
  if (!chunk)
    return;
  qdrant_arena_free(chunk->arena);
  qd_columns_free(chunk->columns);
  free(chunk->ids);
  free(chunk->uuids);
  free(chunk->is_uuid);
  free(chunk->origins);
  free(chunk->sorted);
  free(chunk->payload);
  free(chunk->payload_offsets);
  free(chunk->has_payload);
  free(chunk);
}

void qd_chunk_reset(qd_chunk *chunk) {
  qd_columns_reset(chunk->columns);
  memset(chunk->is_uuid, 0, chunk->max_points / 8 + 1);
  memset(chunk->has_payload, 0, chunk->max_points / 8 + 1);
  chunk->n_points = chunk->n_uuids = chunk->n_payloads = 0;
}

int qd_chunk_is_full(const qd_chunk *chunk) {
  return chunk->n_points == chunk->max_points ||
         qd_columns_bytes(chunk->columns) + (size_t)chunk->payload_offsets[chunk->n_points] >= max_bytes;
}

qdrant_status qd_chunk_begin(qd_chunk *chunk, uint64_t line, qdrant_error *err) {
  size_t i = chunk->n_points;
  chunk->origins[i] = (origin){.line = line};
  chunk->payload_offsets[i + 1] = chunk->payload_offsets[i];
  return qd_columns_point(chunk->columns, err);
}

void qd_chunk_end(qd_chunk *chunk) {
  chunk->n_points++;
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

qdrant_status qd_chunk_id(qd_chunk *chunk, qd_scan *scan, qdrant_error *err) {
  size_t i = chunk->n_points;
  qdrant_point_id id;
  qdrant_status status = read_id(scan, &id, err);
  if (status != QDRANT_OK)
    return status;
  chunk->ids[i] = id.num;
  chunk->uuids[i] = id.uuid;
  chunk->is_uuid[i / 8] |= (uint8_t)((unsigned)id.is_uuid << (i % 8));
  chunk->n_uuids += id.is_uuid;
  chunk->origins[i].id = id;
  return QDRANT_OK;
}

qdrant_status qd_chunk_vectors(qd_chunk *chunk, qd_scan *scan, qdrant_error *err) {
  if (!qd_scan_take(scan, '{'))
    return qd_columns_add(chunk->columns, NULL, scan, err);
  qdrant_status status = QDRANT_OK;
  int is_more = !qd_scan_take(scan, '}');
  while (status == QDRANT_OK && is_more) {
    char name[max_name_bytes];
    status = qd_scan_key(scan, name, sizeof name, err);
    if (status != QDRANT_OK)
      return status;
    status = qd_columns_add(chunk->columns, name, scan, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, '}', &is_more, err);
    else
      qd_cli_prefix(err, "\"%.64s\": ", name);
  }
  return status;
}

/* Keeps text as the payload of the point being read. The library's reader judges it here, where the line is known. */
static qdrant_status keep_payload(qd_chunk *chunk, const char *text, size_t n, qdrant_error *err) {
  Qdrant__Value *value = NULL;
  size_t i = chunk->n_points, end = (size_t)chunk->payload_offsets[i];
  qdrant_arena_reset(chunk->arena);
  qdrant_status status = qdrant_value_from_json(chunk->arena, text, n, &value, err);
  if (status != QDRANT_OK)
    return status;
  if (end + n > chunk->payload_capacity) {
    char *grown = realloc(chunk->payload, 2 * (end + n));
    if (!grown)
      return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory");
    chunk->payload = grown;
    chunk->payload_capacity = 2 * (end + n);
  }
  memcpy(chunk->payload + end, text, n);
  chunk->payload_offsets[i + 1] = (int64_t)(end + n);
  chunk->has_payload[i / 8] |= (uint8_t)(1u << (i % 8));
  chunk->n_payloads++;
  return QDRANT_OK;
}

qdrant_status qd_chunk_payload(qd_chunk *chunk, qd_scan *scan, qdrant_error *err) {
  if (qd_scan_null(scan))
    return QDRANT_OK;
  if (qd_scan_peek(scan) != '{')
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "byte %zu: an object is needed", scan->at + 1);
  const char *text = scan->text + scan->at;
  qdrant_status status = qd_scan_skip(scan, err);
  return status == QDRANT_OK ? keep_payload(chunk, text, (size_t)(scan->text + scan->at - text), err) : status;
}

static int compare_ids(const qdrant_point_id *a, const qdrant_point_id *b) {
  int by_kind = a->is_uuid - b->is_uuid, by_num = (a->num > b->num) - (a->num < b->num);
  return by_kind ? by_kind : by_num ? by_num : memcmp(a->uuid.bytes, b->uuid.bytes, sizeof a->uuid.bytes);
}

static int compare_origins(const void *a, const void *b) {
  const origin *x = a, *y = b;
  int by_id = compare_ids(&x->id, &y->id);
  return by_id ? by_id : (x->line > y->line) - (x->line < y->line);
}

qdrant_status qd_chunk_check_ids(qd_chunk *chunk, uint64_t *line, qdrant_error *err) {
  memcpy(chunk->sorted, chunk->origins, chunk->n_points * sizeof *chunk->sorted);
  qsort(chunk->sorted, chunk->n_points, sizeof *chunk->sorted, compare_origins);
  for (size_t i = 1; i < chunk->n_points; i++) {
    const origin *one = &chunk->sorted[i - 1], *two = &chunk->sorted[i];
    char text[QD_ID_TEXT], number[QD_NUMBER_TEXT];
    if (compare_ids(&one->id, &two->id) != 0)
      continue;
    *line = two->line;
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT,
        "id %s is also that of line %s (--allow-duplicates: the last wins)", qd_id_format(&two->id, text),
        qd_text_count(one->line, number));
  }
  return QDRANT_OK;
}

void qd_chunk_view(qd_chunk *chunk, qdrant_point_batch *batch) {
  *batch = (qdrant_point_batch)QDRANT_POINT_BATCH_INIT;
  batch->n_points = chunk->n_points;
  batch->ids = chunk->n_uuids == chunk->n_points ? NULL : chunk->ids;
  batch->uuids = chunk->n_uuids > 0 ? chunk->uuids : NULL;
  batch->is_uuid = chunk->n_uuids > 0 ? chunk->is_uuid : NULL;
  batch->vectors = qd_columns_view(chunk->columns, &batch->n_vectors);
  chunk->payload_column = (qdrant_payload_column){.kind = QDRANT_PAYLOAD_JSON,
      .values = chunk->payload,
      .offsets = chunk->payload_offsets,
      .offset_bits = 64,
      .validity = chunk->n_payloads == chunk->n_points ? NULL : chunk->has_payload};
  batch->payload = &chunk->payload_column;
  batch->n_payload = chunk->n_payloads > 0;
}

uint64_t qd_chunk_line(const qd_chunk *chunk, size_t position) {
  return position < chunk->n_points ? chunk->origins[position].line : 0;
}
