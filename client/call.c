#include "client/call.h"

#include "client/admission.h"
#include "client/newer_gate.h"
#include "client/observe.h"
#include "client/process.h"
#include "client/reads.h"
#include "client/retry_class.h"
#include "core/error.h"
#include "core/message.h"
#include "core/message_check.h"

#include <string.h>

qdrant_status qd_call_check_entry(const qdrant_client *client, int is_blocking, qdrant_error *err) {
  if (client == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "client is NULL");
  qdrant_status status = qd_client_check_process(client, err);
  if (status == QDRANT_OK && is_blocking && qd_is_in_callback())
    return qd_fail(err, QDRANT_FAILED_PRECONDITION,
        "a blocking call inside a callback would hold up the calls that it waits for; use the _start form");
  return status;
}

qdrant_status qd_call_check_rest(const qdrant_client *client, const qd_rpc *row, qdrant_error *err) {
  if (client->transport.ops->accepts & QD_REQUEST_HTTP)
    return QDRANT_OK;
  return qd_fail(err, QDRANT_UNSUPPORTED,
      "%s: only a REST server has it; this client has the transport \"%s\" alone (options prefer_grpc, rest_fallback)",
      row->name, client->transport.ops->name);
}

qdrant_status qd_call_check_then(const qdrant_then *then, qdrant_error *err) {
  if (then == NULL || (then->done == NULL) == (then->queue == NULL))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "exactly one of then->done and then->queue has to be set");
  return QDRANT_OK;
}

/* Requests about one collection have its name in a field of the same name, whose default is "". */
static int lacks_collection(const ProtobufCMessage *request) {
  const char *name;
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "collection_name");
  if (field == NULL)
    return 0;
  memcpy(&name, (const char *)request + field->offset, sizeof name);
  return name == NULL || *name == '\0';
}

static qdrant_status check_request(
    const qd_rpc *row, qdrant_rpc rpc, const ProtobufCMessage *request, qdrant_error *err) {
  if (row == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "rpc %d does not exist", (int)rpc);
  if (request == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: request is NULL", row->name);
  if (request->descriptor != row->request)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s takes a %s; request is %s", row->name, row->request->name,
        request->descriptor != NULL ? request->descriptor->name : "not initialised");
  return QDRANT_OK;
}

static qdrant_status check_content(const qd_rpc *row, const ProtobufCMessage *request, qdrant_error *err) {
  qdrant_status status = lacks_collection(request)
                             ? qd_fail(err, QDRANT_INVALID_ARGUMENT, "the collection's name is empty")
                             : qd_message_check(request, err);
  if (status != QDRANT_OK)
    qd_error_prefix(err, "%s: ", row->name);
  return status;
}

