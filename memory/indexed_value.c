#include "memory/indexed_value.h"

#include "core/moment.h"
#include "core/uuid.h"

#include <string.h>

static int is_number(const Qdrant__Value *value) {
  return value != NULL && (value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE ||
                              value->kind_case == QDRANT__VALUE__KIND_DOUBLE_VALUE);
}

static int is_position(const Qdrant__Value *value) {
  if (value->kind_case != QDRANT__VALUE__KIND_STRUCT_VALUE)
    return 0;
  return is_number(qd_struct_get(value->struct_value, "lon", 3)) &&
         is_number(qd_struct_get(value->struct_value, "lat", 3));
}

static int is_moment(const Qdrant__Value *value) {
  qd_moment moment;
  return value->kind_case == QDRANT__VALUE__KIND_STRING_VALUE &&
         qd_moment_parse((const char *)value->string_value.data, value->string_value.len, &moment);
}

static int is_uuid(const Qdrant__Value *value) {
  char text[64];
  uint8_t bytes[16];
  if (value->kind_case != QDRANT__VALUE__KIND_STRING_VALUE || value->string_value.len >= sizeof text)
    return 0;
  memcpy(text, value->string_value.data, value->string_value.len);
  text[value->string_value.len] = '\0';
  return qd_uuid_parse(text, bytes);
}

static int is_of_type(Qdrant__PayloadSchemaType type, const Qdrant__Value *value) {
  switch (type) {
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Keyword:
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Text: return value->kind_case == QDRANT__VALUE__KIND_STRING_VALUE;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Integer: return value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Bool: return value->kind_case == QDRANT__VALUE__KIND_BOOL_VALUE;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Float: return is_number(value);
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Geo: return is_position(value);
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Datetime: return is_moment(value);
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Uuid: return is_uuid(value);
  default: return 0;
  }
}

static int visit_value(void *user, const Qdrant__Value *value) {
  const qd_field_index *index = user;
  if (value->kind_case != QDRANT__VALUE__KIND_LIST_VALUE)
    return is_of_type(index->schema->data_type, value);
  for (size_t i = 0; i < value->list_value->n_values; i++)
    if (is_of_type(index->schema->data_type, value->list_value->values[i]))
      return 1;
  return 0;
}

int qd_field_index_holds(const qd_field_index *index, const Qdrant__Struct *payload) {
  return qd_path_walk(&index->path, payload, visit_value, (void *)index);
}
