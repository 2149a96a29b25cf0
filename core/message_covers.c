#include "core/message_covers.h"

#include "core/message.h"

#include <string.h>

static size_t bytes_of_type(ProtobufCType type) {
  switch (type) {
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_SFIXED64:
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_FIXED64:
  case PROTOBUF_C_TYPE_DOUBLE: return sizeof(uint64_t);
  case PROTOBUF_C_TYPE_STRING:
  case PROTOBUF_C_TYPE_MESSAGE: return sizeof(void *);
  case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
  default: return sizeof(uint32_t);
  }
}

static const void *pointer_at(const void *place) {
  const void *pointer = NULL;
  memcpy(&pointer, place, sizeof pointer);
  return pointer;
}

static int covers_texts(const char *wanted, const char *got) {
  return strcmp(wanted != NULL ? wanted : "", got != NULL ? got : "") == 0;
}

static int covers_bytes(const ProtobufCBinaryData *wanted, const ProtobufCBinaryData *got) {
  return wanted->len == got->len && (wanted->len == 0 || memcmp(wanted->data, got->data, wanted->len) == 0);
}

/* One value, at its place in a message or a list. */
static int covers_value(ProtobufCType type, const void *wanted, const void *got) {
  switch (type) {
  case PROTOBUF_C_TYPE_STRING: return covers_texts(pointer_at(wanted), pointer_at(got));
  case PROTOBUF_C_TYPE_BYTES: return covers_bytes(wanted, got);
  case PROTOBUF_C_TYPE_MESSAGE: return qd_message_covers(pointer_at(wanted), pointer_at(got));
  default: return memcmp(wanted, got, bytes_of_type(type)) == 0;
  }
}

static int is_map(const ProtobufCFieldDescriptor *field) {
  const ProtobufCMessageDescriptor *entry = field->descriptor;
  return field->type == PROTOBUF_C_TYPE_MESSAGE && entry->n_fields == 2 && strcmp(entry->fields[0].name, "key") == 0 &&
         strcmp(entry->fields[1].name, "value") == 0;
}

/* A list as it lies in a message. */
typedef struct list {
  size_t n;
  const char *items;
} list;

static list list_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  list found = {.items = pointer_at((const char *)message + field->offset)};
  memcpy(&found.n, (const char *)message + field->quantifier_offset, sizeof found.n);
  return found;
}

static int has_item(ProtobufCType type, const void *wanted, list got) {
  size_t n_bytes = bytes_of_type(type);
  for (size_t i = 0; i < got.n; i++)
    if (covers_value(type, wanted, got.items + i * n_bytes))
      return 1;
  return 0;
}

static int covers_list(const ProtobufCFieldDescriptor *field, list wanted, list got) {
  size_t n_bytes = bytes_of_type(field->type);
  if (!is_map(field) && wanted.n != got.n)
    return 0;
  for (size_t i = 0; i < wanted.n; i++) {
    const char *item = wanted.items + i * n_bytes;
    if (is_map(field) ? !has_item(field->type, item, got) : !covers_value(field->type, item, got.items + i * n_bytes))
      return 0;
  }
  return 1;
}

int qd_message_covers_field(const ProtobufCMessage *wanted, const ProtobufCFieldDescriptor *field,
    const ProtobufCMessage *got, const char *name) {
  const ProtobufCFieldDescriptor *shown = protobuf_c_message_descriptor_get_field_by_name(got->descriptor, name);
  if (shown == NULL || shown->type != field->type ||
      (shown->label == PROTOBUF_C_LABEL_REPEATED) != (field->label == PROTOBUF_C_LABEL_REPEATED))
    return 0;
  if (field->label == PROTOBUF_C_LABEL_REPEATED)
    return covers_list(field, list_of(wanted, field), list_of(got, shown));
  return qd_message_has(got, shown->id) &&
         covers_value(field->type, (const char *)wanted + field->offset, (const char *)got + shown->offset);
}

int qd_message_covers(const ProtobufCMessage *wanted, const ProtobufCMessage *got) {
  const ProtobufCMessageDescriptor *type = wanted->descriptor;
  for (unsigned i = 0; i < type->n_fields; i++)
    if (qd_message_has(wanted, type->fields[i].id) &&
        !qd_message_covers_field(wanted, &type->fields[i], got, type->fields[i].name))
      return 0;
  return 1;
}
