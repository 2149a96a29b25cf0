#include "core/message_check.h"

#include "core/error.h"
#include "core/floats.h"
#include "core/utf8.h"
#include "core/uuid.h"
#include "qdrant/pb/points.pb-c.h"

#include <stdio.h>
#include <string.h>

/* Where a check is: a field of a message, and the places around it. Lies on the stack. */
typedef struct place {
  const struct place *around;
  const ProtobufCMessage *message;
  const ProtobufCFieldDescriptor *field;
  size_t index; /* in a repeated field */
  int depth;
} place;

static const void *member(const ProtobufCMessage *message, unsigned offset) {
  return (const unsigned char *)message + offset;
}

static const void *pointer_member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  const void *pointer;
  memcpy(&pointer, member(message, field->offset), sizeof pointer);
  return pointer;
}

static size_t n_items(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return *(const size_t *)member(message, field->quantifier_offset);
}

static int is_pointer_type(const ProtobufCFieldDescriptor *field) {
  return field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING;
}

int qd_field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  if (field->label == PROTOBUF_C_LABEL_REPEATED)
    return n_items(message, field) > 0;
  if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
      *(const uint32_t *)member(message, field->quantifier_offset) != field->id)
    return 0;
  if (is_pointer_type(field)) {
    const void *pointer = pointer_member(message, field);
    return pointer != NULL && pointer != field->default_value;
  }
  return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 || field->label != PROTOBUF_C_LABEL_OPTIONAL ||
         *(const protobuf_c_boolean *)member(message, field->quantifier_offset);
}

/* The key when place is an entry of a map with a key that can be shown. */
static const ProtobufCBinaryData *map_key(const place *at) {
  if (at->field->type != PROTOBUF_C_TYPE_MESSAGE || at->field->label != PROTOBUF_C_LABEL_REPEATED)
    return NULL;
  ProtobufCMessage *const *items = pointer_member(at->message, at->field);
  const ProtobufCMessage *entry = items == NULL ? NULL : items[at->index];
  const ProtobufCMessageDescriptor *type = at->field->descriptor;
  if (entry == NULL || entry->descriptor != type || type->n_fields != 2 || strcmp(type->fields[0].name, "key") != 0 ||
      type->fields[0].type != PROTOBUF_C_TYPE_BYTES)
    return NULL;
  const ProtobufCBinaryData *key = member(entry, type->fields[0].offset);
  return key->data != NULL && qd_is_utf8((const char *)key->data, key->len) ? key : NULL;
}

/* Adds one place's own part of the name. */
static size_t write_part(const place *at, char *name, size_t max_bytes) {
  const ProtobufCBinaryData *key = map_key(at);
  int is_entry_value = at->around != NULL && map_key(at->around) != NULL && at->field->id == 2;
  const char *dot = at->around == NULL ? "" : ".";
  int n;
  if (is_entry_value)
    n = 0;
  else if (key != NULL)
    n = snprintf(name, max_bytes, "%s%s[\"%.*s\"]", dot, at->field->name, (int)(key->len > 64 ? 64 : key->len),
        (const char *)key->data);
  else if (at->field->label == PROTOBUF_C_LABEL_REPEATED)
    n = snprintf(name, max_bytes, "%s%s[%zu]", dot, at->field->name, at->index);
  else
    n = snprintf(name, max_bytes, "%s%s", dot, at->field->name);
  return n < 0 ? 0 : (size_t)n < max_bytes ? (size_t)n : max_bytes - 1;
}

/* The name of a place from the outside in; cut at max_bytes. */
static size_t write_name(const place *at, char *name, size_t max_bytes) {
  size_t n = at->around == NULL ? 0 : write_name(at->around, name, max_bytes);
  return n + write_part(at, name + n, max_bytes - n);
}

static qdrant_status refuse(const place *at, const char *why, qdrant_error *err) {
  char name[320] = "";
  write_name(at, name, sizeof name);
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s %s", name, why);
}

