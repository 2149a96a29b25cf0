#include "core/message.h"

#include "core/error.h"
#include "core/message_check.h"
#include "core/wire.h"

qdrant_status qd_message_encode(
    const ProtobufCMessage *message, qd_body_pool *pool, size_t max_bytes, qd_body **body, qdrant_error *err) {
  *body = NULL;
  qdrant_status status = qd_message_check(message, err);
  return status == QDRANT_OK ? qd_message_pack(message, pool, max_bytes, body, err) : status;
}

qdrant_status qd_message_pack(
    const ProtobufCMessage *message, qd_body_pool *pool, size_t max_bytes, qd_body **body, qdrant_error *err) {
  *body = NULL;
  size_t n_bytes = protobuf_c_message_get_packed_size(message);
  if (n_bytes > max_bytes)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the request %s takes %zu bytes, the limit is %zu: send less at once",
        message->descriptor->short_name, n_bytes, max_bytes);
  qd_body *made = qd_body_new(pool, n_bytes);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for a request of %zu bytes", n_bytes);
  protobuf_c_message_pack(message, made->bytes);
  *body = made;
  return QDRANT_OK;
}

static const ProtobufCMessageDescriptor *nested_type(const ProtobufCMessageDescriptor *type, uint32_t number) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(type, number);
  return field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
}

typedef enum nesting { NESTING_FINE, NESTING_TOO_DEEP, NESTING_UNREADABLE } nesting;

/* Only message fields are entered: text that happens to look like a message costs nothing. At most QD_MAX_NESTING deep.
 */
static nesting check_nesting(const ProtobufCMessageDescriptor *type, qd_wire from, int levels_left) {
  qd_wire_field field;
  qd_wire_step step;
  while ((step = qd_wire_next(&from, &field)) == QD_WIRE_FIELD) {
    const ProtobufCMessageDescriptor *nested = field.type == QD_WIRE_BYTES ? nested_type(type, field.number) : NULL;
    if (nested == NULL)
      continue;
    nesting found = levels_left == 0 ? NESTING_TOO_DEEP
                                     : check_nesting(nested, qd_wire_of(field.bytes, field.n_bytes), levels_left - 1);
    if (found != NESTING_FINE)
      return found;
  }
  return step == QD_WIRE_END ? NESTING_FINE : NESTING_UNREADABLE;
}

qdrant_status qd_message_decode(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t n_bytes,
    qd_arena *arena, ProtobufCMessage **message, qdrant_error *err) {
  static const uint8_t nothing;
  *message = NULL;
  if (bytes == NULL)
    bytes = &nothing;
  nesting found = check_nesting(type, qd_wire_of(bytes, n_bytes), QD_MAX_NESTING);
  if (found == NESTING_TOO_DEEP)
    return qd_fail(err, QDRANT_BAD_REPLY, "the %s of %zu bytes is nested deeper than %d messages", type->short_name,
        n_bytes, QD_MAX_NESTING);
  if (found == NESTING_FINE)
    *message = protobuf_c_message_unpack(type, qd_arena_allocator(arena), n_bytes, bytes);
  if (*message != NULL)
    return QDRANT_OK;
  if (qd_arena_has_failed(arena))
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory to decode a %s of %zu bytes", type->short_name, n_bytes);
  return qd_fail(err, QDRANT_BAD_REPLY, "these %zu bytes are no %s", n_bytes, type->short_name);
}

qdrant_status qd_message_decode_request(const ProtobufCMessageDescriptor *type, const qd_body *body, qd_arena *arena,
    ProtobufCMessage **message, qdrant_error *err) {
  qdrant_status status = qd_message_decode(type, body->bytes, body->n_bytes, arena, message, err);
  if (status != QDRANT_BAD_REPLY)
    return status;
  if (err != NULL && err->status == QDRANT_BAD_REPLY)
    err->status = QDRANT_INVALID_ARGUMENT;
  return QDRANT_INVALID_ARGUMENT;
}

int qd_message_has(const ProtobufCMessage *message, uint32_t number) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(message->descriptor, number);
  return field != NULL && qd_field_is_set(message, field);
}
