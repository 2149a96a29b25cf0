#ifndef QD_MESSAGE_CHECK_H
#define QD_MESSAGE_CHECK_H

#include "qdrant/error.h"

#include <protobuf-c/protobuf-c.h>

/* Messages below a message, as the server and protobuf itself count them. */
#define QD_MAX_NESTING 100

/* Refuses what the server or protobuf-c cannot take: text that is no UTF-8, a point's id that is no UUID, a vector with
 * a float that is not finite, a list with a NULL in it, a message of another type than its field's, nesting beyond
 * QD_MAX_NESTING (so a loop as well). INVALID_ARGUMENT names the field, as in points[3].payload["x"].string_value. */
qdrant_status qd_message_check(const ProtobufCMessage *message, qdrant_error *err);

/* Whether protobuf-c would send the field: a has_ flag, a set pointer, a non-empty list or the set member of a oneof.
 */
int qd_field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

#endif
