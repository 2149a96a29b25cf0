#include "qdrant/json.h"

#include "codec/route.h"
#include "core/error.h"

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

static qdrant_status write_message(const ProtobufCMessage *message, qd_text *text, qdrant_error *err) {
  const qd_rpc *rpc = find_rpc(message->descriptor);
  if (rpc == NULL)
    return qd_message_write_json(text, message, err);
  return message->descriptor == rpc->request ? qd_route_write_user(rpc, message, text, err)
                                             : qd_route_write_result(rpc, message, text, err);
}

qdrant_status qdrant_message_to_json(const struct ProtobufCMessage *message, qdrant_arena *arena, const char **json,
    size_t *n_bytes, qdrant_error *err) {
  qd_text text;
  qd_error_clear(err);
  if (message == NULL || arena == NULL || json == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s must not be NULL",
        message == NULL ? "message" : (arena == NULL ? "arena" : "json"));
  qd_text_init(&text, arena, SIZE_MAX / 4);
  qdrant_status status = write_message(message, &text, err);
  if (status != QDRANT_OK)
    return status;
  *json = qd_text_end(&text);
  if (*json == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for the JSON of a %s", message->descriptor->short_name);
  if (n_bytes != NULL)
    *n_bytes = text.n_bytes;
  return QDRANT_OK;
}
