#include "client/upload_ids.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/position_set.h"
#include "core/uuid.h"
#include "qdrant/pb/points.pb-c.h"

#include <string.h>

/* Neighbouring numbers share a cache line: uploads mostly count their points. */
#define GROUP 8
#define MIN_CAPACITY 1024

uint64_t qd_upload_key_uuid(const uint8_t uuid[16]) {
  uint64_t halves[2];
  memcpy(halves, uuid, sizeof halves);
  return qd_hash_u64(qd_hash_u64(halves[0]) ^ halves[1]);
}

qdrant_status qd_upload_key_message(const struct Qdrant__PointId *id, uint64_t *key, qdrant_error *err) {
  uint8_t uuid[16];
  if (id != NULL && id->point_id_options_case == QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM) {
    *key = id->num;
    return QDRANT_OK;
  }
  if (id == NULL || id->point_id_options_case != QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID || id->uuid == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "it has no id");
  if (!qd_uuid_parse(id->uuid, uuid))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "its id is no UUID, and other text is no id");
  *key = qd_upload_key_uuid(uuid);
  return QDRANT_OK;
}

static size_t home(const qd_upload_ids *ids, uint64_t key) {
  uint64_t group = qd_hash_u64(key / GROUP) >> 32;
  return (size_t)(group * GROUP + key % GROUP) & (ids->capacity - 1);
}

static size_t after(const qd_upload_ids *ids, size_t slot) {
  return (slot + 1) & (ids->capacity - 1);
}

/* The slot of the key, or the free one where it belongs. */
static size_t find(const qd_upload_ids *ids, uint64_t key) {
  size_t slot = home(ids, key);
  while (ids->slots[slot].owner != 0 && ids->slots[slot].key != key)
    slot = after(ids, slot);
  return slot;
}

int qd_upload_ids_reserve(qd_upload_ids *ids, size_t n) {
  size_t capacity = ids->capacity > 0 ? ids->capacity : MIN_CAPACITY;
  while (capacity / 2 < ids->n + n)
    capacity *= 2;
  if (capacity == ids->capacity)
    return 1;
  qd_upload_ids larger = {.slots = qd_zalloc(capacity * sizeof *larger.slots), .capacity = capacity, .n = ids->n};
  if (larger.slots == NULL)
    return 0;
  for (size_t i = 0; i < ids->capacity; i++)
    if (ids->slots[i].owner != 0)
      larger.slots[find(&larger, ids->slots[i].key)] = ids->slots[i];
  qd_free(ids->slots);
  *ids = larger;
  return 1;
}

uint64_t qd_upload_ids_put(qd_upload_ids *ids, uint64_t key, uint64_t owner) {
  qd_id_slot *slot = &ids->slots[find(ids, key)];
  uint64_t before = slot->owner;
  ids->n += before == 0;
  *slot = (qd_id_slot){key, owner};
  return before;
}

/* Moves what was pushed on past the freed slot back, so that no search ends there too early. */
static void close_hole(qd_upload_ids *ids, size_t hole) {
  for (size_t slot = after(ids, hole); ids->slots[slot].owner != 0; slot = after(ids, slot)) {
    size_t wanted = home(ids, ids->slots[slot].key);
    size_t mask = ids->capacity - 1;
    if (((slot - wanted) & mask) < ((slot - hole) & mask))
      continue; /* it belongs behind the hole */
    ids->slots[hole] = ids->slots[slot];
    hole = slot;
  }
  ids->slots[hole].owner = 0;
}

void qd_upload_ids_drop(qd_upload_ids *ids, uint64_t key, uint64_t owner) {
  size_t slot = find(ids, key);
  if (ids->slots[slot].owner != owner)
    return;
  close_hole(ids, slot);
  ids->n--;
}

void qd_upload_ids_free(qd_upload_ids *ids) {
  qd_free(ids->slots);
  *ids = (qd_upload_ids){0};
}
