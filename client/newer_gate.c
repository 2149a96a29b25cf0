#include "client/newer_gate.h"

#include "core/arena.h"
#include "core/deadline.h"
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

/* The question to the next endpoint. One of several that does not answer must not use up the call's time. */
static qd_settings make_settings(qd_operation *operation) {
  const qd_options *options = &operation->client->options;
  int64_t deadline_ns = qd_deadline_in_ms(options->connect_timeout_ms);
  int is_one = options->n_nodes == 1;
  operation->n_asked++;
  return (qd_settings){
      .deadline_ns = is_one || operation->deadline_ns < deadline_ns ? operation->deadline_ns : deadline_ns,
      .max_attempts = is_one ? operation->max_attempts : 1,
      .repeat = operation->repeat,
      .wanted_endpoint = is_one ? 0 : operation->n_asked,
      .is_question = 1,
      .headers = operation->headers,
      .n_headers = operation->n_headers,
      .cancel = operation->cancel,
  };
}

static int must_ask_on(const qd_operation *operation) {
  return operation->n_asked < operation->client->options.n_nodes && !atomic_load(&operation->is_cancelled);
}

/* After the last question, whose error is given. Nothing of the call itself was sent. */
static qdrant_status end_questions(qd_operation *operation, qdrant_error *error) {
  if (operation->oldest_version != 0) {
    qd_error_clear(error);
    qd_server_version_set(&operation->client->server_version, operation->oldest_version);
    return judge(operation, error);
  }
  if (error->status == QDRANT_OK) /* nobody was asked */
    qd_fail(error, QDRANT_CANCELLED, "the call was cancelled before it began");
  qd_error_prefix(
      error, "%s: the server's version, which the request depends on, could not be asked: ", operation->rpc->name);
  error->delivery = QDRANT_NOT_SENT;
  return error->status;
}

qdrant_status qd_newer_settle(qd_operation *operation, qdrant_error *err) {
  qdrant_error error = {0};
  if (!must_ask(operation))
    return judge(operation, err);
  while (must_ask_on(operation)) {
    qd_settings settings = make_settings(operation);
    qd_error_clear(&error);
    qd_server_version_ask(operation->client, &settings, &operation->oldest_version, &error);
  }
  return end_questions(operation, &error) == QDRANT_OK ? QDRANT_OK : qd_error_pass(err, &error);
}

static void go_on(void *user, qdrant_reply *reply, const qdrant_error *err);

/* With the reference of the operation, which goes on when the answer is there. */
static qdrant_status ask_next(qd_operation *operation, qdrant_error *err) {
  qd_settings settings = make_settings(operation);
  qdrant_then then = {.done = go_on, .user = operation};
  return qd_server_version_ask_start(operation->client, &settings, &then, err);
}

/* Asks until somebody is to be waited for; else error says how the last question ended. */
static int ask_on(qd_operation *operation, qdrant_error *error) {
  while (must_ask_on(operation)) {
    qd_error_clear(error);
    if (ask_next(operation, error) == QDRANT_OK)
      return 1;
  }
  return 0;
}

/* The answer to a question, on a thread of the library. */
static void go_on(void *user, qdrant_reply *reply, const qdrant_error *err) {
  qd_operation *operation = user;
  qdrant_error error = {0};
  qd_error_copy(&error, err);
  if (reply != NULL)
    qd_server_version_take(&operation->client->server_version, reply, &operation->oldest_version, &error);
  if (ask_on(operation, &error))
    return;
  qdrant_status status = end_questions(operation, &error);
  if (status == QDRANT_OK)
    status = qd_operation_start(operation, &error);
  if (status != QDRANT_OK)
    qd_operation_fail(operation, &error);
}

qdrant_status qd_newer_start(qd_operation *operation, qdrant_error *err) {
  qdrant_error error = {0};
  if (!must_ask(operation)) {
    qdrant_status status = judge(operation, err);
    return status == QDRANT_OK ? qd_operation_start(operation, err) : status;
  }
  if (ask_on(operation, &error))
    return QDRANT_OK;
  end_questions(operation, &error);
  return qd_error_pass(err, &error);
}
