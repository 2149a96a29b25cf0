#include "tests/support/message_text.h"

#include "qdrant/pb/json_with_int.pb-c.h"
#include "qdrant/pb/qdrant_common.pb-c.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct json_object json;

enum { MAX_DEPTH = 512 };

static void *take(qd_arena *arena, size_t n_bytes) {
  void *bytes = qd_arena_zalloc(arena, n_bytes > 0 ? n_bytes : 1);
  assert_non_null(bytes);
  return bytes;
}

static ProtobufCMessage *read_message(const ProtobufCMessageDescriptor *type, json *object, qd_arena *arena);

static ProtobufCBinaryData read_bytes(const char *text, size_t n_bytes, qd_arena *arena) {
  ProtobufCBinaryData bytes = {n_bytes, take(arena, n_bytes)};
  memcpy(bytes.data, text, n_bytes);
  return bytes;
}

static Qdrant__Value *read_payload_value(json *object, qd_arena *arena);

static Qdrant__Struct *read_payload_object(json *object, qd_arena *arena) {
  Qdrant__Struct *fields = take(arena, sizeof *fields);
  qdrant__struct__init(fields);
  fields->fields = take(arena, (size_t)json_object_object_length(object) * sizeof *fields->fields);
  json_object_object_foreach(object, key, value) {
    Qdrant__Struct__FieldsEntry *entry = take(arena, sizeof *entry);
    qdrant__struct__fields_entry__init(entry);
    entry->has_key = 1;
    entry->key = read_bytes(key, strlen(key), arena);
    entry->value = read_payload_value(value, arena);
    fields->fields[fields->n_fields++] = entry;
  }
  return fields;
}

static Qdrant__ListValue *read_payload_list(json *array, qd_arena *arena) {
  Qdrant__ListValue *list = take(arena, sizeof *list);
  qdrant__list_value__init(list);
  list->n_values = json_object_array_length(array);
  list->values = take(arena, list->n_values * sizeof *list->values);
  for (size_t i = 0; i < list->n_values; i++)
    list->values[i] = read_payload_value(json_object_array_get_idx(array, i), arena);
  return list;
}

static Qdrant__Value *read_payload_value(json *object, qd_arena *arena) {
  Qdrant__Value *value = take(arena, sizeof *value);
  qdrant__value__init(value);
  value->kind_case = QDRANT__VALUE__KIND_NULL_VALUE;
  switch (json_object_get_type(object)) {
  case json_type_boolean:
    value->kind_case = QDRANT__VALUE__KIND_BOOL_VALUE;
    value->bool_value = json_object_get_boolean(object);
    break;
  case json_type_int:
    value->kind_case = QDRANT__VALUE__KIND_INTEGER_VALUE;
    value->integer_value = json_object_get_int64(object);
    break;
  case json_type_double:
    value->kind_case = QDRANT__VALUE__KIND_DOUBLE_VALUE;
    value->double_value = json_object_get_double(object);
    break;
  case json_type_string:
    value->kind_case = QDRANT__VALUE__KIND_STRING_VALUE;
    value->string_value = read_bytes(json_object_get_string(object), (size_t)json_object_get_string_len(object), arena);
    break;
  case json_type_object:
    value->kind_case = QDRANT__VALUE__KIND_STRUCT_VALUE;
    value->struct_value = read_payload_object(object, arena);
    break;
  case json_type_array:
    value->kind_case = QDRANT__VALUE__KIND_LIST_VALUE;
    value->list_value = read_payload_list(object, arena);
    break;
  default: break;
  }
  return value;
}

static ProtobufCMessage *read_point_id(json *object, qd_arena *arena) {
  Qdrant__PointId *id = take(arena, sizeof *id);
  qdrant__point_id__init(id);
  if (json_object_is_type(object, json_type_string)) {
    id->point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
    id->uuid = qd_arena_strndup(arena, json_object_get_string(object), strlen(json_object_get_string(object)));
  } else {
    id->point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
    id->num = json_object_get_uint64(object);
  }
  return &id->base;
}

static int read_enum(const ProtobufCEnumDescriptor *type, json *object) {
  const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(type, json_object_get_string(object));
  if (value == NULL)
    fail_msg("%s has no value %s", type->name, json_object_get_string(object));
  return value->value;
}

