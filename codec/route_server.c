/* What a server does: messages out of HTTP requests, HTTP answers out of replies. */
#include "codec/route.h"

#include "codec/envelope.h"
#include "codec/route_body.h"
#include "codec/route_point.h"
#include "codec/url_target.h"
#include "core/error.h"

#include <string.h>

static int asks_one_point(const qd_rpc *rpc, const char *target) {
  return rpc->id == QDRANT_RPC_POINTS_GET && qd_route_point_has_path(target);
}

const qd_rpc *qd_route_find(const char *verb, const char *target, int *has_path) {
  const qd_rpc *found = NULL;
  *has_path = qd_route_point_has_path(target);
  if (*has_path && strcmp(verb, "GET") == 0)
    return qd_rpc_row(QDRANT_RPC_POINTS_GET);
  for (int id = 0; id < QDRANT_N_RPCS && found == NULL; id++) {
    const qd_route *route = qd_route_row((qdrant_rpc)id);
    if (!qd_url_target_is_of(route, target))
      continue;
    *has_path = 1;
    if (strcmp(route->verb, verb) == 0)
      found = qd_rpc_row((qdrant_rpc)id);
  }
  return found;
}

/* The body of a route that has none is ignored. */
static qdrant_status parse_body(
    const qd_rpc *rpc, const char *body, size_t n_body, qd_arena *arena, const qd_json_node **node, qdrant_error *err) {
  if (!qd_route_row(rpc->id)->has_body)
    return qd_json_tree_parse("{}", 2, arena, node, err);
  if (n_body == 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "EOF while parsing a value at line 1 column 0");
  return qd_json_tree_parse(body, n_body, arena, node, err);
}

static qdrant_status read_body(const qd_rpc *rpc, const char *body, size_t n_body, qd_arena *arena,
    ProtobufCMessage **request, qdrant_error *err) {
  const qd_json_node *node = NULL;
  qdrant_status status = parse_body(rpc, body, n_body, arena, &node, err);
  if (status == QDRANT_OK)
    status = qd_message_read_json(node, rpc->request, QD_JSON_FROM_CLIENT, arena, request, err);
  if (status == QDRANT_INVALID_ARGUMENT)
    qd_error_prefix(err, "Format error in JSON body: ");
  return status;
}

qdrant_status qd_route_read_request(const qd_rpc *rpc, const char *target, const char *body, size_t n_body,
    qd_arena *arena, ProtobufCMessage **request, qdrant_error *err) {
  qd_url_values values;
  qdrant_status status;
  if (asks_one_point(rpc, target)) {
    status = qd_route_point_read(target, arena, &values, request, err);
  } else {
    status = qd_url_target_read(qd_route_row(rpc->id), target, arena, &values, err);
    if (status == QDRANT_OK)
      status = read_body(rpc, body, n_body, arena, request, err);
  }
  if (status != QDRANT_OK)
    return status;
  status = qd_route_body_join(rpc, &values, arena, *request, err);
  if (status == QDRANT_INVALID_ARGUMENT)
    qd_error_prefix(err, "Deserialize error in query parameters: ");
  return status;
}

qdrant_status qd_route_write_reply(const qd_rpc *rpc, const ProtobufCMessage *reply, qd_text *text, qdrant_error *err) {
  if (qd_route_row(rpc->id)->answer == QD_ANSWER_WHOLE)
    return qd_message_write_json(text, reply, err);
  return qd_envelope_write(rpc, reply, NULL, text, err);
}

qdrant_status qd_route_write_answer(
    const qd_rpc *rpc, const char *target, const ProtobufCMessage *reply, qd_text *text, qdrant_error *err) {
  if (asks_one_point(rpc, target))
    return qd_route_point_write(target, (const Qdrant__GetResponse *)(const void *)reply, text, err);
  return qd_route_write_reply(rpc, reply, text, err);
}
