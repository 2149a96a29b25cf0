#include "core/points_plan.h"

#include "core/error.h"
#include "core/point_id.h"
#include "core/position_set.h"
#include "core/uuid.h"
#include "core/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ID_TEXT_BYTES (QD_UUID_TEXT_BYTES + 1)

static qdrant_status fail_duplicate(
    const qdrant_point_batch *batch, const qd_rows *rows, size_t earlier, size_t i, qdrant_error *err) {
  size_t row = rows->first + i;
  char text[ID_TEXT_BYTES];
  if (qd_id_is_uuid(batch, row))
    qd_uuid_format(batch->uuids[row].bytes, text);
  else
    snprintf(text, sizeof text, "%" PRIu64, batch->ids[row]);
  return qd_fail(err, QDRANT_INVALID_ARGUMENT,
      "point %zu: id %s is the id of point %zu too; with allow_duplicates the last one wins", i, text, earlier);
}

static int is_rising(const uint64_t *ids, size_t n) {
  for (size_t i = 1; i < n; i++)
    if (ids[i - 1] >= ids[i])
      return 0;
  return 1;
}

static qdrant_status find_equal_nums(
    const qdrant_point_batch *batch, const qd_rows *rows, qd_position_set *set, qdrant_error *err) {
  const uint64_t *ids = batch->ids + rows->first;
  for (size_t i = 0; i < rows->n; i++) {
    size_t slot = qd_position_set_slot(set, qd_hash_u64(ids[i]));
    for (; set->slots[slot] != 0; slot = qd_position_set_next(set, slot))
      if (ids[set->slots[slot] - 1] == ids[i])
        return fail_duplicate(batch, rows, set->slots[slot] - 1, i, err);
    set->slots[slot] = (uint32_t)i + 1;
  }
  return QDRANT_OK;
}

static uint64_t hash_id(const qdrant_point_batch *batch, size_t row) {
  if (!qd_id_is_uuid(batch, row))
    return qd_hash_u64(batch->ids[row]);
  uint64_t halves[2];
  memcpy(halves, batch->uuids[row].bytes, sizeof halves);
  return qd_hash_u64(qd_hash_u64(halves[0]) ^ halves[1]);
}

/* A number and a UUID are never the same id. */
static int is_same_id(const qdrant_point_batch *batch, size_t row, size_t other) {
  int is_uuid = qd_id_is_uuid(batch, row);
  if (is_uuid != qd_id_is_uuid(batch, other))
    return 0;
  if (!is_uuid)
    return batch->ids[row] == batch->ids[other];
  return memcmp(&batch->uuids[row], &batch->uuids[other], sizeof batch->uuids[row]) == 0;
}

static qdrant_status find_equal_ids(
    const qdrant_point_batch *batch, const qd_rows *rows, qd_position_set *set, qdrant_error *err) {
  for (size_t i = 0; i < rows->n; i++) {
    size_t row = rows->first + i;
    size_t slot = qd_position_set_slot(set, hash_id(batch, row));
    for (; set->slots[slot] != 0; slot = qd_position_set_next(set, slot))
      if (is_same_id(batch, row, rows->first + set->slots[slot] - 1))
        return fail_duplicate(batch, rows, set->slots[slot] - 1, i, err);
    set->slots[slot] = (uint32_t)i + 1;
  }
  return QDRANT_OK;
}

qdrant_status qd_points_check_duplicates(const qdrant_point_batch *batch, const qd_rows *rows, qdrant_error *err) {
  int has_only_nums = batch->is_uuid == NULL && batch->ids != NULL;
  if (has_only_nums && is_rising(batch->ids + rows->first, rows->n))
    return QDRANT_OK; /* the usual case, and the cheapest */
  qd_position_set set = {0};
  if (!qd_position_set_reset(&set, rows->n))
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory to compare %zu ids", rows->n);
  qdrant_status status =
      has_only_nums ? find_equal_nums(batch, rows, &set, err) : find_equal_ids(batch, rows, &set, err);
  qd_position_set_free(&set);
  return status;
}
