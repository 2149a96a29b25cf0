#include "client/newer_gate.h"

#include "core/arena.h"
#include "core/error.h"
#include "core/log.h"
#include "core/message.h"

#define RULE(name) (1u << QD_SINCE_##name)

/* What takes messages as they are is the engine in this process, which knows all fields. */
int qd_newer_is_wanted(const qdrant_client *client) {
  return client->options.newer_fields != QDRANT_NEWER_SEND &&
         (client->transport.ops->accepts & QD_REQUEST_MESSAGE) == 0 &&
         atomic_load_explicit(&client->server_version.number, memory_order_relaxed) < qd_since_newest();
}

static int must_ask(qd_operation *operation) {
  return !qd_newer_is_empty(&operation->newer) && qd_newer_is_wanted(operation->client) &&
         qd_server_version_fresh(&operation->client->server_version) == 0;
}

static qdrant_status refuse(const qd_operation *operation, const qd_since *row, uint32_t version, qdrant_error *err) {
  char since[QD_VERSION_TEXT_BYTES];
  char found[QD_VERSION_TEXT_BYTES];
  qd_version_format(row->version, since);
  qd_version_format(version, found);
  qdrant_status status = qd_fail(err, QDRANT_UNSUPPORTED,
      "%s: %s.%s is known to servers from %s on, this one is %s and would pass over it in silence: leave it out, "
      "update the server, or set the option newer_fields",
      operation->rpc->name, row->type->short_name, row->field, since, found);
  if (err != NULL)
    err->reason = QDRANT_REASON_TOO_OLD;
  return status;
}

static void tell_left_out(const qd_operation *operation, const qd_since *row, uint32_t version) {
  char since[QD_VERSION_TEXT_BYTES];
  char found[QD_VERSION_TEXT_BYTES];
  qd_version_format(row->version, since);
  qd_version_format(version, found);
  qd_log(QDRANT_LOG_WARN, "version", "%s: left out what a server of version %s does not know, as %s.%s (from %s on)",
      operation->rpc->name, found, row->type->short_name, row->field, since);
}

/* The same request without the hints, encoded anew. */
static qdrant_status leave_out(qd_operation *operation, uint32_t version, qdrant_error *err) {
  qdrant_client *client = operation->client;
  ProtobufCMessage *message = NULL;
  qd_body *body = NULL;
  qd_arena *arena = qd_arena_pool_take(client->arenas);
  if (arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was begun", operation->rpc->name);
  qdrant_status status =
      qd_message_decode_request(operation->rpc->request, operation->request.body, arena, &message, err);
  if (status == QDRANT_OK) {
    qd_newer_strip(message, version);
    status = qd_message_pack(message, client->bodies, client->options.max_request_bytes, &body, err);
  }
  qd_arena_pool_give(client->arenas, arena);
  if (status != QDRANT_OK)
    return status;
  qd_body_unref(operation->request.body);
  operation->request.body = body; /* n_request_bytes stays what was admitted */
  return QDRANT_OK;
}

/* With the version known. */
static qdrant_status judge(qd_operation *operation, qdrant_error *err) {
  uint32_t version = atomic_load(&operation->client->server_version.number);
  int leaves_out = operation->client->options.newer_fields == QDRANT_NEWER_LEAVE_OUT;
  unsigned refused = leaves_out ? RULE(MEANING) : RULE(MEANING) | RULE(HINT);
  if (version == 0 || qd_newer_is_empty(&operation->newer) || !qd_newer_is_wanted(operation->client))
    return QDRANT_OK;
  const qd_since *row = qd_newer_first(&operation->newer, version, refused);
  if (row != NULL)
    return refuse(operation, row, version, err);
  row = qd_newer_first(&operation->newer, version, RULE(HINT));
  if (row == NULL)
    return QDRANT_OK;
  tell_left_out(operation, row, version);
  return leave_out(operation, version, err);
}

static qd_settings make_settings(const qd_operation *operation) {
  return (qd_settings){
      .deadline_ns = operation->deadline_ns,
      .max_attempts = operation->max_attempts,
      .is_question = 1,
      .headers = operation->headers,
      .n_headers = operation->n_headers,
      .cancel = operation->cancel,
  };
}

/* Nothing of the call itself was sent. */
static void explain(const qd_operation *operation, qdrant_error *error) {
  qd_error_prefix(
      error, "%s: the server's version, which the request depends on, could not be asked: ", operation->rpc->name);
  error->delivery = QDRANT_NOT_SENT;
}

qdrant_status qd_newer_settle(qd_operation *operation, qdrant_error *err) {
  qdrant_error error = {0};
  if (!must_ask(operation))
    return judge(operation, err);
  qd_settings settings = make_settings(operation);
  qdrant_status status = qd_server_version_ask(operation->client, &settings, &error);
  if (status == QDRANT_OK)
    return judge(operation, err);
  explain(operation, &error);
  return qd_error_pass(err, &error);
}

/* The answer to the question, on a thread of the library. */
static void go_on(void *user, qdrant_reply *reply, const qdrant_error *err) {
  qd_operation *operation = user;
  qdrant_error error = {0};
  qdrant_status status = err->status;
  if (status == QDRANT_OK) {
    status = qd_server_version_take(&operation->client->server_version, reply, &error);
  } else {
    qd_error_copy(&error, err);
    explain(operation, &error);
  }
  if (status == QDRANT_OK)
    status = judge(operation, &error);
  if (status == QDRANT_OK)
    status = qd_operation_start(operation, &error);
  if (status != QDRANT_OK)
    qd_operation_fail(operation, &error);
}

qdrant_status qd_newer_start(qd_operation *operation, qdrant_error *err) {
  if (!must_ask(operation)) {
    qdrant_status status = judge(operation, err);
    return status == QDRANT_OK ? qd_operation_start(operation, err) : status;
  }
  qd_settings settings = make_settings(operation);
  qdrant_then then = {.done = go_on, .user = operation};
  qdrant_error error = {0};
  qdrant_status status = qd_server_version_ask_start(operation->client, &settings, &then, &error);
  if (status == QDRANT_OK)
    return QDRANT_OK;
  explain(operation, &error);
  return qd_error_pass(err, &error);
}
