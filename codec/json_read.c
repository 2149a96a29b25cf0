#include "codec/json_read.h"

#include "codec/enum_names.h"
#include "codec/json_path.h"
#include "codec/member.h"
#include "codec/required.h"
#include "codec/shape.h"
#include "core/error.h"

#include <string.h>

static const qd_field_shape *row_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return qd_field_shape_of(qd_shape_of(message->descriptor), field);
}

/* Servers learn new names for old enums: such a value is as absent as an unknown key. */
static int is_unknown_name(const qd_json_reader *in, const qd_json_node *value, const ProtobufCFieldDescriptor *field) {
  int number;
  return in->origin == QD_JSON_FROM_SERVER && field->type == PROTOBUF_C_TYPE_ENUM && value->kind == QD_JSON_TEXT &&
         !qd_enum_read(field->descriptor, value->text, value->n, &number);
}

static void set_list(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, void *items, size_t n) {
  *(void **)qd_member_to_set(message, field) = items;
  qd_set_n_items(message, field, n);
}

static qdrant_status read_float_list(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field, unsigned flags) {
  float *values = NULL;
  size_t n = 0;
  qdrant_status status = qd_json_read_floats(in, value, flags, &n, &values);
  if (status == QDRANT_OK)
    set_list(message, field, values, n);
  return status;
}

static qdrant_status read_list(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field, unsigned flags) {
  int is_single = (flags & QD_FIELD_ONE_OR_MANY) != 0 && value->kind != QD_JSON_ARRAY;
  if (!is_single && value->kind != QD_JSON_ARRAY)
    return qd_json_expected(in, value, "a list");
  if (field->type == PROTOBUF_C_TYPE_FLOAT)
    return read_float_list(in, value, message, field, flags);
  const qd_json_node *nodes = is_single ? value : value->items;
  size_t n = is_single ? 1 : value->n;
  unsigned char *items = qd_json_alloc(in, n * qd_item_bytes(field));
  if (items == NULL)
    return QDRANT_NO_MEMORY;
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++) {
    status = qd_json_read_item(in, &nodes[i], field, flags, items + i * qd_item_bytes(field));
    if (!is_single)
      qd_path_index(status, in->err, i);
  }
  if (status == QDRANT_OK)
    set_list(message, field, items, n);
  return status;
}

static qdrant_status read_entry(qd_json_reader *in, const qd_json_node *key, const qd_json_node *value,
    const ProtobufCMessageDescriptor *type, ProtobufCMessage **entry) {
  *entry = qd_json_alloc(in, type->sizeof_message);
  if (*entry == NULL)
    return QDRANT_NO_MEMORY;
  protobuf_c_message_init(type, *entry);
  for (unsigned i = 0; i < 2; i++) {
    const ProtobufCFieldDescriptor *field = &type->fields[i];
    qdrant_status status = qd_json_read_item(in, i == 0 ? key : value, field, 0, qd_member_to_set(*entry, field));
    if (status != QDRANT_OK)
      return status;
    qd_mark_set(*entry, field);
  }
  return QDRANT_OK;
}

static qdrant_status read_map(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  if (value->kind != QD_JSON_OBJECT)
    return qd_json_expected(in, value, "an object");
  ProtobufCMessage **entries = qd_json_alloc(in, value->n * sizeof *entries);
  if (entries == NULL)
    return QDRANT_NO_MEMORY;
  for (size_t i = 0; i < value->n; i++) {
    const qd_json_node *key = qd_json_key(value, i);
    qdrant_status status = read_entry(in, key, qd_json_member(value, i), field->descriptor, &entries[i]);
    if (status != QDRANT_OK)
      return qd_path_text(status, in->err, key->text, key->n);
  }
  set_list(message, field, entries, value->n);
  return QDRANT_OK;
}

