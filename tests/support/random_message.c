#include "tests/support/random_message.h"

#include "codec/member.h"
#include "qdrant/pb/json_with_int.pb-c.h"
#include "qdrant/pb/timestamp.pb-c.h"

#include <string.h>

typedef struct maker {
  random_source *random;
  const unset_field *unset;
  qd_arena *arena;
} maker;

enum { MAX_TEXT_BYTES = 12, MAX_ITEMS = 3 };

static void fill(const maker *from, ProtobufCMessage *message, int n_levels);

static int stays_unset(const maker *from, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  for (const unset_field *unset = from->unset; unset->type != NULL; unset++)
    if (unset->type == message->descriptor && strcmp(unset->name, field->name) == 0)
      return 1;
  return 0;
}

static int is_message(const ProtobufCFieldDescriptor *field) {
  return field->type == PROTOBUF_C_TYPE_MESSAGE;
}

/* Whether a message of the type has messages in it again. */
static int is_leaf(const ProtobufCMessageDescriptor *type) {
  for (unsigned i = 0; i < type->n_fields; i++)
    if (is_message(&type->fields[i]))
      return 0;
  return 1;
}

static char *make_text(const maker *from, int has_nul, size_t *n_bytes) {
  char *text = qd_arena_zalloc(from->arena, MAX_TEXT_BYTES + 1);
  *n_bytes = random_text(from->random, text, MAX_TEXT_BYTES, has_nul);
  text[*n_bytes] = '\0';
  return text;
}

static ProtobufCMessage *make(const maker *from, const ProtobufCMessageDescriptor *type, int n_levels) {
  ProtobufCMessage *message = qd_arena_zalloc(from->arena, type->sizeof_message);
  protobuf_c_message_init(type, message);
  fill(from, message, n_levels);
  return message;
}

static int make_enum(const maker *from, const ProtobufCEnumDescriptor *type) {
  return type->values[random_below(from->random, type->n_values)].value;
}

static void make_item(const maker *from, const ProtobufCFieldDescriptor *field, void *item, int n_levels) {
  size_t n_bytes;
  switch (field->type) {
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_INT64: *(uint64_t *)item = random_sized(from->random); break;
  case PROTOBUF_C_TYPE_UINT32:
  case PROTOBUF_C_TYPE_INT32: *(uint32_t *)item = (uint32_t)random_sized(from->random); break;
  case PROTOBUF_C_TYPE_DOUBLE: *(double *)item = random_double(from->random); break;
  case PROTOBUF_C_TYPE_FLOAT: *(float *)item = random_float(from->random); break;
  case PROTOBUF_C_TYPE_BOOL: *(protobuf_c_boolean *)item = random_is(from->random, 2); break;
  case PROTOBUF_C_TYPE_ENUM: *(int *)item = make_enum(from, field->descriptor); break;
  case PROTOBUF_C_TYPE_STRING: *(char **)item = make_text(from, 0, &n_bytes); break;
  case PROTOBUF_C_TYPE_BYTES: {
    ProtobufCBinaryData *bytes = item;
    bytes->data = (uint8_t *)make_text(from, 1, &bytes->len);
    break;
  }
  default: *(ProtobufCMessage **)item = make(from, field->descriptor, n_levels - 1);
  }
}

static int is_entry(const ProtobufCMessageDescriptor *type) {
  return strstr(type->short_name, "Entry") != NULL;
}

/* Keys of a map differ, as the number before them does. */
static void number_key(const maker *from, ProtobufCMessage *entry, size_t number) {
  const ProtobufCFieldDescriptor *key = &entry->descriptor->fields[0];
  char *text = qd_arena_zalloc(from->arena, 2);
  text[0] = (char)('a' + number);
  qd_mark_set(entry, key);
  if (key->type == PROTOBUF_C_TYPE_STRING)
    *(char **)qd_member_to_set(entry, key) = text;
  else
    *(ProtobufCBinaryData *)qd_member_to_set(entry, key) = (ProtobufCBinaryData){1, (uint8_t *)text};
}

