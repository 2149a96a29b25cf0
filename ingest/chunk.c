#include "ingest/chunk.h"

#include "core/alloc.h"
#include "core/arena.h"
#include "core/error.h"
#include "core/json_value.h"
#include "core/position_set.h"
#include "core/uuid.h"
#include "ingest/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { max_name_bytes = 256, uuid_text_bytes = 37, first_arena_bytes = 4096 };

struct qd_chunk {
  size_t n_points, max_points, n_uuids, n_payloads;
  qd_columns *columns;
  qdrant_point_id *points; /* their ids, which the next three say again as columns */
  uint64_t *ids;
  qdrant_uuid *uuids;
  uint8_t *is_uuid;
  uint64_t *lines;
  qd_position_set by_id;
  char *payload; /* of all points, one after the other */
  size_t payload_capacity;
  int64_t *payload_offsets;
  uint8_t *has_payload;
  qdrant_payload_column payload_column;
  qd_arena *arena; /* for judging one payload */
};

static int allocate(qd_chunk *chunk, size_t n) {
  chunk->max_points = n;
  chunk->arena = qd_arena_new(first_arena_bytes);
  chunk->points = qd_alloc_array(n, sizeof *chunk->points);
  chunk->ids = qd_alloc_array(n, sizeof *chunk->ids);
  chunk->uuids = qd_alloc_array(n, sizeof *chunk->uuids);
  chunk->is_uuid = qd_zalloc(n / 8 + 1);
  chunk->lines = qd_alloc_array(n, sizeof *chunk->lines);
  chunk->payload_offsets = qd_zalloc((n + 1) * sizeof *chunk->payload_offsets);
  chunk->has_payload = qd_zalloc(n / 8 + 1);
  return chunk->arena && chunk->points && chunk->ids && chunk->uuids && chunk->is_uuid && chunk->lines &&
         chunk->payload_offsets && chunk->has_payload;
}

qdrant_status qd_chunk_new(size_t max_points, qd_chunk **chunk, qdrant_error *err) {
  *chunk = qd_zalloc(sizeof **chunk);
  qdrant_status status = QDRANT_OK;
  if (*chunk == NULL || !allocate(*chunk, max_points))
    status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu points", max_points);
  if (status == QDRANT_OK)
    status = qd_columns_new(max_points, &(*chunk)->columns, err);
  if (status != QDRANT_OK) {
    qd_chunk_free(*chunk);
    *chunk = NULL;
  }
  return status;
}

void qd_chunk_free(qd_chunk *chunk) {
  if (chunk == NULL)
    return;
  qd_arena_free(chunk->arena);
  qd_columns_free(chunk->columns);
  qd_position_set_free(&chunk->by_id);
  qd_free(chunk->points);
  qd_free(chunk->ids);
  qd_free(chunk->uuids);
  qd_free(chunk->is_uuid);
  qd_free(chunk->lines);
  qd_free(chunk->payload);
  qd_free(chunk->payload_offsets);
  qd_free(chunk->has_payload);
  qd_free(chunk);
}

qd_columns *qd_chunk_columns(qd_chunk *chunk) {
  return chunk->columns;
}

qdrant_status qd_chunk_reset(qd_chunk *chunk, qdrant_error *err) {
  qd_columns_reset(chunk->columns);
  memset(chunk->is_uuid, 0, chunk->max_points / 8 + 1);
  memset(chunk->has_payload, 0, chunk->max_points / 8 + 1);
  chunk->n_points = chunk->n_uuids = chunk->n_payloads = 0;
  if (!qd_position_set_reset(&chunk->by_id, chunk->max_points))
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the ids of %zu points", chunk->max_points);
  return QDRANT_OK;
}

int qd_chunk_is_full(const qd_chunk *chunk) {
  return chunk->n_points == chunk->max_points ||
         qd_columns_bytes(chunk->columns) + (size_t)chunk->payload_offsets[chunk->n_points] >= QD_PIECE_BYTES;
}

int qd_chunk_is_empty(const qd_chunk *chunk) {
  return chunk->n_points == 0;
}

static void set_bit(uint8_t *bits, size_t i, unsigned value) {
  bits[i / 8] = (uint8_t)((bits[i / 8] & ~(1u << (i % 8))) | value << (i % 8));
}

qdrant_status qd_chunk_begin(qd_chunk *chunk, uint64_t line, qdrant_error *err) {
  size_t i = chunk->n_points;
  chunk->lines[i] = line;
  chunk->points[i] = (qdrant_point_id){0};
  chunk->payload_offsets[i + 1] = chunk->payload_offsets[i];
  set_bit(chunk->has_payload, i, 0);
  return qd_columns_begin(chunk->columns, err);
}

void qd_chunk_drop(qd_chunk *chunk) {
  qd_columns_drop(chunk->columns);
}

