#include "codec/shape.h"

#include "core/rpc.h"

#include <pthread.h>
#include <string.h>

static const qd_shape *const lists[] = {qd_shapes_cluster, qd_shapes_collection, qd_shapes_filter, qd_shapes_index,
    qd_shapes_points, qd_shapes_quantization, qd_shapes_query, qd_shapes_reply, qd_shapes_search, qd_shapes_value,
    qd_shapes_vector};

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

static const qd_shape plain_shape = {.kind = QD_SHAPE_OBJECT};
static const qd_field_shape plain_field;

static const qd_shape *find_shape(const ProtobufCMessageDescriptor *type) {
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
    for (const qd_shape *shape = lists[i]; shape->type != NULL; shape++)
      if (shape->type == type)
        return shape;
  return &plain_shape;
}

static const qd_field_shape *find_row(const qd_field_shape *rows, const char *name) {
  for (; rows != NULL && rows->name != NULL; rows++)
    if (strcmp(rows->name, name) == 0)
      return rows;
  return NULL;
}

static const qd_field_shape *find_field(const qd_shape *shape, const ProtobufCFieldDescriptor *field) {
  const qd_field_shape *row = find_row(shape->fields, field->name);
  if (row == NULL)
    row = find_row(common_fields, field->name);
  return row != NULL ? row : &plain_field;
}

/* What was found, by the address of the type or field: asked for with each member of each point. All that can be
 * reached from an RPC is put in once; then the table is only read. */
typedef struct slot {
  const void *descriptor; /* NULL: free */
  const void *shape;      /* qd_shape or qd_field_shape */
} slot;

enum { SLOT_BITS = 11, N_SLOTS = 1 << SLOT_BITS, MAX_USED = N_SLOTS * 3 / 4 };
static slot slots[N_SLOTS];
static size_t n_used;
static pthread_once_t filled = PTHREAD_ONCE_INIT;

/* Where the descriptor is, or a free slot. */
static slot *slot_of(const void *descriptor) {
  size_t at = (size_t)((uint64_t)(uintptr_t)descriptor * UINT64_C(0x9E3779B97F4A7C15) >> (64 - SLOT_BITS));
  while (slots[at].descriptor != NULL && slots[at].descriptor != descriptor)
    at = (at + 1) % N_SLOTS;
  return &slots[at];
}

/* 1 when it is new. What does not fit is looked for again each time. */
static int put(const void *descriptor, const void *shape) {
  slot *to = slot_of(descriptor);
  if (to->descriptor != NULL || n_used == MAX_USED)
    return 0;
  *to = (slot){descriptor, shape};
  n_used++;
  return 1;
}

static void put_type(const ProtobufCMessageDescriptor *type) {
  const qd_shape *shape = find_shape(type);
  if (!put(type, shape))
    return;
  for (unsigned i = 0; i < type->n_fields; i++) {
    put(&type->fields[i], find_field(shape, &type->fields[i]));
    if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
      put_type(type->fields[i].descriptor);
  }
}

static void fill_slots(void) {
  for (int id = 0; id < QDRANT_N_RPCS; id++) {
    put_type(qd_rpc_row((qdrant_rpc)id)->request);
    put_type(qd_rpc_row((qdrant_rpc)id)->reply);
  }
}

const qd_shape *qd_shape_of(const ProtobufCMessageDescriptor *type) {
  pthread_once(&filled, fill_slots);
  const slot *found = slot_of(type);
  return found->descriptor != NULL ? found->shape : find_shape(type);
}

const qd_field_shape *qd_field_shape_of(const qd_shape *shape, const ProtobufCFieldDescriptor *field) {
  const slot *found = slot_of(field);
  return found->descriptor != NULL ? found->shape : find_field(shape, field);
}

const char *qd_field_key(const qd_field_shape *row, const ProtobufCFieldDescriptor *field) {
  return row->key != NULL ? row->key : field->name;
}

int qd_field_is_map(const ProtobufCFieldDescriptor *field) {
  static const char suffix[] = "Entry";
  if (field->label != PROTOBUF_C_LABEL_REPEATED || field->type != PROTOBUF_C_TYPE_MESSAGE)
    return 0;
  const ProtobufCMessageDescriptor *entry = field->descriptor;
  if (entry->n_fields != 2 || strcmp(entry->fields[0].name, "key") != 0)
    return 0;
  size_t n = strlen(entry->short_name);
  return n >= sizeof suffix && strcmp(entry->short_name + n - (sizeof suffix - 1), suffix) == 0;
}