qdrant_status qd_json_read_field(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  unsigned flags = row_of(message, field)->flags;
  if (qd_field_is_map(field))
    return read_map(in, value, message, field);
  if (field->label == PROTOBUF_C_LABEL_REPEATED)
    return read_list(in, value, message, field, flags);
  if (is_unknown_name(in, value, field))
    return QDRANT_OK;
  qdrant_status status = qd_json_read_item(in, value, field, flags, qd_member_to_set(message, field));
  if (status == QDRANT_OK)
    qd_mark_set(message, field);
  return status;
}

qdrant_status qd_json_read_named(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const char *name) {
  return qd_json_read_field(
      in, value, message, protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name));
}

static int is_key_of(const qd_field_shape *row, const ProtobufCFieldDescriptor *field, const qd_json_node *key) {
  if ((row->flags & (QD_FIELD_WRITE_ONLY | QD_FIELD_FLAT)) != 0)
    return 0;
  return qd_json_text_is(key, qd_field_key(row, field)) || (row->alias != NULL && qd_json_text_is(key, row->alias));
}

/* The field that a key of the message's own object means; NULL: none. */
static const ProtobufCFieldDescriptor *find_field(
    const ProtobufCMessageDescriptor *type, const qd_shape *shape, const qd_json_node *key) {
  for (unsigned i = 0; i < type->n_fields; i++)
    if (is_key_of(qd_field_shape_of(shape, &type->fields[i]), &type->fields[i], key))
      return &type->fields[i];
  return NULL;
}

/* The field whose message has the key among its own, though it lies in this object; NULL: none. */
static const ProtobufCFieldDescriptor *find_flat(
    const ProtobufCMessageDescriptor *type, const qd_shape *shape, const qd_json_node *key) {
  for (unsigned i = 0; i < type->n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &type->fields[i];
    if ((qd_field_shape_of(shape, field)->flags & QD_FIELD_FLAT) != 0 &&
        find_field(field->descriptor, qd_shape_of(field->descriptor), key) != NULL)
      return field;
  }
  return NULL;
}

/* A null is an absent member, where it does not mean something itself. */
static int reads_null(const qd_field_shape *row, const ProtobufCFieldDescriptor *field) {
  if ((row->flags & QD_FIELD_NULL_IS_NAN) != 0)
    return field->label != PROTOBUF_C_LABEL_REPEATED;
  return field->type == PROTOBUF_C_TYPE_MESSAGE && field->label != PROTOBUF_C_LABEL_REPEATED &&
         (qd_shape_of(field->descriptor)->flags & QD_SHAPE_READS_NULL) != 0;
}

static qdrant_status read_by_row(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  const qd_field_shape *row = row_of(message, field);
  return row->read != NULL ? row->read(in, value, message, field) : qd_json_read_field(in, value, message, field);
}

/* The other member of the field's oneof that is set already; NULL: none. */
static const ProtobufCFieldDescriptor *find_rival(
    const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  uint32_t number = qd_is_in_oneof(field) ? qd_oneof_number(message, field) : 0;
  return number == 0 || number == field->id ? NULL
                                            : protobuf_c_message_descriptor_get_field(message->descriptor, number);
}

static qdrant_status read_member(
    qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  const qd_field_shape *row = row_of(message, field);
  if (value->kind == QD_JSON_NULL && !reads_null(row, field))
    return QDRANT_OK;
  const ProtobufCFieldDescriptor *rival = find_rival(message, field);
  if (rival != NULL && in->origin == QD_JSON_FROM_USER)
    return qd_fail(
        in->err, QDRANT_INVALID_ARGUMENT, ": cannot be given beside %s", qd_field_key(row_of(message, rival), rival));
  if (rival != NULL && rival->id < field->id) /* a server looks for them in that order */
    return QDRANT_OK;
  return read_by_row(in, value, message, field);
}

/* A member of the object that belongs to the message in a flat field, which is made when its first key comes. */
static qdrant_status read_flat(qd_json_reader *in, const qd_json_node *key, const qd_json_node *value,
    ProtobufCMessage *message, const ProtobufCFieldDescriptor *flat) {
  ProtobufCMessage **inner = qd_member_to_set(message, flat);
  const ProtobufCMessageDescriptor *type = flat->descriptor;
  if (*inner == NULL) {
    *inner = qd_json_alloc(in, type->sizeof_message);
    if (*inner == NULL)
      return QDRANT_NO_MEMORY;
    protobuf_c_message_init(type, *inner);
    qd_mark_set(message, flat);
  }
  return read_member(in, value, *inner, find_field(type, qd_shape_of(type), key));
}