static void make_list(
    const maker *from, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, int n_levels) {
  size_t n = 1 + random_below(from->random, MAX_ITEMS);
  unsigned char *items = qd_arena_zalloc(from->arena, n * qd_item_bytes(field));
  for (size_t i = 0; i < n; i++) {
    make_item(from, field, items + i * qd_item_bytes(field), n_levels);
    if (is_message(field) && is_entry(field->descriptor))
      number_key(from, ((ProtobufCMessage **)(void *)items)[i], i);
  }
  *(void **)qd_member_to_set(message, field) = items;
  qd_set_n_items(message, field, n);
}

static void make_field(
    const maker *from, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, int n_levels) {
  if (field->label == PROTOBUF_C_LABEL_REPEATED) {
    make_list(from, message, field, n_levels);
    return;
  }
  make_item(from, field, qd_member_to_set(message, field), n_levels);
  qd_mark_set(message, field);
}

/* Of the members of the oneof that begins here, one that can be made with the levels that are left. */
static const ProtobufCFieldDescriptor *choose_member(
    const maker *from, const ProtobufCMessage *message, unsigned quantifier_offset, int n_levels) {
  const ProtobufCFieldDescriptor *chosen = NULL;
  size_t n_fitting = 0;
  for (int is_leaf_enough = 0; is_leaf_enough < 3 && chosen == NULL; is_leaf_enough++)
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
      const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
      int is_fitting = n_levels > 0 || !is_message(field) || (is_leaf_enough == 1 && is_leaf(field->descriptor)) ||
                       is_leaf_enough == 2;
      if (qd_is_in_oneof(field) && field->quantifier_offset == quantifier_offset && is_fitting &&
          !stays_unset(from, message, field) && random_below(from->random, ++n_fitting) == 0)
        chosen = field;
    }
  return chosen;
}

static int is_first_of_oneof(const ProtobufCMessageDescriptor *type, unsigned at) {
  for (unsigned i = 0; i < at; i++)
    if (qd_is_in_oneof(&type->fields[i]) && type->fields[i].quantifier_offset == type->fields[at].quantifier_offset)
      return 0;
  return 1;
}

/* A payload's value that is not there reads back as null. */
static int is_payload(const ProtobufCFieldDescriptor *field) {
  return is_message(field) && field->descriptor == &qdrant__value__descriptor;
}

static int is_wanted(
    const maker *from, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, int n_levels) {
  if (is_payload(field) || is_entry(message->descriptor))
    return 1;
  if (is_message(field) && n_levels <= 0)
    return field->label == PROTOBUF_C_LABEL_REPEATED && is_leaf(field->descriptor);
  /* The only list of a message is not empty: what JSON says of an empty one does not tell of what. */
  return message->descriptor->n_fields == 1 || !random_is(from->random, 5);
}

static void fill_time(const maker *from, Qdrant__Timestamp *at) {
  at->has_seconds = 1;
  at->seconds = (int64_t)random_below(from->random, 1000000000) * 10;
  at->has_nanos = 1;
  at->nanos = (int32_t)random_below(from->random, 1000000000);
}

static void fill(const maker *from, ProtobufCMessage *message, int n_levels) {
  const ProtobufCMessageDescriptor *type = message->descriptor;
  if (type == &qdrant__timestamp__descriptor) {
    fill_time(from, (Qdrant__Timestamp *)message);
    return;
  }
  for (unsigned i = 0; i < type->n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &type->fields[i];
    if (qd_is_in_oneof(field)) {
      field = is_first_of_oneof(type, i) ? choose_member(from, message, field->quantifier_offset, n_levels) : NULL;
    } else if (stays_unset(from, message, field) || !is_wanted(from, message, field, n_levels)) {
      field = NULL;
    }
    if (field != NULL)
      make_field(from, message, field, n_levels);
  }
}

ProtobufCMessage *random_message(random_source *random, const ProtobufCMessageDescriptor *type,
    const unset_field *unset, int n_levels, qd_arena *arena) {
  maker from = {.random = random, .unset = unset, .arena = arena};
  return make(&from, type, n_levels);
}
