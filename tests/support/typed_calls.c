#include "tests/support/typed_calls.h"

#define QD_RPC_ROW(NAME, name, service, method, Request, request_type, Reply, reply_type, retry, timeout, text)        \
  static qdrant_status call_##name(qdrant_client *client, const ProtobufCMessage *request,                             \
      const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {                                   \
    return qdrant_##name(client, (const Qdrant__##Request *)request, options, reply, err);                             \
  }                                                                                                                    \
  static qdrant_status start_##name(qdrant_client *client, const ProtobufCMessage *request,                            \
      const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err) {                                \
    return qdrant_##name##_start(client, (const Qdrant__##Request *)request, options, then, err);                      \
  }                                                                                                                    \
  static const ProtobufCMessage *response_##name(qdrant_reply *reply, qdrant_error *err) {                             \
    const Qdrant__##Reply *response = qdrant_##name##_response(reply, err);                                            \
    return response ? &response->base : NULL;                                                                          \
  }
#include "core/rpc.def"
#undef QD_RPC_ROW

const typed_call typed_calls[QDRANT_N_RPCS] = {
#define QD_RPC_ROW(NAME, name, service, method, Request, request_type, Reply, reply_type, retry, timeout, text)        \
  [QDRANT_RPC_##NAME] = {call_##name, start_##name, response_##name},
#include "core/rpc.def"
#undef QD_RPC_ROW
};