/* Writes one value to `out`; returns the bytes it takes there. */
static size_t read_value(const ProtobufCFieldDescriptor *field, json *object, qd_arena *arena, void *out) {
  switch (field->type) {
  case PROTOBUF_C_TYPE_MESSAGE:
    *(ProtobufCMessage **)out = read_message(field->descriptor, object, arena);
    return sizeof(void *);
  case PROTOBUF_C_TYPE_STRING:
    *(char **)out = qd_arena_strndup(arena, json_object_get_string(object), strlen(json_object_get_string(object)));
    return sizeof(void *);
  case PROTOBUF_C_TYPE_BYTES:
    *(ProtobufCBinaryData *)out =
        read_bytes(json_object_get_string(object), (size_t)json_object_get_string_len(object), arena);
    return sizeof(ProtobufCBinaryData);
  case PROTOBUF_C_TYPE_ENUM: *(int *)out = read_enum(field->descriptor, object); return sizeof(int);
  case PROTOBUF_C_TYPE_BOOL:
    *(protobuf_c_boolean *)out = json_object_get_boolean(object);
    return sizeof(protobuf_c_boolean);
  case PROTOBUF_C_TYPE_FLOAT: *(float *)out = (float)json_object_get_double(object); return sizeof(float);
  case PROTOBUF_C_TYPE_DOUBLE: *(double *)out = json_object_get_double(object); return sizeof(double);
  case PROTOBUF_C_TYPE_UINT32: *(uint32_t *)out = (uint32_t)json_object_get_uint64(object); return sizeof(uint32_t);
  case PROTOBUF_C_TYPE_INT32: *(int32_t *)out = json_object_get_int(object); return sizeof(int32_t);
  case PROTOBUF_C_TYPE_UINT64: *(uint64_t *)out = json_object_get_uint64(object); return sizeof(uint64_t);
  default: *(int64_t *)out = json_object_get_int64(object); return sizeof(int64_t);
  }
}

static ProtobufCMessage *read_map_entry(
    const ProtobufCMessageDescriptor *type, const char *key, json *value, qd_arena *arena) {
  ProtobufCMessage *entry = take(arena, type->sizeof_message);
  protobuf_c_message_init(type, entry);
  for (unsigned i = 0; i < type->n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &type->fields[i];
    uint8_t *at = (uint8_t *)entry + field->offset;
    if (field->id != 1) {
      read_value(field, value, arena, at);
      continue;
    }
    json *name = json_object_new_string(key);
    read_value(field, name, arena, at);
    json_object_put(name);
    if (field->type == PROTOBUF_C_TYPE_BYTES)
      *(protobuf_c_boolean *)(void *)((uint8_t *)entry + field->quantifier_offset) = 1;
  }
  return entry;
}

static void read_map(const ProtobufCFieldDescriptor *field, json *object, uint8_t *message, qd_arena *arena) {
  size_t n = (size_t)json_object_object_length(object);
  ProtobufCMessage **entries = take(arena, n * sizeof(ProtobufCMessage *));
  size_t i = 0;
  json_object_object_foreach(object, key, value) entries[i++] = read_map_entry(field->descriptor, key, value, arena);
  *(size_t *)(void *)(message + field->quantifier_offset) = n;
  *(void **)(void *)(message + field->offset) = entries;
}

static void read_list(const ProtobufCFieldDescriptor *field, json *array, uint8_t *message, qd_arena *arena) {
  size_t n = json_object_array_length(array);
  uint8_t *items = take(arena, n * sizeof(ProtobufCBinaryData));
  uint8_t *next = items;
  for (size_t i = 0; i < n; i++)
    next += read_value(field, json_object_array_get_idx(array, i), arena, next);
  *(size_t *)(void *)(message + field->quantifier_offset) = n;
  *(void **)(void *)(message + field->offset) = items;
}

static void read_field(const ProtobufCFieldDescriptor *field, json *value, uint8_t *message, qd_arena *arena) {
  if (field->label == PROTOBUF_C_LABEL_REPEATED) {
    if (json_object_is_type(value, json_type_object))
      read_map(field, value, message, arena);
    else
      read_list(field, value, message, arena);
    return;
  }
  read_value(field, value, arena, message + field->offset);
  if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
    *(uint32_t *)(void *)(message + field->quantifier_offset) = field->id;
  else if (field->type != PROTOBUF_C_TYPE_MESSAGE && field->type != PROTOBUF_C_TYPE_STRING)
    *(protobuf_c_boolean *)(void *)(message + field->quantifier_offset) = 1;
}

static ProtobufCMessage *read_message(const ProtobufCMessageDescriptor *type, json *object, qd_arena *arena) {
  if (type == &qdrant__value__descriptor)
    return &read_payload_value(object, arena)->base;
  if (type == &qdrant__point_id__descriptor)
    return read_point_id(object, arena);
  ProtobufCMessage *message = take(arena, type->sizeof_message);
  protobuf_c_message_init(type, message);
  assert_true(json_object_is_type(object, json_type_object));
  json_object_object_foreach(object, key, value) {
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(type, key);
    if (field == NULL)
      fail_msg("%s has no field %s", type->name, key);
    else
      read_field(field, value, (uint8_t *)message, arena);
  }
  return message;
}

ProtobufCMessage *message_of(const ProtobufCMessageDescriptor *type, const char *text, qd_arena *arena) {
  char *quoted = qd_arena_strndup(arena, text, strlen(text));
  assert_non_null(quoted);
  for (char *c = quoted; *c != '\0'; c++)
    if (*c == '\'')
      *c = '"';
  struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
  assert_non_null(tokener);
  json *object = json_tokener_parse_ex(tokener, quoted, (int)strlen(quoted) + 1);
  json_tokener_free(tokener);
  if (object == NULL)
    fail_msg("no JSON: %s", text);
  ProtobufCMessage *message = read_message(type, object, arena);
  json_object_put(object);
  return message;
}
