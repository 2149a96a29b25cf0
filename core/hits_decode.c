#include "core/hits_decode.h"

#include "core/error.h"
#include "core/point_id.h"
#include "core/wire.h"

#include <string.h>

/* Field numbers of the responses (QueryResponse, QueryBatchResponse and BatchResult have the same one) and of
 * ScoredPoint. */
enum { RESPONSE_RESULT = 1, POINT_ID = 1, POINT_SCORE = 3 };

/* A ScoredPoint with an id has at least this many bytes: what is counted is bounded by what was received. */
#define SCORED_POINT_MIN_BYTES 4

static qdrant_status fail_reply(qdrant_error *err) {
  return qd_fail(err, QDRANT_BAD_REPLY, "the reply to a query cannot be read");
}

/* The next result, other fields skipped. */
static inline qd_wire_step next_result(qd_wire *wire, qd_wire *result) {
  qd_wire_field field;
  qd_wire_step step;
  do {
    step = qd_wire_next(wire, &field);
  } while (step == QD_WIRE_FIELD && field.number != RESPONSE_RESULT);
  if (step == QD_WIRE_FIELD && field.type != QD_WIRE_BYTES)
    return QD_WIRE_BAD;
  if (step == QD_WIRE_FIELD)
    *result = qd_wire_of(field.bytes, field.n_bytes);
  return step;
}

static size_t bytes_left(const qd_wire *wire) {
  return (size_t)(wire->end - wire->at);
}

static qdrant_status count_points(qd_wire points, size_t *n_hits, qdrant_error *err) {
  qd_wire point;
  qd_wire_step step;
  while ((step = next_result(&points, &point)) == QD_WIRE_FIELD) {
    if (bytes_left(&point) < SCORED_POINT_MIN_BYTES)
      return qd_fail(err, QDRANT_BAD_REPLY, "hit %zu of the reply has no id", *n_hits);
    *n_hits += 1;
  }
  return step == QD_WIRE_END ? QDRANT_OK : fail_reply(err);
}

static qdrant_status count_hits(qd_wire wire, int is_batch, qd_hits_page *page, qdrant_error *err) {
  if (!is_batch) {
    page->n_queries = 1;
    return count_points(wire, &page->n_hits, err);
  }
  qd_wire points;
  qd_wire_step step;
  while ((step = next_result(&wire, &points)) == QD_WIRE_FIELD) {
    page->n_queries++;
    qdrant_status status = count_points(points, &page->n_hits, err);
    if (status != QDRANT_OK)
      return status;
  }
  return step == QD_WIRE_END ? QDRANT_OK : fail_reply(err);
}

static qdrant_status make_room(qd_hits_page *page, qd_arena *arena, qdrant_error *err) {
  page->starts = qd_arena_alloc(arena, (page->n_queries + 1) * sizeof *page->starts);
  page->scores = qd_arena_zalloc(arena, page->n_hits * sizeof *page->scores);
  page->nums = qd_arena_zalloc(arena, page->n_hits * sizeof *page->nums);
  page->points = qd_arena_alloc(arena, page->n_hits * sizeof *page->points);
  page->point_bytes = qd_arena_alloc(arena, page->n_hits * sizeof *page->point_bytes);
  if (page->starts == NULL || page->scores == NULL || page->nums == NULL || page->points == NULL ||
      page->point_bytes == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for %zu hits", page->n_hits);
  return QDRANT_OK;
}

/* UUIDs are rare enough to have no room until the first of them. */
static qdrant_status keep_uuid(
    qd_hits_page *page, size_t at, const qdrant_uuid *uuid, qd_arena *arena, qdrant_error *err) {
  if (page->uuids == NULL) {
    page->uuids = qd_arena_zalloc(arena, page->n_hits * sizeof *page->uuids);
    page->is_uuid = qd_arena_zalloc(arena, page->n_hits);
    if (page->uuids == NULL || page->is_uuid == NULL)
      return qd_fail(err, QDRANT_NO_MEMORY, "no memory for %zu hits", page->n_hits);
  }
  page->uuids[at] = *uuid;
  page->is_uuid[at] = 1;
  return QDRANT_OK;
}

/* Reads id and score; the other fields are only walked over. */
static qdrant_status read_point(qd_wire point, float *score, qdrant_point_id *id, qdrant_error *err) {
  qd_wire_field field;
  qd_wire_step step;
  int has_id = 0;
  while ((step = qd_wire_next(&point, &field)) == QD_WIRE_FIELD) {
    if (field.number == POINT_ID) {
      has_id = 1;
      if (field.type != QD_WIRE_BYTES)
        return fail_reply(err);
      qdrant_status status = qd_point_id_get(field.bytes, field.n_bytes, id, err);
      if (status != QDRANT_OK)
        return status;
    } else if (field.number == POINT_SCORE) {
      if (field.type != QD_WIRE_FIXED32)
        return fail_reply(err);
      memcpy(score, &field.value, sizeof *score);
    }
  }
  if (step != QD_WIRE_END)
    return fail_reply(err);
  return has_id ? QDRANT_OK : qd_fail(err, QDRANT_BAD_REPLY, "it has no id");
}

static qdrant_status fill_points(qd_wire points, qd_hits_page *page, size_t *at, qd_arena *arena, qdrant_error *err) {
  qd_wire point;
  while (next_result(&points, &point) == QD_WIRE_FIELD) {
    qdrant_point_id id = {0};
    page->points[*at] = point.at;
    page->point_bytes[*at] = (uint32_t)bytes_left(&point);
    qdrant_status status = read_point(point, &page->scores[*at], &id, err);
    if (status != QDRANT_OK) {
      qd_error_prefix(err, "hit %zu of the reply: ", *at);
      return status;
    }
    page->nums[*at] = id.num;
    if (id.is_uuid) {
      status = keep_uuid(page, *at, &id.uuid, arena, err);
      if (status != QDRANT_OK)
        return status;
    }
    *at += 1;
  }
  return QDRANT_OK;
}

/* The counts were made of the same bytes, so that there is room for all that comes. */
static qdrant_status fill_hits(qd_wire wire, int is_batch, qd_hits_page *page, qd_arena *arena, qdrant_error *err) {
  size_t at = 0;
  size_t query = 0;
  qdrant_status status = QDRANT_OK;
  if (!is_batch) {
    page->starts[query++] = 0;
    status = fill_points(wire, page, &at, arena, err);
  }
  qd_wire points;
  while (is_batch && status == QDRANT_OK && next_result(&wire, &points) == QD_WIRE_FIELD) {
    page->starts[query++] = at;
    status = fill_points(points, page, &at, arena, err);
  }
  page->starts[query] = at;
  return status;
}

qdrant_status qd_hits_decode(
    const uint8_t *bytes, size_t n_bytes, int is_batch, qd_arena *arena, qd_hits_page *page, qdrant_error *err) {
  *page = (qd_hits_page){0};
  if (n_bytes > QD_WIRE_MAX_MESSAGE_BYTES)
    return qd_fail(err, QDRANT_BAD_REPLY, "a reply of %zu bytes is longer than a message can be", n_bytes);
  qd_wire wire = qd_wire_of(bytes, n_bytes);
  qd_hits_page made = {0};
  qdrant_status status = count_hits(wire, is_batch, &made, err);
  if (status == QDRANT_OK)
    status = make_room(&made, arena, err);
  if (status == QDRANT_OK)
    status = fill_hits(wire, is_batch, &made, arena, err);
  if (status == QDRANT_OK)
    *page = made;
  return status;
}
