#include "codec/message_json.h"

#include "core/error.h"

qdrant_status qd_message_write_json(qd_text *text, const ProtobufCMessage *message, qdrant_error *err) {
  (void)text;
  return qd_fail(err, QDRANT_UNIMPLEMENTED, "%s has no JSON", message->descriptor->name);
}
