#ifndef QD_MESSAGE_JSON_H
#define QD_MESSAGE_JSON_H

#include "core/json_tree.h"
#include "core/text.h"
#include "qdrant/error.h"

/* Any message as Qdrant's REST API spells it, and back: a walk over the protobuf-c descriptors with a table of the
 * shapes that differ (codec/shape.h). Knows nothing of URLs and envelopes: codec/route.h does. */

/* Who wrote the JSON that is read. */
typedef enum qd_json_origin {
  QD_JSON_FROM_SERVER, /* unknown keys and enum names are ignored, since servers grow; failures are BAD_REPLY */
  QD_JSON_FROM_USER,   /* unknown keys are refused with their path; failures are INVALID_ARGUMENT */
  QD_JSON_FROM_CLIENT  /* refused is what a server refuses: unknown keys in filters, missing ones (codec/required.h) */
} qd_json_origin;

/* Appends the message. INVALID_ARGUMENT names the path of a value that JSON cannot say (NaN in a query vector, an enum
 * number without a name); text->has_failed means out of memory or over the text's limit. */
qdrant_status qd_message_write_json(qd_text *text, const ProtobufCMessage *message, qdrant_error *err);

/* A message of a type from a parsed value. All lies in arena, where the tree must be too: texts are not copied. Errors
 * name the path ("prefetch[0].limit"), what was expected and what was there. */
qdrant_status qd_message_read_json(const qd_json_node *value, const ProtobufCMessageDescriptor *type,
    qd_json_origin origin, qd_arena *arena, ProtobufCMessage **message, qdrant_error *err);

#endif
