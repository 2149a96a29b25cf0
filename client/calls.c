/* The typed functions of calls.h, made from the list of RPCs. */
#include "qdrant/calls.h"

#include "client/reply.h"
#include "core/error.h"

static const ProtobufCMessage *read_response(qdrant_reply *reply, qdrant_rpc rpc, qdrant_error *err) {
  qd_error_clear(err);
  if (reply != NULL && reply->rpc->id != rpc) {
    qd_fail(err, QDRANT_INVALID_ARGUMENT, "the reply answers %s, not %s", reply->rpc->name, qdrant_rpc_name(rpc));
    return NULL;
  }
  return qdrant_reply_message(reply, err);
}

/* A message begins with its ProtobufCMessage, which is called `base`. */
#define QD_RPC_ROW(NAME, name, service, method, Request, request_type, Reply, reply_type, retry, timeout, text)        \
  qdrant_status qdrant_##name(qdrant_client *client, const Qdrant__##Request *request,                                 \
      const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {                                   \
    return qdrant_call(client, QDRANT_RPC_##NAME, (const ProtobufCMessage *)request, options, reply, err);             \
  }                                                                                                                    \
  qdrant_status qdrant_##name##_start(qdrant_client *client, const Qdrant__##Request *request,                         \
      const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err) {                                \
    return qdrant_call_start(client, QDRANT_RPC_##NAME, (const ProtobufCMessage *)request, options, then, err);        \
  }                                                                                                                    \
  const Qdrant__##Reply *qdrant_##name##_response(qdrant_reply *reply, qdrant_error *err) {                            \
    return (const Qdrant__##Reply *)read_response(reply, QDRANT_RPC_##NAME, err);                                      \
  }
#include "core/rpc.def"
#undef QD_RPC_ROW
