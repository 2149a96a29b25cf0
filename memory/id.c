#include "memory/id.h"

#include "core/error.h"
#include "core/uuid.h"

#include <inttypes.h>
#include <stdio.h>

static int compare_numbers(uint64_t a, uint64_t b) {
  return (a > b) - (a < b);
}

int qd_id_compare(const qd_id *a, const qd_id *b) {
  if (a->is_uuid != b->is_uuid)
    return a->is_uuid ? 1 : -1;
  if (a->high != b->high)
    return compare_numbers(a->high, b->high);
  return compare_numbers(a->low, b->low);
}

static uint64_t read_big_endian(const uint8_t *bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++)
    value = value << 8 | bytes[i];
  return value;
}

static void write_big_endian(uint64_t value, uint8_t *bytes) {
  for (int i = 7; i >= 0; i--, value >>= 8)
    bytes[i] = (uint8_t)value;
}

qdrant_status qd_id_read(const Qdrant__PointId *message, qd_id *id, qdrant_error *err) {
  if (message != NULL && message->point_id_options_case == QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM) {
    *id = (qd_id){.low = message->num};
    return QDRANT_OK;
  }
  if (message == NULL || message->point_id_options_case != QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "No ID options provided");
  uint8_t bytes[16];
  const char *text = message->uuid ? message->uuid : "";
  if (!qd_uuid_parse(text, bytes))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Unable to parse UUID: %s", text);
  *id = (qd_id){.high = read_big_endian(bytes), .low = read_big_endian(bytes + 8), .is_uuid = 1};
  return QDRANT_OK;
}

qdrant_status qd_ids_read(size_t n, Qdrant__PointId *const *messages, qd_arena *arena, qd_id **ids, qdrant_error *err) {
  qd_id *read = qd_arena_alloc(arena, (n ? n : 1) * sizeof *read);
  if (read == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu ids", n);
  for (size_t i = 0; i < n; i++) {
    qdrant_status status = qd_id_read(messages[i], &read[i], err);
    if (status != QDRANT_OK)
      return status;
  }
  *ids = read;
  return QDRANT_OK;
}

Qdrant__PointId *qd_id_message(const qd_id *id, qd_arena *arena) {
  Qdrant__PointId *message = qd_arena_alloc(arena, sizeof *message);
  if (message == NULL)
    return NULL;
  qdrant__point_id__init(message);
  if (!id->is_uuid) {
    message->point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
    message->num = id->low;
    return message;
  }
  message->uuid = qd_arena_alloc(arena, QD_ID_TEXT_BYTES);
  if (message->uuid == NULL)
    return NULL;
  message->point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
  qd_id_text(id, message->uuid);
  return message;
}

void qd_id_text(const qd_id *id, char text[QD_ID_TEXT_BYTES]) {
  if (!id->is_uuid) {
    snprintf(text, QD_ID_TEXT_BYTES, "%" PRIu64, id->low);
    return;
  }
  uint8_t bytes[16];
  write_big_endian(id->high, bytes);
  write_big_endian(id->low, bytes + 8);
  qd_uuid_format(bytes, text);
}

size_t qd_id_write_hashed(const qd_id *id, uint8_t bytes[QD_ID_HASHED_BYTES]) {
  if (id->is_uuid) {
    write_big_endian(id->high, bytes);
    write_big_endian(id->low, bytes + 8);
    return 16;
  }
  for (int i = 0; i < 8; i++)
    bytes[i] = (uint8_t)(id->low >> (8 * i));
  return 8;
}

/* The finaliser of MurmurHash3: every bit of the input reaches every bit of the result. */
static uint64_t mix_bits(uint64_t value) {
  value ^= value >> 33;
  value *= UINT64_C(0xff51afd7ed558ccd);
  value ^= value >> 33;
  value *= UINT64_C(0xc4ceb9fe1a85ec53);
  return value ^ value >> 33;
}

uint64_t qd_id_hash(const qd_id *id) {
  return mix_bits(mix_bits(id->high + id->is_uuid) ^ id->low);
}
