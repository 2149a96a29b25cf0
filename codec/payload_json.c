#include "codec/payload_json.h"

#include "codec/json_path.h"
#include "codec/json_read.h"
#include "codec/json_write.h"
#include "codec/shape.h"
#include "core/error.h"

static qdrant_status find_payload(
    const ProtobufCMessage *message, const ProtobufCFieldDescriptor **field, qdrant_error *err) {
  *field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "payload");
  if (*field != NULL && qd_field_is_map(*field))
    return QDRANT_OK;
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "message: a %s has no payload", message->descriptor->short_name);
}

qdrant_status qd_payload_write_json(qd_text *text, const ProtobufCMessage *message, qdrant_error *err) {
  const ProtobufCFieldDescriptor *field = NULL;
  qd_json_writer out = {.text = text, .err = err};
  qdrant_status status = find_payload(message, &field, err);
  if (status == QDRANT_OK)
    status = qd_path_end(qd_json_write_field(&out, NULL, message, field), err);
  return status;
}

qdrant_status qd_payload_read_json(
    const qd_json_node *object, qd_arena *arena, ProtobufCMessage *message, qdrant_error *err) {
  const ProtobufCFieldDescriptor *field = NULL;
  qd_json_reader in = {.origin = QD_JSON_FROM_USER, .arena = arena, .err = err};
  qdrant_status status = find_payload(message, &field, err);
  if (status == QDRANT_OK)
    status = qd_path_end(qd_json_read_field(&in, object, message, field), err);
  return status;
}
