#include "core/message.h"
#include "core/error.h"
#include "core/message_check.h"

qdrant_status qd_message_encode(
    const ProtobufCMessage *message, qd_body_pool *pool, size_t max_bytes, qd_body **body, qdrant_error *err) {
  *body = NULL;
  qdrant_status status = qd_message_check(message, err);
  if (status != QDRANT_OK)
    return status;
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

/* What is left to read. */
typedef struct cursor {
  const uint8_t *at;
  const uint8_t *end;
} cursor;

static int read_varint(cursor *from, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64 && from->at < from->end; shift += 7) {
    uint8_t byte = *from->at++;
    *value |= (uint64_t)(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0)
      return 1;
  }
  return 0;
}

static int skip_bytes(cursor *from, uint64_t n_bytes) {
  if (n_bytes > (uint64_t)(from->end - from->at))
    return 0;
  from->at += n_bytes;
  return 1;
}

static const ProtobufCMessageDescriptor *nested_type(const ProtobufCMessageDescriptor *type, uint64_t number) {
  if (number > UINT32_MAX)
    return NULL;
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(type, (unsigned)number);
  return field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
}

typedef enum nesting { NESTING_FINE, NESTING_TOO_DEEP, NESTING_UNREADABLE } nesting;

/* Only message fields are entered: text that happens to look like a message costs nothing. At most QD_MAX_NESTING deep.
 */
static nesting check_nesting(const ProtobufCMessageDescriptor *type, cursor from, int levels_left) {
  while (from.at < from.end) {
    uint64_t tag = 0;
    uint64_t value = 0;
    int is_read = read_varint(&from, &tag);
    const uint8_t *content = from.at;
    switch (tag & 7) {
    case PROTOBUF_C_WIRE_TYPE_VARINT: is_read = is_read && read_varint(&from, &value); break;
    case PROTOBUF_C_WIRE_TYPE_64BIT: is_read = is_read && skip_bytes(&from, 8); break;
    case PROTOBUF_C_WIRE_TYPE_32BIT: is_read = is_read && skip_bytes(&from, 4); break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
      is_read = is_read && read_varint(&from, &value);
      content = from.at;
      is_read = is_read && skip_bytes(&from, value);
      break;
    default: is_read = 0;
    }
    if (!is_read)
      return NESTING_UNREADABLE;
    const ProtobufCMessageDescriptor *nested =
        (tag & 7) == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED ? nested_type(type, tag >> 3) : NULL;
    if (nested == NULL)
      continue;
    nesting found =
        levels_left == 0 ? NESTING_TOO_DEEP : check_nesting(nested, (cursor){content, from.at}, levels_left - 1);
    if (found != NESTING_FINE)
      return found;
  }
  return NESTING_FINE;
}

qdrant_status qd_message_decode(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t n_bytes,
    qd_arena *arena, ProtobufCMessage **message, qdrant_error *err) {
  static const uint8_t nothing;
  *message = NULL;
  if (bytes == NULL)
    bytes = &nothing;
  nesting found = check_nesting(type, (cursor){bytes, bytes + n_bytes}, QD_MAX_NESTING);
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

int qd_message_has(const ProtobufCMessage *message, uint32_t number) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(message->descriptor, number);
  return field != NULL && qd_field_is_set(message, field);
}
