#ifndef QD_VALIDATE_H
#define QD_VALIDATE_H

#include "qdrant/error.h"

#include <protobuf-c/protobuf-c.h>

/* The checks a server makes of a request before it looks at any collection, and its words for what fails, all problems
 * in one message: "Validation error in body: [limit: value 0 invalid, must be 1 or larger]". Vectors are checked where
 * they are read. */
qdrant_status qd_validate_request(const ProtobufCMessage *request, qdrant_error *err);

#endif
