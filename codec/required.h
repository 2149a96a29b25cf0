#ifndef QD_REQUIRED_H
#define QD_REQUIRED_H

#include "codec/json_read.h"

/* What servers require of a request's JSON while they read it, though the message could do without: keys, and one of
 * several keys. INVALID_ARGUMENT in the server's words, ": " before them. */
qdrant_status qd_required_check(qd_json_reader *in, const qd_json_node *object, const ProtobufCMessageDescriptor *type);

#endif
