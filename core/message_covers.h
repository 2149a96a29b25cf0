#ifndef QD_MESSAGE_COVERS_H
#define QD_MESSAGE_COVERS_H

#include <protobuf-c/protobuf-c.h>

/* Whether all that is set in `wanted` is set to the same in `got`, which may have more. Types may differ: fields are
 * told by their names, as those of a request for a change and of what is then shown. Lists have to be as long; entries
 * of maps are told by their keys. Floats are compared exactly. */
int qd_message_covers(const ProtobufCMessage *wanted, const ProtobufCMessage *got);

/* The same for one field of `wanted`, which `got` has as `name`. */
int qd_message_covers_field(const ProtobufCMessage *wanted, const ProtobufCFieldDescriptor *field,
    const ProtobufCMessage *got, const char *name);

#endif
