#include "codec/message_json.h"

#include "core/error.h"

qdrant_status qd_message_write_json(qd_text *text, const ProtobufCMessage *message, qdrant_error *err) {
  (void)text;
  return qd_fail(err, QDRANT_UNIMPLEMENTED, "%s has no JSON", message->descriptor->name);
}

qdrant_status qd_message_read_json(struct json_object *value, const ProtobufCMessageDescriptor *type,
    qd_json_origin origin, qd_arena *arena, ProtobufCMessage **message, qdrant_error *err) {
  (void)value;
  (void)origin;
  (void)arena;
  *message = NULL;
  return qd_fail(err, QDRANT_UNIMPLEMENTED, "%s has no JSON", type->name);
}
