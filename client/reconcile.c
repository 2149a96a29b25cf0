#include "client/reconcile.h"

#include "client/observe.h"
#include "core/error.h"
#include "core/message.h"
#include "qdrant/pb/points.pb-c.h"

#include <string.h>

static ProtobufCMessage *new_message(const ProtobufCMessageDescriptor *type, qd_arena *arena) {
  ProtobufCMessage *message = qd_arena_alloc(arena, type->sizeof_message);
  if (message != NULL)
    protobuf_c_message_init(type, message);
  return message;
}

/* A request that was encoded is decoded again: this is rare, and calls that end well need not keep it. */
static const ProtobufCMessage *find_request(qd_operation *operation) {
  ProtobufCMessage *message = NULL;
  switch (operation->request.kind) {
  case QD_REQUEST_MESSAGE: return operation->request.message;
  case QD_REQUEST_BYTES:
    qd_message_decode_request(operation->rpc->request, operation->request.body, operation->arena, &message, NULL);
    return message;
  default: return NULL;
  }
}

/* About the same collection, if the reader asks about one. */
static void copy_collection(const ProtobufCMessage *from, ProtobufCMessage *to) {
  static const char name[] = "collection_name";
  const ProtobufCFieldDescriptor *source = protobuf_c_message_descriptor_get_field_by_name(from->descriptor, name);
  const ProtobufCFieldDescriptor *target = protobuf_c_message_descriptor_get_field_by_name(to->descriptor, name);
  if (source != NULL && target != NULL)
    memcpy((char *)to + target->offset, (const char *)from + source->offset, sizeof(void *));
}

static qd_body *encode_question(const qd_operation *operation, const qd_reconcile *made) {
  qd_body *body = NULL;
  ProtobufCMessage *question = new_message(qd_rpc_row(made->rule->reader)->request, operation->arena);
  if (question == NULL)
    return NULL;
  copy_collection(made->asked, question);
  qd_message_pack(question, operation->client->bodies, operation->client->options.max_request_bytes, &body, NULL);
  return body;
}

static qd_reconcile *make(qd_operation *operation) {
  const qd_reconcile_rule *rule = qd_reconcile_rule_find(operation->rpc->id);
  qd_reconcile *made = operation->reconcile;
  if (rule == NULL || made != NULL)
    return made;
  made = qd_arena_zalloc(operation->arena, sizeof *made);
  if (made == NULL)
    return NULL;
  made->rule = rule;
  made->rpc = operation->rpc;
  made->asked = find_request(operation);
  operation->reconcile = made->asked != NULL ? made : NULL;
  return operation->reconcile;
}

int qd_reconcile_begin(qd_operation *operation) {
  qd_reconcile *made = make(operation);
  qd_body *body = made != NULL ? encode_question(operation, made) : NULL;
  if (body == NULL)
    return 0;
  made->request = operation->request;
  made->retry_class = operation->retry_class;
  made->fills_timeout = operation->fills_timeout;
  made->delivery = operation->delivery;
  made->n_reads = 0;
  made->is_reading = 1;
  qd_error_copy(&made->error, &operation->error);
  operation->rpc = qd_rpc_row(made->rule->reader);
  operation->request = (qd_request){.kind = QD_REQUEST_BYTES, .body = body};
  operation->retry_class = QD_RETRY_READ;
  operation->fills_timeout = 0;
  return 1;
}

int qd_reconcile_is_reading(const qd_operation *operation) {
  return operation->reconcile != NULL && operation->reconcile->is_reading;
}

void qd_reconcile_end(qd_operation *operation) {
  qd_reconcile *made = operation->reconcile;
  qd_body_unref(operation->request.body);
  operation->rpc = made->rpc;
  operation->request = made->request;
  operation->retry_class = made->retry_class;
  operation->fills_timeout = made->fills_timeout;
  operation->delivery = made->delivery;
  qd_error_copy(&operation->error, &made->error);
  made->is_reading = 0;
}

void qd_reconcile_drop(qd_operation *operation) {
  if (qd_reconcile_is_reading(operation))
    qd_body_unref(operation->reconcile->request.body);
}

int qd_reconcile_may_repeat(qd_operation *operation) {
  qd_reconcile *made = operation->reconcile;
  int may_repeat = made != NULL && made->may_repeat;
  if (may_repeat)
    made->may_repeat = 0;
  return may_repeat;
}

/* What a server answers to a change: "result: true", or the state of an update. */
static int fill_success(ProtobufCMessage *message, qd_arena *arena) {
  if (message->descriptor == &qdrant__points_operation_response__descriptor) {
    Qdrant__UpdateResult *result = (Qdrant__UpdateResult *)new_message(&qdrant__update_result__descriptor, arena);
    if (result == NULL)
      return 0;
    result->has_status = 1;
    result->status = QDRANT__UPDATE_STATUS__Completed;
    ((Qdrant__PointsOperationResponse *)message)->result = result;
    return 1;
  }
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "result");
  if (field != NULL && field->type == PROTOBUF_C_TYPE_BOOL) {
    const protobuf_c_boolean yes = 1;
    memcpy((char *)message + field->offset, &yes, sizeof yes);
    memcpy((char *)message + field->quantifier_offset, &yes, sizeof yes);
  }
  return 1;
}

/* NULL when out of memory. */
static qdrant_reply *make_reply(const qd_operation *operation) {
  qdrant_reply *reply = qd_reply_new(operation->client->arenas, operation->rpc);
  if (reply == NULL)
    return NULL;
  reply->message = new_message(operation->rpc->reply, reply->arena);
  if (reply->message == NULL || !fill_success(reply->message, reply->arena)) {
    qdrant_reply_free(reply);
    return NULL;
  }
  reply->n_attempts = operation->n_attempts - operation->n_reads;
  return reply;
}

/* A collection that does not exist is an answer, too. */
static qd_finding judge(qd_operation *operation) {
  const qd_reconcile *made = operation->reconcile;
  if (operation->error.status == QDRANT_NOT_FOUND)
    return made->rule->judge(made->asked, NULL);
  const ProtobufCMessage *reply = qdrant_reply_message(operation->reply, NULL);
  return reply != NULL ? made->rule->judge(made->asked, reply) : QD_FOUND_UNDECIDED;
}

qdrant_status qd_reconcile_take(qd_operation *operation) {
  qd_reconcile *made = operation->reconcile;
  qdrant_status status = operation->error.status;
  made->n_reads++;
  operation->n_reads++;
  if (status != QDRANT_OK && status != QDRANT_NOT_FOUND)
    return status;
  qd_observe_attempt(operation, -1);
  qd_finding finding = judge(operation);
  qdrant_reply_free(operation->reply);
  operation->reply = NULL;
  qd_reconcile_end(operation);
  if (finding == QD_FOUND_DONE)
    operation->reply = make_reply(operation);
  if (operation->reply != NULL)
    qd_error_clear(&operation->error);
  made->may_repeat = finding == QD_FOUND_NOT_DONE;
  return operation->error.status;
}
