#include "memory/payload.h"

#include "core/alloc.h"
#include "core/error.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

static_assert(sizeof(Qdrant__PointStruct__PayloadEntry) == sizeof(qd_payload_entry) &&
                  offsetof(Qdrant__PointStruct__PayloadEntry, key) == offsetof(qd_payload_entry, key) &&
                  offsetof(Qdrant__PointStruct__PayloadEntry, value) == offsetof(qd_payload_entry, value),
    "entries of a payload map have one layout");

/* Every piece of a payload's block begins at a multiple of this. */
enum { PIECE_ALIGNMENT = 8 };

static size_t piece_bytes(size_t n_bytes) {
  return (n_bytes + (PIECE_ALIGNMENT - 1)) & ~(size_t)(PIECE_ALIGNMENT - 1);
}

/* Of entries with equal keys only the last one counts. */
static int is_overridden(size_t n, qd_payload_entry *const *entries, size_t at) {
  const ProtobufCBinaryData *key = &entries[at]->key;
  for (size_t i = at + 1; i < n; i++)
    if (entries[i]->key.len == key->len && (key->len == 0 || memcmp(entries[i]->key.data, key->data, key->len) == 0))
      return 1;
  return 0;
}

static qdrant_status measure_value(const Qdrant__Value *value, size_t depth, size_t *n_bytes, qdrant_error *err);

static qdrant_status measure_entries(
    size_t n, qd_payload_entry *const *entries, size_t depth, size_t *n_bytes, qdrant_error *err) {
  *n_bytes += piece_bytes(sizeof(Qdrant__Struct)) + piece_bytes(n * sizeof *entries);
  for (size_t i = 0; i < n; i++) {
    *n_bytes += piece_bytes(sizeof *entries[i]) + piece_bytes(entries[i]->key.len);
    qdrant_status status = measure_value(entries[i]->value, depth, n_bytes, err);
    if (status != QDRANT_OK)
      return status;
  }
  return QDRANT_OK;
}

static qdrant_status measure_list(const Qdrant__ListValue *list, size_t depth, size_t *n_bytes, qdrant_error *err) {
  *n_bytes += piece_bytes(sizeof *list) + piece_bytes(list->n_values * sizeof *list->values);
  for (size_t i = 0; i < list->n_values; i++) {
    qdrant_status status = measure_value(list->values[i], depth, n_bytes, err);
    if (status != QDRANT_OK)
      return status;
  }
  return QDRANT_OK;
}

/* Adds what a copy of the value takes, and refuses what cannot be stored. */
static qdrant_status measure_value(const Qdrant__Value *value, size_t depth, size_t *n_bytes, qdrant_error *err) {
  *n_bytes += piece_bytes(sizeof *value);
  if (value == NULL)
    return QDRANT_OK;
  if (depth > QD_PAYLOAD_MAX_DEPTH)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "Wrong input: a payload may be nested %d levels deep", QD_PAYLOAD_MAX_DEPTH);
  switch (value->kind_case) {
  case QDRANT__VALUE__KIND_STRING_VALUE: *n_bytes += piece_bytes(value->string_value.len); return QDRANT_OK;
  case QDRANT__VALUE__KIND_DOUBLE_VALUE:
    if (isfinite(value->double_value))
      return QDRANT_OK;
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "cannot convert to json number");
  case QDRANT__VALUE__KIND_STRUCT_VALUE:
    return measure_entries(value->struct_value->n_fields, value->struct_value->fields, depth + 1, n_bytes, err);
  case QDRANT__VALUE__KIND_LIST_VALUE: return measure_list(value->list_value, depth + 1, n_bytes, err);
  default: return QDRANT_OK;
  }
}

/* Hands out pieces of a block that was measured before. */
static void *take_piece(uint8_t **next, size_t n_bytes) {
  void *piece = *next;
  *next += piece_bytes(n_bytes);
  return piece;
}

static ProtobufCBinaryData copy_text(const ProtobufCBinaryData *text, uint8_t **next) {
  ProtobufCBinaryData copy = {.len = text->len, .data = take_piece(next, text->len)};
  if (text->len > 0)
    memcpy(copy.data, text->data, text->len);
  return copy;
}

static Qdrant__Value *copy_value(const Qdrant__Value *value, uint8_t **next);

static Qdrant__Struct *copy_entries(size_t n, qd_payload_entry *const *entries, uint8_t **next) {
  Qdrant__Struct *copy = take_piece(next, sizeof *copy);
  qdrant__struct__init(copy);
  copy->fields = take_piece(next, n * sizeof *copy->fields);
  for (size_t i = 0; i < n; i++) {
    if (is_overridden(n, entries, i))
      continue;
    qd_payload_entry *entry = take_piece(next, sizeof *entry);
    qdrant__struct__fields_entry__init(entry);
    entry->has_key = 1;
    entry->key = copy_text(&entries[i]->key, next);
    entry->value = copy_value(entries[i]->value, next);
    copy->fields[copy->n_fields++] = entry;
  }
  return copy;
}

static Qdrant__ListValue *copy_list(const Qdrant__ListValue *list, uint8_t **next) {
  Qdrant__ListValue *copy = take_piece(next, sizeof *copy);
  qdrant__list_value__init(copy);
  copy->n_values = list->n_values;
  copy->values = take_piece(next, list->n_values * sizeof *copy->values);
  for (size_t i = 0; i < list->n_values; i++)
    copy->values[i] = copy_value(list->values[i], next);
  return copy;
}

static Qdrant__Value *copy_value(const Qdrant__Value *value, uint8_t **next) {
  Qdrant__Value *copy = take_piece(next, sizeof *copy);
  qdrant__value__init(copy);
  copy->kind_case = QDRANT__VALUE__KIND_NULL_VALUE;
  if (value == NULL || value->kind_case == QDRANT__VALUE__KIND__NOT_SET)
    return copy;
  *copy = *value;
  if (value->kind_case == QDRANT__VALUE__KIND_STRING_VALUE)
    copy->string_value = copy_text(&value->string_value, next);
  else if (value->kind_case == QDRANT__VALUE__KIND_STRUCT_VALUE)
    copy->struct_value = copy_entries(value->struct_value->n_fields, value->struct_value->fields, next);
  else if (value->kind_case == QDRANT__VALUE__KIND_LIST_VALUE)
    copy->list_value = copy_list(value->list_value, next);
  return copy;
}

qdrant_status qd_payload_copy(
    size_t n_entries, qd_payload_entry *const *entries, Qdrant__Struct **payload, qdrant_error *err) {
  *payload = NULL;
  if (n_entries == 0)
    return QDRANT_OK;
  size_t n_bytes = 0;
  qdrant_status status = measure_entries(n_entries, entries, 1, &n_bytes, err);
  if (status != QDRANT_OK)
    return status;
  uint8_t *block = qd_alloc(n_bytes);
  if (block == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a payload of %zu bytes", n_bytes);
  *payload = copy_entries(n_entries, entries, &block);
  return QDRANT_OK;
}
