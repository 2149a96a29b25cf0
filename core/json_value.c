#include "core/json_value.h"

#include "core/error.h"
#include "core/json.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

/* Arrays and objects within each other; a parsed text has at most 64. */
enum { MAX_LEVELS = 100 };

static int build_value(struct json_object *object, qd_arena *arena, Qdrant__Value *value);

static int copy_text(qd_arena *arena, const char *bytes, size_t n_bytes, ProtobufCBinaryData *text) {
  text->len = n_bytes;
  text->data = (uint8_t *)qd_arena_strndup(arena, bytes, n_bytes);
  return text->data != NULL;
}

static Qdrant__Value *new_value(struct json_object *object, qd_arena *arena) {
  Qdrant__Value *value = qd_arena_alloc(arena, sizeof *value);
  return value != NULL && build_value(object, arena, value) ? value : NULL;
}

static int build_list(struct json_object *object, qd_arena *arena, Qdrant__Value *value) {
  size_t n = json_object_array_length(object);
  Qdrant__ListValue *list = qd_arena_alloc(arena, sizeof *list);
  Qdrant__Value **values = qd_arena_alloc(arena, n * sizeof *values);
  if (list == NULL || values == NULL)
    return 0;
  qdrant__list_value__init(list);
  list->values = values;
  for (; list->n_values < n; list->n_values++) {
    values[list->n_values] = new_value(json_object_array_get_idx(object, list->n_values), arena);
    if (values[list->n_values] == NULL)
      return 0;
  }
  value->kind_case = QDRANT__VALUE__KIND_LIST_VALUE;
  value->list_value = list;
  return 1;
}

static Qdrant__Struct__FieldsEntry *new_entry(const char *key, struct json_object *object, qd_arena *arena) {
  Qdrant__Struct__FieldsEntry *entry = qd_arena_alloc(arena, sizeof *entry);
  if (entry == NULL)
    return NULL;
  qdrant__struct__fields_entry__init(entry);
  entry->has_key = 1;
  entry->value = new_value(object, arena);
  return copy_text(arena, key, strlen(key), &entry->key) && entry->value != NULL ? entry : NULL;
}

static int build_struct(struct json_object *object, qd_arena *arena, Qdrant__Value *value) {
  Qdrant__Struct *map = qd_arena_alloc(arena, sizeof *map);
  Qdrant__Struct__FieldsEntry **fields =
      qd_arena_alloc(arena, (size_t)json_object_object_length(object) * sizeof *fields);
  if (map == NULL || fields == NULL)
    return 0;
  qdrant__struct__init(map);
  map->fields = fields;
  struct json_object_iterator at = json_object_iter_begin(object);
  struct json_object_iterator end = json_object_iter_end(object);
  for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
    fields[map->n_fields] = new_entry(json_object_iter_peek_name(&at), json_object_iter_peek_value(&at), arena);
    if (fields[map->n_fields] == NULL)
      return 0;
    map->n_fields++;
  }
  value->kind_case = QDRANT__VALUE__KIND_STRUCT_VALUE;
  value->struct_value = map;
  return 1;
}

static void build_integer(struct json_object *object, Qdrant__Value *value) {
  uint64_t number = json_object_get_uint64(object); /* 0 when negative */
  if (number > INT64_MAX) {
    value->kind_case = QDRANT__VALUE__KIND_DOUBLE_VALUE;
    value->double_value = (double)number;
  } else {
    value->kind_case = QDRANT__VALUE__KIND_INTEGER_VALUE;
    value->integer_value = json_object_get_int64(object);
  }
}

