#include "codec/shape.h"

#include <pthread.h>
#include <string.h>

static const qd_shape *const lists[] = {qd_shapes_cluster, qd_shapes_collection, qd_shapes_filter, qd_shapes_index,
    qd_shapes_points, qd_shapes_quantization, qd_shapes_query, qd_shapes_reply, qd_shapes_search, qd_shapes_value,
    qd_shapes_vector};

/* Shapes by the address of their type: looked up for each message of each point. Filled once, then only read. */
enum { N_SLOTS = 512 };
static const qd_shape *slots[N_SLOTS];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static size_t slot_of(const ProtobufCMessageDescriptor *type) {
  uint64_t mixed = (uint64_t)(uintptr_t)type * UINT64_C(0x9E3779B97F4A7C15);
  return (size_t)(mixed >> 55); /* 9 bits: N_SLOTS */
}

static void put_shape(const qd_shape *shape) {
  size_t slot = slot_of(shape->type);
  while (slots[slot] != NULL)
    slot = (slot + 1) % N_SLOTS;
  slots[slot] = shape;
}

static void fill_slots(void) {
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
    for (const qd_shape *shape = lists[i]; shape->type != NULL; shape++)
      put_shape(shape);
}

const qd_shape *qd_shape_of(const ProtobufCMessageDescriptor *type) {
  static const qd_shape plain = {.kind = QD_SHAPE_OBJECT};
  pthread_once(&filled, fill_slots);
  size_t slot = slot_of(type);
  while (slots[slot] != NULL && slots[slot]->type != type)
    slot = (slot + 1) % N_SLOTS;
  return slots[slot] != NULL ? slots[slot] : &plain;
}

/* Of any message that has no row of its own for such a field. */
static const qd_field_shape common_fields[] = {
    {.name = "shard_key_selector", .key = "shard_key"},
    {.name = "with_vectors", .key = "with_vector", .alias = "with_vectors"},
    {.name = "read_consistency", .key = "consistency", .flags = QD_FIELD_OUTERMOST},
    {.name = "timeout", .flags = QD_FIELD_OUTERMOST},
    {.name = "query_points", .key = "searches", .flags = QD_FIELD_ALWAYS},
    {.name = "search_points", .key = "searches", .flags = QD_FIELD_ALWAYS},
    {.name = "recommend_points", .key = "searches", .flags = QD_FIELD_ALWAYS},
    {.name = "discover_points", .key = "searches", .flags = QD_FIELD_ALWAYS},
    {0},
};

static const qd_field_shape *find_row(const qd_field_shape *rows, const char *name) {
  for (; rows != NULL && rows->name != NULL; rows++)
    if (strcmp(rows->name, name) == 0)
      return rows;
  return NULL;
}

const qd_field_shape *qd_field_shape_of(const qd_shape *shape, const ProtobufCFieldDescriptor *field) {
  static const qd_field_shape plain = {0};
  const qd_field_shape *row = find_row(shape->fields, field->name);
  if (row == NULL)
    row = find_row(common_fields, field->name);
  return row != NULL ? row : &plain;
}

const char *qd_field_key(const qd_field_shape *row, const ProtobufCFieldDescriptor *field) {
  return row->key != NULL ? row->key : field->name;
}

int qd_field_is_map(const ProtobufCFieldDescriptor *field) {
  if (field->label != PROTOBUF_C_LABEL_REPEATED || field->type != PROTOBUF_C_TYPE_MESSAGE)
    return 0;
  const ProtobufCMessageDescriptor *entry = field->descriptor;
  size_t n = strlen(entry->short_name);
  return entry->n_fields == 2 && strcmp(entry->fields[0].name, "key") == 0 && n > 5 &&
         strcmp(entry->short_name + n - 5, "Entry") == 0;
}
