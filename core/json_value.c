#include "core/json_value.h"

#include "core/error.h"

/* Arrays and objects within each other; a parsed text has at most 64. */
enum { MAX_LEVELS = 100 };

static int build_value(const qd_json_node *node, qd_arena *arena, Qdrant__Value *value);

/* The tree lies in the same arena: its texts serve the message too, which does not say const but never writes. */
static ProtobufCBinaryData borrow_text(const qd_json_node *node) {
  return (ProtobufCBinaryData){.len = node->n, .data = (uint8_t *)(uintptr_t)node->text};
}

/* All values of a list in one block. */
static int build_list(const qd_json_node *node, qd_arena *arena, Qdrant__Value *value) {
  Qdrant__ListValue *list = qd_arena_alloc(arena, sizeof *list);
  Qdrant__Value **values = qd_arena_alloc(arena, node->n * sizeof *values);
  Qdrant__Value *each = qd_arena_alloc(arena, node->n * sizeof *each);
  if (list == NULL || values == NULL || each == NULL)
    return 0;
  qdrant__list_value__init(list);
  list->values = values;
  for (size_t i = 0; i < node->n; i++) {
    values[i] = &each[i];
    if (!build_value(&node->items[i], arena, values[i]))
      return 0;
  }
  list->n_values = node->n;
  value->kind_case = QDRANT__VALUE__KIND_LIST_VALUE;
  value->list_value = list;
  return 1;
}

typedef struct struct_member {
  Qdrant__Struct__FieldsEntry entry;
  Qdrant__Value value;
} struct_member;

static int build_struct(const qd_json_node *node, qd_arena *arena, Qdrant__Value *value) {
  Qdrant__Struct *map = qd_arena_alloc(arena, sizeof *map);
  Qdrant__Struct__FieldsEntry **fields = qd_arena_alloc(arena, node->n * sizeof *fields);
  struct_member *each = qd_arena_alloc(arena, node->n * sizeof *each);
  if (map == NULL || fields == NULL || each == NULL)
    return 0;
  qdrant__struct__init(map);
  map->fields = fields;
  for (size_t i = 0; i < node->n; i++) {
    qdrant__struct__fields_entry__init(&each[i].entry);
    each[i].entry.has_key = 1;
    each[i].entry.key = borrow_text(qd_json_key(node, i));
    each[i].entry.value = &each[i].value;
    fields[i] = &each[i].entry;
    if (!build_value(qd_json_member(node, i), arena, &each[i].value))
      return 0;
  }
  map->n_fields = node->n;
  value->kind_case = QDRANT__VALUE__KIND_STRUCT_VALUE;
  value->struct_value = map;
  return 1;
}

static void set_double(Qdrant__Value *value, double number) {
  value->kind_case = QDRANT__VALUE__KIND_DOUBLE_VALUE;
  value->double_value = number;
}

static void set_bool(Qdrant__Value *value, protobuf_c_boolean claim) {
  value->kind_case = QDRANT__VALUE__KIND_BOOL_VALUE;
  value->bool_value = claim;
}

/* False when out of memory. */
static int build_value(const qd_json_node *node, qd_arena *arena, Qdrant__Value *value) {
  qdrant__value__init(value);
  switch (node->kind) {
  case QD_JSON_ARRAY: return build_list(node, arena, value);
  case QD_JSON_OBJECT: return build_struct(node, arena, value);
  case QD_JSON_INT:
    value->kind_case = QDRANT__VALUE__KIND_INTEGER_VALUE;
    value->integer_value = node->integer;
    break;
  case QD_JSON_UINT: set_double(value, (double)node->unsigned_integer); break;
  case QD_JSON_DOUBLE: set_double(value, node->real); break;
  case QD_JSON_TRUE: set_bool(value, 1); break;
  case QD_JSON_FALSE: set_bool(value, 0); break;
  case QD_JSON_TEXT:
    value->kind_case = QDRANT__VALUE__KIND_STRING_VALUE;
    value->string_value = borrow_text(node);
    break;
  case QD_JSON_NULL:
    value->kind_case = QDRANT__VALUE__KIND_NULL_VALUE;
    value->null_value = QDRANT__NULL_VALUE__NULL_VALUE;
  }
  return 1;
}

qdrant_status qd_json_to_value(const qd_json_node *node, qd_arena *arena, Qdrant__Value *value, qdrant_error *err) {
  return build_value(node, arena, value) ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "no memory for a payload value");
}

qdrant_status qd_json_text_to_value(
    const char *json, size_t n_bytes, qd_arena *arena, Qdrant__Value *value, qdrant_error *err) {
  const qd_json_node *node = NULL;
  qdrant_status status = qd_json_tree_parse(json, n_bytes, arena, &node, err);
  return status == QDRANT_OK ? qd_json_to_value(node, arena, value, err) : status;
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

static void write_value(qd_text *text, const Qdrant__Value *value, int levels_left) {
  if (levels_left == 0) {
    text->has_failed = 1;
    return;
  }
  switch (value == NULL ? QDRANT__VALUE__KIND__NOT_SET : value->kind_case) {
  case QDRANT__VALUE__KIND_STRUCT_VALUE: write_struct(text, value->struct_value, levels_left - 1); break;
  case QDRANT__VALUE__KIND_LIST_VALUE: write_list(text, value->list_value, levels_left - 1); break;
  case QDRANT__VALUE__KIND_INTEGER_VALUE: qd_text_add_signed(text, value->integer_value); break;
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
