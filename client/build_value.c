/* Values of a payload, and JSON in and out. */
#include "client/build.h"
#include "core/arena.h"
#include "core/error.h"
#include "core/json_value.h"

#include <string.h>

#define MAX_JSON_BYTES ((size_t)INT32_MAX)

static Qdrant__Value *new_value(qdrant_arena *arena, Qdrant__Value__KindCase kind) {
  Qdrant__Value *value = QDRANT_NEW(arena, value);
  if (value != NULL)
    value->kind_case = kind;
  return value;
}

static int copy_bytes(qdrant_arena *arena, const char *text, size_t n_bytes, ProtobufCBinaryData *bytes) {
  bytes->len = n_bytes;
  bytes->data = (uint8_t *)qd_arena_strndup(arena, text, n_bytes);
  return bytes->data != NULL;
}

Qdrant__Value *qdrant_value_text(qdrant_arena *arena, const char *text, size_t n_bytes) {
  Qdrant__Value *value = text != NULL ? new_value(arena, QDRANT__VALUE__KIND_STRING_VALUE) : NULL;
  return value != NULL && copy_bytes(arena, text, n_bytes, &value->string_value) ? value : NULL;
}

Qdrant__Value *qdrant_value_integer(qdrant_arena *arena, int64_t integer) {
  Qdrant__Value *value = new_value(arena, QDRANT__VALUE__KIND_INTEGER_VALUE);
  if (value != NULL)
    value->integer_value = integer;
  return value;
}

Qdrant__Value *qdrant_value_double(qdrant_arena *arena, double number) {
  Qdrant__Value *value = new_value(arena, QDRANT__VALUE__KIND_DOUBLE_VALUE);
  if (value != NULL)
    value->double_value = number;
  return value;
}

Qdrant__Value *qdrant_value_bool(qdrant_arena *arena, int is_true) {
  Qdrant__Value *value = new_value(arena, QDRANT__VALUE__KIND_BOOL_VALUE);
  if (value != NULL)
    value->bool_value = is_true != 0;
  return value;
}

static qdrant_status fail_no_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a payload was built");
}

static qdrant_status check_pointers(const void *arena, const void *in, const void *out, qdrant_error *err) {
  qd_error_clear(err);
  if (arena != NULL && in != NULL && out != NULL)
    return QDRANT_OK;
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL",
      arena == NULL ? "arena"
      : in == NULL  ? "what is to be converted"
                    : "the result's pointer");
}

qdrant_status qdrant_value_from_json(
    qdrant_arena *arena, const char *json, size_t n_bytes, Qdrant__Value **value, qdrant_error *err) {
  qdrant_status status = check_pointers(arena, json, value, err);
  if (status != QDRANT_OK)
    return status;
  *value = NULL;
  Qdrant__Value *made = QDRANT_NEW(arena, value);
  if (made == NULL)
    return fail_no_memory(err);
  status = qd_json_text_to_value(json, n_bytes, arena, made, err);
  if (status == QDRANT_OK)
    *value = made;
  return status;
}

qdrant_status qdrant_value_to_json(
    qdrant_arena *arena, const Qdrant__Value *value, const char **json, size_t *n_bytes, qdrant_error *err) {
  qd_text text;
  qdrant_status status = check_pointers(arena, value, json, err);
  if (status != QDRANT_OK)
    return status;
  qd_text_init(&text, arena, MAX_JSON_BYTES);
  qd_value_write_json(&text, value);
  *json = qd_text_end(&text);
  if (*json == NULL)
    return qd_arena_has_failed(arena)
               ? fail_no_memory(err)
               : qd_fail(err, QDRANT_INVALID_ARGUMENT, "the value is nested too deeply or its text is over 2 GiB");
  if (n_bytes != NULL)
    *n_bytes = text.n_bytes;
  return QDRANT_OK;
}

int qdrant_point_payload_add(qdrant_arena *arena, Qdrant__PointStruct *point, const char *key, Qdrant__Value *value) {
  if (point == NULL || key == NULL || value == NULL)
    return 0;
  Qdrant__PointStruct__PayloadEntry *entry = QDRANT_NEW(arena, point_struct__payload_entry);
  if (entry == NULL || !copy_bytes(arena, key, strlen(key), &entry->key))
    return 0;
  entry->has_key = 1;
  entry->value = value;
  return QDRANT_APPEND(arena, point, payload, entry);
}

/* A Struct's fields and a point's payload are alike but for their types. */
static qdrant_status move_fields(
    qdrant_arena *arena, Qdrant__PointStruct *point, const Qdrant__Struct *fields, qdrant_error *err) {
  point->n_payload = 0;
  point->payload = NULL;
  for (size_t i = 0; fields != NULL && i < fields->n_fields; i++) {
    Qdrant__PointStruct__PayloadEntry *entry = QDRANT_NEW(arena, point_struct__payload_entry);
    if (entry == NULL)
      return fail_no_memory(err);
    entry->has_key = 1;
    entry->key = fields->fields[i]->key;
    entry->value = fields->fields[i]->value;
    if (!QDRANT_APPEND(arena, point, payload, entry))
      return fail_no_memory(err);
  }
  return QDRANT_OK;
}

qdrant_status qdrant_point_payload_json(
    qdrant_arena *arena, Qdrant__PointStruct *point, const char *json, size_t n_bytes, qdrant_error *err) {
  Qdrant__Value *value = NULL;
  qdrant_status status = check_pointers(arena, json, point, err);
  if (status == QDRANT_OK)
    status = qdrant_value_from_json(arena, json, n_bytes, &value, err);
  if (status != QDRANT_OK)
    return status;
  if (value->kind_case != QDRANT__VALUE__KIND_STRUCT_VALUE)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "a payload is a JSON object; this is another value");
  return move_fields(arena, point, value->struct_value, err);
}
