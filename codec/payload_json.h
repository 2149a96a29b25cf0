#ifndef QD_PAYLOAD_JSON_H
#define QD_PAYLOAD_JSON_H

#include "codec/message_json.h"

/* The map `payload` of any message that has one: a point to be stored, one that was found, a request to set payload. */

/* Appends the object. INVALID_ARGUMENT when the message has no such map, or holds what JSON cannot say. */
qdrant_status qd_payload_write_json(qd_text *text, const ProtobufCMessage *message, qdrant_error *err);

/* Sets the map from an object, which lies in arena as the message does. INVALID_ARGUMENT. */
qdrant_status qd_payload_read_json(
    const qd_json_node *object, qd_arena *arena, ProtobufCMessage *message, qdrant_error *err);

#endif
