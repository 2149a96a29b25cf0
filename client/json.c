#include "qdrant/json.h"

#include "codec/payload_json.h"
#include "codec/route.h"
#include "core/error.h"

static const size_t MAX_JSON_BYTES = INT32_MAX; /* what is read too */

qdrant_status qdrant_message_from_json(qdrant_rpc rpc, const char *json, size_t n_bytes, qdrant_arena *arena,
    struct ProtobufCMessage **request, qdrant_error *err) {
  const qd_rpc *row = qd_rpc_row(rpc);
  qd_error_clear(err);
  if (row == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "rpc: there is none with the number %d", (int)rpc);
  if (json == NULL && n_bytes > 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "json must not be NULL");
  if (arena == NULL || request == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s must not be NULL", arena == NULL ? "arena" : "request");
  return qd_route_read_user(row, json, n_bytes, arena, request, err);
}

/* The first RPC with this type of request or reply: where several share one, they share its JSON too. */
static const qd_rpc *find_rpc(const ProtobufCMessageDescriptor *type) {
  const qd_rpc *found = NULL;
  for (int id = 0; id < QDRANT_N_RPCS && found == NULL; id++) {
    const qd_rpc *row = qd_rpc_row((qdrant_rpc)id);
    if (row->request == type || row->reply == type)
      found = row;
  }
  return found;
}

static qdrant_status write_message(qd_text *text, const ProtobufCMessage *message, qdrant_error *err) {
  const qd_rpc *rpc = find_rpc(message->descriptor);
  if (rpc == NULL)
    return qd_message_write_json(text, message, err);
  return message->descriptor == rpc->request ? qd_route_write_user(rpc, message, text, err)
                                             : qd_route_write_result(rpc, message, text, err);
}

/* NULL among what a public function was given, by its name; NULL when there is none. */
static const char *find_null(const void *message, const void *arena, const void *json) {
  if (message == NULL)
    return "message";
  return arena == NULL ? "arena" : json == NULL ? "json" : NULL;
}

static qdrant_status fail_unwritten(const ProtobufCMessage *message, const qdrant_arena *arena, qdrant_error *err) {
  const char *type = message->descriptor->short_name;
  return qd_arena_has_failed(arena) ? qd_fail(err, QDRANT_NO_MEMORY, "no memory for the JSON of a %s", type)
                                    : qd_fail(err, QDRANT_INVALID_ARGUMENT,
                                          "the JSON of this %s is longer than %zu bytes", type, MAX_JSON_BYTES);
}

typedef qdrant_status (*json_writer)(qd_text *text, const ProtobufCMessage *message, qdrant_error *err);

static qdrant_status to_json(json_writer write, const ProtobufCMessage *message, qdrant_arena *arena, const char **json,
    size_t *n_bytes, qdrant_error *err) {
  qd_text text;
  const char *null = find_null(message, arena, json);
  qd_error_clear(err);
  if (null != NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s must not be NULL", null);
  qd_text_init(&text, arena, MAX_JSON_BYTES);
  qdrant_status status = write(&text, message, err);
  if (status != QDRANT_OK)
    return status;
  *json = qd_text_end(&text);
  if (*json == NULL)
    return fail_unwritten(message, arena, err);
  if (n_bytes != NULL)
    *n_bytes = text.n_bytes;
  return QDRANT_OK;
}

qdrant_status qdrant_message_to_json(const struct ProtobufCMessage *message, qdrant_arena *arena, const char **json,
    size_t *n_bytes, qdrant_error *err) {
  return to_json(write_message, message, arena, json, n_bytes, err);
}

qdrant_status qdrant_payload_to_json(const struct ProtobufCMessage *message, qdrant_arena *arena, const char **json,
    size_t *n_bytes, qdrant_error *err) {
  return to_json(qd_payload_write_json, message, arena, json, n_bytes, err);
}

qdrant_status qdrant_payload_from_json(
    struct ProtobufCMessage *message, const char *json, size_t n_bytes, qdrant_arena *arena, qdrant_error *err) {
  const qd_json_node *object = NULL;
  const char *null = find_null(message, arena, json);
  qd_error_clear(err);
  if (null != NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s must not be NULL", null);
  qdrant_status status = qd_json_tree_parse(json, n_bytes, arena, &object, err);
  return status == QDRANT_OK ? qd_payload_read_json(object, arena, message, err) : status;
}
