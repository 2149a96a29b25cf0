#include "codec/json_write.h"
#include "codec/enum_names.h"
#include "codec/json_path.h"
#include "codec/member.h"
#include "codec/shape.h"
#include "core/message_check.h"

#include <string.h>

/* The member of the oneof that is set; NULL when none is. */
static const ProtobufCFieldDescriptor *find_set(const ProtobufCMessage *message) {
  for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
    if (qd_is_in_oneof(field) && qd_field_is_set(message, field))
      return field;
  }
  return NULL;
}

/* Whether there is a message that is to be left out. */
static int is_left_out(const ProtobufCFieldDescriptor *field, const void *item) {
  if (field->type != PROTOBUF_C_TYPE_MESSAGE || (qd_shape_of(field->descriptor)->flags & QD_SHAPE_NONE_IS_ABSENT) == 0)
    return 0;
  const ProtobufCMessage *message = *(const ProtobufCMessage *const *)item;
  return message != NULL && find_set(message) == NULL;
}

qdrant_status qd_json_write_items(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  size_t n = qd_n_items(message, field);
  const unsigned char *items = qd_pointer_member(message, field);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK && !out->text->has_failed; i++, items += qd_item_bytes(field)) {
    if (is_left_out(field, items))
      continue;
    qd_json_write_comma(out);
    status = qd_path_index(qd_json_write_item(out, field, items, 0), out->err, i);
  }
  return status;
}

static qdrant_status write_list(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, unsigned flags) {
  if (field->type == PROTOBUF_C_TYPE_FLOAT)
    return qd_json_write_floats(out, qd_pointer_member(message, field), qd_n_items(message, field), flags);
  qd_json_write_raw(out, "[");
  qdrant_status status = qd_json_write_items(out, message, field);
  qd_json_write_raw(out, "]");
  return status;
}

/* On the wire an empty message may be left out of its entry. */
static qdrant_status write_empty_message(qd_json_writer *out, const ProtobufCMessageDescriptor *type) {
  ProtobufCMessage *empty = qd_arena_alloc(out->text->arena, type->sizeof_message);
  if (empty == NULL) {
    out->text->has_failed = 1;
    return QDRANT_OK;
  }
  protobuf_c_message_init(type, empty);
  return qd_json_write_message(out, empty);
}

static qdrant_status write_entry_value(qd_json_writer *out, const ProtobufCMessage *entry) {
  const ProtobufCFieldDescriptor *value = &entry->descriptor->fields[1];
  if (value->type == PROTOBUF_C_TYPE_MESSAGE && qd_pointer_member(entry, value) == NULL)
    return write_empty_message(out, value->descriptor);
  return qd_json_write_item(out, value, qd_member(entry, value), 0);
}

static qdrant_status write_entry(qd_json_writer *out, const ProtobufCMessage *entry) {
  const ProtobufCFieldDescriptor *key = &entry->descriptor->fields[0];
  ProtobufCBinaryData name;
  if (key->type == PROTOBUF_C_TYPE_BYTES) {
    name = *(const ProtobufCBinaryData *)qd_member(entry, key);
  } else {
    name.data = qd_pointer_member(entry, key);
    name.len = name.data == NULL ? 0 : strlen((const char *)name.data);
  }
  qd_json_write_comma(out);
  qd_text_add_json_string(out->text, (const char *)name.data, name.len);
  qd_json_write_raw(out, ":");
  return qd_path_text(write_entry_value(out, entry), out->err, (const char *)name.data, name.len);
}

static qdrant_status write_map(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  ProtobufCMessage *const *entries = qd_pointer_member(message, field);
  qdrant_status status = QDRANT_OK;
  qd_json_write_raw(out, "{");
  for (size_t i = 0; i < qd_n_items(message, field) && status == QDRANT_OK && !out->text->has_failed; i++)
    status = write_entry(out, entries[i]);
  qd_json_write_raw(out, "}");
  return status;
}

static qdrant_status write_value(
    qd_json_writer *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, unsigned flags) {
  if (qd_field_is_map(field))
    return write_map(out, message, field);
  if (field->label == PROTOBUF_C_LABEL_REPEATED)
    return write_list(out, message, field, flags);
  return qd_json_write_item(out, field, qd_member(message, field), flags);
}

qdrant_status qd_json_write_field(
    qd_json_writer *out, const char *key, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  unsigned flags = qd_field_shape_of(qd_shape_of(message->descriptor), field)->flags;
  if (key == NULL)
    return write_value(out, message, field, flags);
  qd_json_write_key(out, key);
  return qd_path_key(write_value(out, message, field, flags), out->err, key);
}