static int refuses_unknown(const qd_json_reader *in, const qd_shape *shape) {
  return in->origin == QD_JSON_FROM_USER ||
         (in->origin == QD_JSON_FROM_CLIENT && (shape->flags & QD_SHAPE_STRICT) != 0);
}

static qdrant_status refuse_unknown(qd_json_reader *in) {
  return qd_fail(in->err, QDRANT_INVALID_ARGUMENT, ": unknown key");
}

static qdrant_status read_key(
    qd_json_reader *in, const qd_json_node *key, const qd_json_node *value, ProtobufCMessage *message) {
  const ProtobufCMessageDescriptor *type = message->descriptor;
  const qd_shape *shape = qd_shape_of(type);
  const ProtobufCFieldDescriptor *field = find_field(type, shape, key);
  if (field != NULL)
    return read_member(in, value, message, field);
  field = find_flat(type, shape, key);
  if (field != NULL)
    return read_flat(in, key, value, message, field);
  return refuses_unknown(in, shape) ? refuse_unknown(in) : QDRANT_OK;
}

static qdrant_status read_object(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  if (value->kind != QD_JSON_OBJECT)
    return qd_json_expected(in, value, "an object");
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < value->n && status == QDRANT_OK; i++) {
    const qd_json_node *key = qd_json_key(value, i);
    status = qd_path_text(read_key(in, key, qd_json_member(value, i), message), in->err, key->text, key->n);
  }
  if (status == QDRANT_OK && in->origin == QD_JSON_FROM_CLIENT)
    status = qd_required_check(in, value, message->descriptor);
  return status;
}

/* The first key but this one. */
static const char *other_key(const qd_json_node *object, const char *key) {
  return qd_json_key(object, qd_json_text_is(qd_json_key(object, 0), key) ? 1 : 0)->text;
}

static qdrant_status read_bare(
    qd_json_reader *in, const qd_shape *shape, const qd_json_node *value, ProtobufCMessage *message) {
  const char *name = shape->choose(value);
  if (name == NULL)
    return qd_json_expected(in, value, shape->expected);
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
  const qd_field_shape *row = qd_field_shape_of(shape, field);
  const char *key = qd_field_key(row, field);
  const qd_json_node *keyed = (row->flags & QD_FIELD_KEYED) != 0 ? qd_json_get(value, key) : NULL;
  if (keyed != NULL && value->n > 1 && refuses_unknown(in, shape))
    return qd_path_key(refuse_unknown(in), in->err, other_key(value, key));
  qdrant_status status = read_by_row(in, keyed != NULL ? keyed : value, message, field);
  return keyed != NULL ? qd_path_key(status, in->err, key) : status;
}

qdrant_status qd_json_read_shape(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  const qd_shape *shape = qd_shape_of(message->descriptor);
  if (shape->kind == QD_SHAPE_BARE)
    return read_bare(in, shape, value, message);
  if (shape->kind == QD_SHAPE_UNWRAPPED)
    return read_member(in, value, message, &message->descriptor->fields[0]);
  return read_object(in, value, message);
}

qdrant_status qd_json_read_into(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  const qd_shape *shape = qd_shape_of(message->descriptor);
  return shape->read != NULL ? shape->read(in, value, message) : qd_json_read_shape(in, value, message);
}

qdrant_status qd_json_read_message(
    qd_json_reader *in, const qd_json_node *value, const ProtobufCMessageDescriptor *type, ProtobufCMessage **message) {
  *message = qd_json_alloc(in, type->sizeof_message);
  if (*message == NULL)
    return QDRANT_NO_MEMORY;
  protobuf_c_message_init(type, *message);
  return qd_json_read_into(in, value, *message);
}
