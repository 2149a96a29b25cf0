#include "codec/route_body.h"

#include "core/error.h"

qdrant_status qd_route_body_write(
    const qd_rpc *rpc, const ProtobufCMessage *request, qd_text *text, qdrant_error *err) {
  const ProtobufCMessage *rest = qd_url_values_strip(rpc, request, text->arena);
  if (rest == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for the JSON of a %s", rpc->name);
  return qd_message_write_json(text, rest, err);
}

qdrant_status qd_route_body_read(const qd_rpc *rpc, const qd_json_node *body, const qd_url_values *values,
    qd_json_origin origin, qd_arena *arena, ProtobufCMessage **request, qdrant_error *err) {
  qdrant_status status = qd_message_read_json(body, rpc->request, origin, arena, request, err);
  return status == QDRANT_OK ? qd_url_values_put(rpc, values, arena, *request, err) : status;
}