static qdrant_status check_message(const ProtobufCMessage *message, const place *around, qdrant_error *err);

static qdrant_status check_string(const place *at, const char *text, qdrant_error *err) {
  uint8_t uuid[16];
  if (!qd_is_utf8(text, strlen(text)))
    return refuse(at, "must be UTF-8", err);
  int is_uuid = at->message->descriptor == &qdrant__point_id__descriptor;
  return !is_uuid || qd_uuid_parse(text, uuid) ? QDRANT_OK : refuse(at, "is no UUID, and other text is no id", err);
}

/* Lists of floats are vectors and weights. */
static qdrant_status check_floats(place *at, const float *values, size_t n, qdrant_error *err) {
  at->index = qd_floats_find_bad(values, n);
  return at->index == n ? QDRANT_OK : refuse(at, "is nan or infinite; floats must be finite", err);
}

/* One value of a field. Every `bytes` field of the definitions is text that may hold a NUL. */
static qdrant_status check_value(const place *at, const void *value, qdrant_error *err) {
  const ProtobufCBinaryData *text = value;
  const void *pointer = NULL;
  if (is_pointer_type(at->field)) {
    memcpy(&pointer, value, sizeof pointer);
    if (pointer == NULL)
      return refuse(at, "is NULL", err);
  }
  switch ((int)at->field->type) {
  case PROTOBUF_C_TYPE_STRING: return check_string(at, pointer, err);
  case PROTOBUF_C_TYPE_BYTES:
    if (text->len > 0 && text->data == NULL)
      return refuse(at, "has a length but no bytes", err);
    return text->len == 0 || qd_is_utf8((const char *)text->data, text->len) ? QDRANT_OK
                                                                             : refuse(at, "must be UTF-8", err);
  case PROTOBUF_C_TYPE_MESSAGE: /* a pointer type, so it is not NULL; NOLINTNEXTLINE(clang-analyzer-core.*) */
    if (((const ProtobufCMessage *)pointer)->descriptor != at->field->descriptor)
      return refuse(at, "is a message of another type than its field's, or was not initialised", err);
    return at->depth > QD_MAX_NESTING ? refuse(at, "is nested deeper than 100 messages", err)
                                      : check_message(pointer, at, err);
  default: return QDRANT_OK;
  }
}

static size_t value_bytes(const ProtobufCFieldDescriptor *field) {
  return field->type == PROTOBUF_C_TYPE_BYTES ? sizeof(ProtobufCBinaryData) : sizeof(void *);
}

static qdrant_status check_list(place *at, qdrant_error *err) {
  const unsigned char *items = pointer_member(at->message, at->field);
  size_t n = n_items(at->message, at->field);
  if (items == NULL)
    return refuse(at, "has a length but no items", err);
  if (at->field->type == PROTOBUF_C_TYPE_FLOAT)
    return check_floats(at, (const float *)(const void *)items, n, err);
  if (!is_pointer_type(at->field) && at->field->type != PROTOBUF_C_TYPE_BYTES)
    return QDRANT_OK;
  qdrant_status status = QDRANT_OK;
  for (at->index = 0; at->index < n && status == QDRANT_OK; at->index++)
    status = check_value(at, items + at->index * value_bytes(at->field), err);
  return status;
}

static qdrant_status check_message(const ProtobufCMessage *message, const place *around, qdrant_error *err) {
  const ProtobufCMessageDescriptor *type = message->descriptor;
  qdrant_status status = QDRANT_OK;
  for (unsigned i = 0; i < type->n_fields && status == QDRANT_OK; i++) {
    const ProtobufCFieldDescriptor *field = &type->fields[i];
    place at = {around, message, field, 0, around == NULL ? 1 : around->depth + 1};
    if (!qd_field_is_set(message, field))
      continue;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
      status = check_list(&at, err);
    else
      status = check_value(&at, member(message, field->offset), err);
  }
  return status;
}

qdrant_status qd_message_check(const ProtobufCMessage *message, qdrant_error *err) {
  return check_message(message, NULL, err);
}