static qdrant_status encode(qd_operation *operation, const ProtobufCMessage *request, qdrant_error *err) {
  qdrant_client *client = operation->client;
  qd_body *body = NULL;
  const ProtobufCMessage *filled = qd_reads_fill(&client->options, request, operation->arena);
  if (filled == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was begun", operation->rpc->name);
  qdrant_status status = qd_message_pack(filled, client->bodies, client->options.max_request_bytes, &body, err);
  if (status != QDRANT_OK)
    qd_error_prefix(err, "%s: ", operation->rpc->name);
  else
    qd_operation_take_body(operation, body);
  return status;
}

/* An operation that asks `request`, encoded unless the transport takes it as it is in this thread. */
static qdrant_status make_operation(qdrant_client *client, const qd_rpc *row, const ProtobufCMessage *request,
    const qd_settings *settings, int is_blocking, qd_operation **made, qdrant_error *err) {
  qdrant_status status = settings->is_checked ? check_content(row, request, err) : QDRANT_OK;
  if (status == QDRANT_OK)
    status = qd_operation_new(client, row, settings, made, err);
  if (status != QDRANT_OK)
    return status;
  qd_operation *operation = *made;
  if (settings->is_checked && qd_newer_is_wanted(client))
    qd_newer_find(request, &operation->newer);
  operation->fills_timeout = row->timeout_field > 0 && !qd_message_has(request, row->timeout_field);
  operation->retry_class = qd_request_retry_class(row, request);
  int is_direct =
      is_blocking && qd_operation_runs_here(operation) && (client->transport.ops->accepts & QD_REQUEST_MESSAGE) != 0;
  if (!is_direct)
    return encode(operation, request, err);
  qd_operation_take_message(operation, request);
  return QDRANT_OK;
}

static qdrant_status run(qd_operation *operation, qdrant_reply **reply, qdrant_error *err) {
  qdrant_status status = qd_newer_settle(operation, err);
  if (status == QDRANT_OK)
    status = qd_admit(operation, 1, err);
  if (status == QDRANT_OK)
    status = qd_observe_start(operation, err);
  if (status == QDRANT_OK)
    status = qd_operation_run(operation, reply, err);
  qd_operation_abandon(operation);
  return status;
}

/* The write may have been carried out although its answer cannot be read. */
static qdrant_status decode(qdrant_reply **reply, qdrant_error *err) {
  qdrant_error error = {0};
  if (qdrant_reply_message(*reply, &error) != NULL)
    return QDRANT_OK;
  error.delivery = QDRANT_MAYBE;
  error.n_attempts = qdrant_reply_attempts(*reply);
  qdrant_reply_free(*reply);
  *reply = NULL;
  return qd_error_pass(err, &error);
}

qdrant_status qdrant_call(qdrant_client *client, qdrant_rpc rpc, const struct ProtobufCMessage *request,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err) {
  qd_settings settings;
  qd_operation *operation = NULL;
  const qd_rpc *row = qd_rpc_row(rpc);
  qd_error_clear(err);
  if (reply == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "reply is NULL");
  *reply = NULL;
  qdrant_status status = qd_call_check_entry(client, 1, err);
  if (status == QDRANT_OK)
    status = check_request(row, rpc, request, err);
  if (status == QDRANT_OK)
    status = qd_settings_resolve(&client->options, options, &settings, err);
  if (status == QDRANT_OK)
    status = make_operation(client, row, request, &settings, 1, &operation, err);
  if (status != QDRANT_OK) {
    qd_operation_abandon(operation);
    return status;
  }
  status = run(operation, reply, err);
  return status == QDRANT_OK ? decode(reply, err) : status;
}

/* Takes the operation. */
static qdrant_status start(qd_operation *operation, int may_wait, const qdrant_then *then, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  operation->then = *then;
  if (then->queue != NULL) {
    operation->item = qd_cq_reserve(then->queue, then->user);
    if (operation->item == NULL)
      status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was begun", operation->rpc->name);
  }
  if (status == QDRANT_OK)
    status = qd_admit(operation, may_wait, err);
  if (status == QDRANT_OK)
    status = qd_observe_start(operation, err);
  if (status == QDRANT_OK)
    status = qd_newer_start(operation, err);
  if (status != QDRANT_OK)
    qd_operation_abandon(operation);
  return status;
}

qdrant_status qdrant_call_start(qdrant_client *client, qdrant_rpc rpc, const struct ProtobufCMessage *request,
    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err) {
  qd_settings settings;
  qd_operation *operation = NULL;
  const qd_rpc *row = qd_rpc_row(rpc);
  qd_error_clear(err);
  qdrant_status status = qd_call_check_entry(client, 0, err);
  if (status == QDRANT_OK)
    status = qd_call_check_then(then, err);
  if (status == QDRANT_OK)
    status = check_request(row, rpc, request, err);
  if (status == QDRANT_OK)
    status = qd_settings_resolve(&client->options, options, &settings, err);
  if (status == QDRANT_OK)
    status = qd_admission_check(client, err);
  if (status == QDRANT_OK)
    status = make_operation(client, row, request, &settings, 0, &operation, err);
  if (status != QDRANT_OK) {
    qd_operation_abandon(operation);
    return status;
  }
  return start(operation, 0, then, err);
}

qdrant_status qd_call_http(qdrant_client *client, const qd_rpc *row, const qd_http_request *http,
    const qd_settings *settings, qdrant_reply **reply, qdrant_error *err) {
  qd_operation *operation = NULL;
  qdrant_status status = qd_operation_new(client, row, settings, &operation, err);
  if (status == QDRANT_OK && !qd_operation_take_http(operation, http))
    status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory while %s was begun", row->name);
  if (status != QDRANT_OK) {
    qd_operation_abandon(operation);
    return status;
  }
  return run(operation, reply, err);
}

/* Takes the body, on failure too. */
static qdrant_status make_body_operation(qdrant_client *client, const qd_rpc *row, qd_body *body,
    const qd_settings *settings, qd_operation **made, qdrant_error *err) {
  qdrant_status status = qd_operation_new(client, row, settings, made, err);
  if (status != QDRANT_OK) {
    qd_body_unref(body);
    return status;
  }
  qd_operation_take_body(*made, body);
  (*made)->fills_timeout = row->timeout_field > 0;
  return QDRANT_OK;
}

qdrant_status qd_call_body(qdrant_client *client, qdrant_rpc rpc, qd_body *body, const qd_settings *settings,
    qdrant_reply **reply, qdrant_error *err) {
  qd_operation *operation = NULL;
  qdrant_status status = make_body_operation(client, qd_rpc_row(rpc), body, settings, &operation, err);
  return status == QDRANT_OK ? run(operation, reply, err) : status;
}

qdrant_status qd_call_body_start(qdrant_client *client, qdrant_rpc rpc, qd_body *body, const qd_settings *settings,
    int may_wait, const qdrant_then *then, qdrant_error *err) {
  qd_operation *operation = NULL;
  qdrant_status status = make_body_operation(client, qd_rpc_row(rpc), body, settings, &operation, err);
  return status == QDRANT_OK ? start(operation, may_wait, then, err) : status;
}
