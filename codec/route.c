/* What a client does: HTTP requests out of messages, replies out of HTTP answers. */
#include "codec/route.h"

#include "codec/envelope.h"
#include "codec/route_body.h"
#include "codec/url_target.h"
#include "core/error.h"

/* A float is 4 bytes in a message and about 11 in JSON. Room made at once is not copied again as the text grows. */
enum { JSON_BYTES_PER_BYTE = 3 };

static void make_room(const ProtobufCMessage *request, qd_text *text) {
  size_t n_bytes = protobuf_c_message_get_packed_size(request);
  if (n_bytes < text->max_bytes / JSON_BYTES_PER_BYTE)
    qd_text_reserve(text, n_bytes * JSON_BYTES_PER_BYTE);
}

static qdrant_status write_body(const qd_rpc *rpc, const ProtobufCMessage *request, size_t max_bytes, qd_arena *arena,
    qd_rest_request *out, qdrant_error *err) {
  qd_text text;
  qd_text_init(&text, arena, max_bytes);
  make_room(request, &text);
  qdrant_status status = qd_route_body_write(rpc, request, &text, err);
  if (status != QDRANT_OK)
    return status;
  out->body = qd_text_end(&text);
  out->n_body = text.n_bytes;
  if (out->body != NULL)
    return QDRANT_OK;
  if (qd_arena_has_failed(arena))
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for the JSON of a %s", rpc->name);
  return qd_fail(err, QDRANT_INVALID_ARGUMENT,
      "the JSON of this %s is longer than the %zu bytes that a server takes over REST: send less in one call, or use "
      "gRPC",
      rpc->name, max_bytes);
}

qdrant_status qd_route_write_request(const qd_rpc *rpc, const ProtobufCMessage *request, uint32_t server_timeout_s,
    size_t max_bytes, qd_arena *arena, qd_rest_request *out, qdrant_error *err) {
  const qd_route *route = qd_route_row(rpc->id);
  qd_url_values values;
  *out = (qd_rest_request){.verb = route->verb};
  qdrant_status status = qd_url_values_take(rpc, request, arena, &values, err);
  if (status == QDRANT_OK && server_timeout_s > 0)
    status = qd_url_values_default_timeout(rpc, server_timeout_s, arena, &values, err);
  if (status == QDRANT_OK)
    status = qd_url_target_write(route, &values, arena, &out->target, err);
  if (status == QDRANT_OK && route->has_body)
    status = write_body(rpc, request, max_bytes, arena, out, err);
  return status;
}

qdrant_status qd_route_read_reply(
    const qd_rpc *rpc, const char *body, size_t n_body, qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err) {
  const qd_json_node *answer = NULL;
  qdrant_error first = {0};
  qdrant_status status = qd_json_tree_parse(body, n_body, arena, &answer, &first);
  if (status == QDRANT_OK && qd_route_row(rpc->id)->answer == QD_ANSWER_WHOLE)
    status = qd_message_read_json(answer, rpc->reply, QD_JSON_FROM_SERVER, arena, reply, &first);
  else if (status == QDRANT_OK)
    status = qd_envelope_read(rpc, answer, arena, reply, &first);
  if (status == QDRANT_OK || status == QDRANT_NO_MEMORY)
    return qd_error_pass(err, &first);
  return qd_fail(err, QDRANT_BAD_REPLY, "the server's answer to %s cannot be read: %s", rpc->name, first.message);
}