/* Whether the field has a value to write though nobody set it. */
static int is_always_written(const qd_shape *shape, const qd_field_shape *row, const ProtobufCFieldDescriptor *field) {
  if (qd_is_in_oneof(field))
    return 0;
  if ((row->flags & QD_FIELD_ALWAYS) != 0)
    return 1;
  return (shape->flags & QD_SHAPE_FULL) != 0 && field->label != PROTOBUF_C_LABEL_REPEATED &&
         field->type != PROTOBUF_C_TYPE_MESSAGE;
}

static int has_absent_name(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  char name[QD_ENUM_NAME_MAX_BYTES];
  return field->type == PROTOBUF_C_TYPE_ENUM && field->label != PROTOBUF_C_LABEL_REPEATED &&
         qd_enum_write(field->descriptor, *(const int *)qd_member(message, field), name) == QD_ENUM_ABSENT;
}

static qdrant_status write_member(qd_json_writer *out, const qd_shape *shape, const ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field) {
  const qd_field_shape *row = qd_field_shape_of(shape, field);
  int is_set = qd_field_is_set(message, field);
  if ((row->flags & QD_FIELD_OUTERMOST) != 0 && out->levels > 1)
    return QDRANT_OK;
  if (!is_set && !is_always_written(shape, row, field))
    return QDRANT_OK;
  if (row->write != NULL)
    return row->write(out, message, field);
  if ((row->flags & QD_FIELD_FLAT) != 0)
    return qd_json_write_members(out, qd_pointer_member(message, field));
  if (has_absent_name(message, field) ||
      (field->label != PROTOBUF_C_LABEL_REPEATED && is_left_out(field, qd_member(message, field))))
    return QDRANT_OK;
  return qd_json_write_field(out, qd_field_key(row, field), message, field);
}

qdrant_status qd_json_write_members(qd_json_writer *out, const ProtobufCMessage *message) {
  const qd_shape *shape = qd_shape_of(message->descriptor);
  qdrant_status status = QDRANT_OK;
  for (unsigned i = 0; i < message->descriptor->n_fields && status == QDRANT_OK && !out->text->has_failed; i++)
    status = write_member(out, shape, message, &message->descriptor->fields[i]);
  return status;
}

static qdrant_status write_bare(qd_json_writer *out, const qd_shape *shape, const ProtobufCMessage *message) {
  const ProtobufCFieldDescriptor *field = find_set(message);
  if (field == NULL && (shape->flags & QD_SHAPE_NONE_IS_NULL) == 0)
    return qd_json_refuse(out, "none of the members of %s is set", message->descriptor->short_name);
  if (field == NULL) {
    qd_json_write_raw(out, "null");
    return QDRANT_OK;
  }
  const qd_field_shape *row = qd_field_shape_of(shape, field);
  if ((row->flags & QD_FIELD_KEYED) == 0)
    return qd_json_write_field(out, NULL, message, field);
  qd_json_write_raw(out, "{");
  qdrant_status status = qd_json_write_field(out, qd_field_key(row, field), message, field);
  qd_json_write_raw(out, "}");
  return status;
}

qdrant_status qd_json_write_shape(qd_json_writer *out, const ProtobufCMessage *message) {
  const qd_shape *shape = qd_shape_of(message->descriptor);
  if (shape->kind == QD_SHAPE_BARE)
    return write_bare(out, shape, message);
  if (shape->kind == QD_SHAPE_UNWRAPPED)
    return qd_json_write_field(out, NULL, message, &message->descriptor->fields[0]);
  qd_json_write_raw(out, "{");
  qdrant_status status = qd_json_write_members(out, message);
  qd_json_write_raw(out, "}");
  return status;
}

qdrant_status qd_json_write_message(qd_json_writer *out, const ProtobufCMessage *message) {
  if (message == NULL) {
    qd_json_write_raw(out, "null");
    return QDRANT_OK;
  }
  const qd_shape *shape = qd_shape_of(message->descriptor);
  if (out->levels == QD_MAX_NESTING)
    return qd_json_refuse(out, "nested deeper than %d messages", QD_MAX_NESTING);
  out->levels++;
  qdrant_status status = shape->write != NULL ? shape->write(out, message) : qd_json_write_shape(out, message);
  out->levels--;
  return status;
}