/* False when out of memory. */
static int build_value(struct json_object *object, qd_arena *arena, Qdrant__Value *value) {
  qdrant__value__init(value);
  switch (json_object_get_type(object)) {
  case json_type_array: return build_list(object, arena, value);
  case json_type_object: return build_struct(object, arena, value);
  case json_type_int: build_integer(object, value); return 1;
  case json_type_double:
    value->kind_case = QDRANT__VALUE__KIND_DOUBLE_VALUE;
    value->double_value = json_object_get_double(object);
    return 1;
  case json_type_boolean:
    value->kind_case = QDRANT__VALUE__KIND_BOOL_VALUE;
    value->bool_value = json_object_get_boolean(object);
    return 1;
  case json_type_string:
    value->kind_case = QDRANT__VALUE__KIND_STRING_VALUE;
    return copy_text(
        arena, json_object_get_string(object), (size_t)json_object_get_string_len(object), &value->string_value);
  default:
    value->kind_case = QDRANT__VALUE__KIND_NULL_VALUE;
    value->null_value = QDRANT__NULL_VALUE__NULL_VALUE;
    return 1;
  }
}

qdrant_status qd_json_to_value(struct json_object *object, qd_arena *arena, Qdrant__Value *value, qdrant_error *err) {
  return build_value(object, arena, value) ? QDRANT_OK
                                           : qd_fail(err, QDRANT_NO_MEMORY, "no memory for a payload value");
}

qdrant_status qd_json_text_to_value(
    const char *json, size_t n_bytes, qd_arena *arena, Qdrant__Value *value, qdrant_error *err) {
  struct json_object *object = NULL;
  qdrant_status status = qd_json_parse(json, n_bytes, &object, err);
  if (status == QDRANT_OK)
    status = qd_json_to_value(object, arena, value, err);
  json_object_put(object);
  return status;
}

static void write_value(qd_text *text, const Qdrant__Value *value, int levels_left);

static void write_list(qd_text *text, const Qdrant__ListValue *list, int levels_left) {
  qd_text_add(text, "[", 1);
  for (size_t i = 0; list != NULL && i < list->n_values && !text->has_failed; i++) {
    qd_text_add(text, ",", i > 0);
    write_value(text, list->values[i], levels_left);
  }
  qd_text_add(text, "]", 1);
}

static void write_struct(qd_text *text, const Qdrant__Struct *map, int levels_left) {
  qd_text_add(text, "{", 1);
  for (size_t i = 0; map != NULL && i < map->n_fields && !text->has_failed; i++) {
    const Qdrant__Struct__FieldsEntry *entry = map->fields[i];
    qd_text_add(text, ",", i > 0);
    qd_text_add_json_string(text, (const char *)entry->key.data, entry->key.len);
    qd_text_add(text, ":", 1);
    write_value(text, entry->value, levels_left);
  }
  qd_text_add(text, "}", 1);
}

static void write_integer(qd_text *text, int64_t number) {
  char digits[24];
  int n = snprintf(digits, sizeof digits, "%" PRId64, number);
  qd_text_add(text, digits, (size_t)n);
}

static void write_value(qd_text *text, const Qdrant__Value *value, int levels_left) {
  if (levels_left == 0) {
    text->has_failed = 1;
    return;
  }
  switch (value == NULL ? QDRANT__VALUE__KIND__NOT_SET : value->kind_case) {
  case QDRANT__VALUE__KIND_STRUCT_VALUE: write_struct(text, value->struct_value, levels_left - 1); break;
  case QDRANT__VALUE__KIND_LIST_VALUE: write_list(text, value->list_value, levels_left - 1); break;
  case QDRANT__VALUE__KIND_INTEGER_VALUE: write_integer(text, value->integer_value); break;
  case QDRANT__VALUE__KIND_DOUBLE_VALUE: qd_text_add_double(text, value->double_value); break;
  case QDRANT__VALUE__KIND_BOOL_VALUE:
    qd_text_add(text, value->bool_value ? "true" : "false", value->bool_value ? 4 : 5);
    break;
  case QDRANT__VALUE__KIND_STRING_VALUE:
    qd_text_add_json_string(text, (const char *)value->string_value.data, value->string_value.len);
    break;
  default: qd_text_add(text, "null", 4);
  }
}

void qd_value_write_json(qd_text *text, const Qdrant__Value *value) {
  write_value(text, value, MAX_LEVELS);
}
