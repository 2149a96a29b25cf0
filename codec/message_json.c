#include "codec/message_json.h"

#include "codec/json_path.h"
#include "codec/json_read.h"
#include "codec/json_write.h"

qdrant_status qd_message_write_json(qd_text *text, const ProtobufCMessage *message, qdrant_error *err) {
  qd_json_writer out = {.text = text, .err = err};
  return qd_path_end(qd_json_write_message(&out, message), err);
}

qdrant_status qd_message_read_json(const qd_json_node *value, const ProtobufCMessageDescriptor *type,
    qd_json_origin origin, qd_arena *arena, ProtobufCMessage **message, qdrant_error *err) {
  qd_json_reader in = {.origin = origin, .arena = arena, .err = err};
  *message = NULL;
  return qd_path_end(qd_json_read_message(&in, value, type, message), err);
}
