#include "client/upload_ids.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/position_set.h"
#include "core/uuid.h"
#include "qdrant/pb/points.pb-c.h"

#include <string.h>

#define GROUP 64
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

static size_t home(const qd_upload_ids *ids, uint64_t group) {
  return (size_t)(qd_hash_u64(group) >> 32) & (ids->capacity - 1);
}

static size_t after(const qd_upload_ids *ids, size_t slot) {
  return (slot + 1) & (ids->capacity - 1);
}

/* The slot of the owner's keys of a group, or the free one where it belongs. */
static size_t find(const qd_upload_ids *ids, uint64_t group, uint64_t owner) {
  size_t slot = home(ids, group);
  while (ids->slots[slot].owner != 0 && (ids->slots[slot].group != group || ids->slots[slot].owner != owner))
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
      larger.slots[find(&larger, ids->slots[i].group, ids->slots[i].owner)] = ids->slots[i];
  qd_free(ids->slots);
  *ids = larger;
  return 1;
}

/* The latest other owner of a key whose group and bits are given; 0: none. With all bits: of any key of the group. */
static uint64_t find_other(const qd_upload_ids *ids, uint64_t group, uint64_t bits, uint64_t owner) {
  uint64_t latest = 0;
  for (size_t slot = home(ids, group); ids->slots[slot].owner != 0; slot = after(ids, slot)) {
    const qd_id_slot *each = &ids->slots[slot];
    if (each->group == group && each->owner != owner && (each->bits & bits) != 0 && each->owner > latest)
      latest = each->owner;
  }
  return latest;
}

/* Makes the owner's slot of the group the recent one. */
static void turn_to(qd_upload_ids *ids, uint64_t group, uint64_t owner) {
  qd_id_slot *slot = &ids->slots[find(ids, group, owner)];
  if (slot->owner == 0) {
    *slot = (qd_id_slot){.group = group, .owner = owner};
    ids->n++;
  }
  ids->recent = slot;
  ids->has_others = find_other(ids, group, UINT64_MAX, owner) != 0;
}

uint64_t qd_upload_ids_put(qd_upload_ids *ids, uint64_t key, uint64_t owner) {
  uint64_t group = key / GROUP, bit = UINT64_C(1) << (key % GROUP);
  if (ids->recent == NULL || ids->recent->group != group || ids->recent->owner != owner)
    turn_to(ids, group, owner);
  uint64_t before = (ids->recent->bits & bit) != 0 ? owner : 0;
  if (before == 0 && ids->has_others)
    before = find_other(ids, group, bit, owner);
  ids->recent->bits |= bit;
  return before;
}

/* Moves what was pushed on past the freed slot back, so that no search ends there too early. */
static void close_hole(qd_upload_ids *ids, size_t hole) {
  size_t mask = ids->capacity - 1;
  for (size_t slot = after(ids, hole); ids->slots[slot].owner != 0; slot = after(ids, slot)) {
    size_t wanted = home(ids, ids->slots[slot].group);
    if (((slot - wanted) & mask) < ((slot - hole) & mask))
      continue; /* it belongs behind the hole */
    ids->slots[hole] = ids->slots[slot];
    hole = slot;
  }
  ids->slots[hole].owner = 0;
  ids->n--;
  ids->recent = NULL;
}

void qd_upload_ids_drop(qd_upload_ids *ids, uint64_t key, uint64_t owner) {
  size_t slot = find(ids, key / GROUP, owner);
  if (ids->slots[slot].owner == 0)
    return;
  ids->slots[slot].bits &= ~(UINT64_C(1) << (key % GROUP));
  if (ids->slots[slot].bits == 0)
    close_hole(ids, slot);
}

void qd_upload_ids_drop_all(qd_upload_ids *ids, const uint64_t *keys, size_t n, uint64_t owner) {
  for (size_t i = 0; i < n; i++) {
    if (i > 0 && keys[i] / GROUP == keys[i - 1] / GROUP)
      continue;
    size_t slot = find(ids, keys[i] / GROUP, owner);
    if (ids->slots[slot].owner != 0)
      close_hole(ids, slot);
  }
}

void qd_upload_ids_free(qd_upload_ids *ids) {
  qd_free(ids->slots);
  *ids = (qd_upload_ids){0};
}
