#ifndef QD_MESSAGE_H
#define QD_MESSAGE_H

#include "core/arena.h"
#include "core/body.h"
#include "qdrant/error.h"

#include <protobuf-c/protobuf-c.h>

/* Encodes a message as protobuf-c does, after checking that every string and text is UTF-8 (the server answers bad
 * UTF-8 with INTERNAL) and that the result is at most max_bytes. INVALID_ARGUMENT names the field; NO_MEMORY. */
qdrant_status qd_message_encode(
    const ProtobufCMessage *message, qd_body_pool *pool, size_t max_bytes, qd_body **body, qdrant_error *err);

/* The same without the check, for a message that the server itself is to judge. */
qdrant_status qd_message_pack(
    const ProtobufCMessage *message, qd_body_pool *pool, size_t max_bytes, qd_body **body, qdrant_error *err);

/* Decodes bytes of outside into the arena. Nesting is checked first, since protobuf-c recurses without a limit.
 * BAD_REPLY, NO_MEMORY. */
qdrant_status qd_message_decode(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t n_bytes,
    qd_arena *arena, ProtobufCMessage **message, qdrant_error *err);

/* The same for what our own side encoded, whose faults (nested too deep, say) are the caller's: INVALID_ARGUMENT
 * instead of BAD_REPLY. */
qdrant_status qd_message_decode_request(const ProtobufCMessageDescriptor *type, const qd_body *body, qd_arena *arena,
    ProtobufCMessage **message, qdrant_error *err);

/* Whether field `number` of the message is present (a has_ flag, a set pointer, a non-empty list or the set member of a
 * oneof). */
int qd_message_has(const ProtobufCMessage *message, uint32_t number);

#endif