/* The slot of the point being read in the table by id: of the point that has the same id, or free. */
static size_t find_slot(const qd_chunk *chunk) {
  const qdrant_point_id *id = &chunk->points[chunk->n_points];
  uint64_t halves[2];
  memcpy(halves, id->uuid.bytes, sizeof halves);
  uint64_t hash = qd_hash_u64(id->num ^ qd_hash_u64(halves[0] ^ qd_hash_u64(halves[1])));
  size_t slot = qd_position_set_slot(&chunk->by_id, hash);
  for (; chunk->by_id.slots[slot] != 0; slot = qd_position_set_next(&chunk->by_id, slot)) {
    const qdrant_point_id *other = &chunk->points[chunk->by_id.slots[slot] - 1];
    if (other->is_uuid == id->is_uuid && other->num == id->num && memcmp(&other->uuid, &id->uuid, sizeof id->uuid) == 0)
      break;
  }
  return slot;
}

qdrant_status qd_chunk_check_id(const qd_chunk *chunk, qdrant_error *err) {
  const qdrant_point_id *id = &chunk->points[chunk->n_points];
  uint32_t other = chunk->by_id.slots[find_slot(chunk)];
  char text[uuid_text_bytes];
  if (other == 0)
    return QDRANT_OK;
  if (id->is_uuid)
    qd_uuid_format(id->uuid.bytes, text);
  else
    snprintf(text, sizeof text, "%" PRIu64, id->num);
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "id %s is also that of line %" PRIu64 "; equal ids are refused", text,
      chunk->lines[other - 1]);
}

void qd_chunk_end(qd_chunk *chunk) {
  size_t i = chunk->n_points;
  const qdrant_point_id *id = &chunk->points[i];
  chunk->ids[i] = id->num;
  chunk->uuids[i] = id->uuid;
  set_bit(chunk->is_uuid, i, id->is_uuid);
  chunk->n_uuids += id->is_uuid;
  chunk->n_payloads += chunk->has_payload[i / 8] >> (i % 8) & 1;
  chunk->by_id.slots[find_slot(chunk)] = (uint32_t)i + 1;
  chunk->n_points++;
}

qdrant_status qd_chunk_id(qd_chunk *chunk, qd_scan *scan, qdrant_error *err) {
  qdrant_point_id *id = &chunk->points[chunk->n_points];
  char text[max_name_bytes];
  if (qd_scan_peek(scan) != '"')
    return qd_scan_whole(scan, UINT64_MAX, &id->num, err);
  id->is_uuid = 1;
  qdrant_status status = qd_scan_string(scan, text, sizeof text, err);
  if (status == QDRANT_OK && !qd_uuid_parse(text, id->uuid.bytes))
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "\"%.64s\" is no UUID, and other text is no id", text);
  return status;
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
      qd_error_prefix(err, "\"%.64s\": ", name);
  }
  return status;
}

static qdrant_status reserve_payload(qd_chunk *chunk, size_t n, qdrant_error *err) {
  if (n <= chunk->payload_capacity)
    return QDRANT_OK;
  char *grown = qd_realloc(chunk->payload, 2 * n);
  if (grown == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu bytes of payload", 2 * n);
  chunk->payload = grown;
  chunk->payload_capacity = 2 * n;
  return QDRANT_OK;
}

/* Keeps text as the payload of the point being read. It is judged here, where the line is known. */
static qdrant_status keep_payload(qd_chunk *chunk, const char *text, size_t n, qdrant_error *err) {
  Qdrant__Value value;
  size_t i = chunk->n_points, end = (size_t)chunk->payload_offsets[i];
  qd_arena_reset(chunk->arena);
  qdrant_status status = qd_json_text_to_value(text, n, chunk->arena, &value, err);
  if (status == QDRANT_OK)
    status = reserve_payload(chunk, end + n, err);
  if (status != QDRANT_OK)
    return status;
  memcpy(chunk->payload + end, text, n);
  chunk->payload_offsets[i + 1] = (int64_t)(end + n);
  set_bit(chunk->has_payload, i, 1);
  return QDRANT_OK;
}

qdrant_status qd_chunk_payload(qd_chunk *chunk, qd_scan *scan, qdrant_error *err) {
  if (qd_scan_null(scan))
    return QDRANT_OK;
  if (qd_scan_peek(scan) != '{')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "byte %zu: an object is needed", scan->at + 1);
  const char *text = scan->text + scan->at;
  qdrant_status status = qd_scan_skip(scan, err);
  return status == QDRANT_OK ? keep_payload(chunk, text, (size_t)(scan->text + scan->at - text), err) : status;
}

void qd_chunk_view(qd_chunk *chunk, qdrant_point_batch *batch) {
  batch->n_points = chunk->n_points;
  batch->ids = chunk->n_uuids > 0 && chunk->n_uuids == chunk->n_points ? NULL : chunk->ids;
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
