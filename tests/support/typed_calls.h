#ifndef TESTS_TYPED_CALLS_H
#define TESTS_TYPED_CALLS_H

#include "qdrant/calls.h"

/* The three typed functions of each RPC behind one type, so that a test can go through all of them. */
typedef struct typed_call {
  qdrant_status (*call)(qdrant_client *client, const ProtobufCMessage *request, const qdrant_call_options *options,
      qdrant_reply **reply, qdrant_error *err);
  qdrant_status (*start)(qdrant_client *client, const ProtobufCMessage *request, const qdrant_call_options *options,
      const qdrant_then *then, qdrant_error *err);
  const ProtobufCMessage *(*response)(qdrant_reply *reply, qdrant_error *err);
} typed_call;

extern const typed_call typed_calls[QDRANT_N_RPCS];

#endif
