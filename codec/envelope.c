#include "codec/envelope.h"

#include "codec/message_json.h"
#include "codec/route_table.h"
#include "core/error.h"

#include <json-c/json.h>
#include <string.h>

static const ProtobufCFieldDescriptor *field_of(const qd_rpc *rpc, const char *name) {
  return protobuf_c_message_descriptor_get_field_by_name(rpc->reply, name);
}

/* `time` and `usage` stand beside `result`; in messages they are fields. */
static qdrant_status read_beside(
    const qd_rpc *rpc, struct json_object *envelope, qd_arena *arena, ProtobufCMessage *reply, qdrant_error *err) {
  const ProtobufCFieldDescriptor *field = field_of(rpc, "time");
  struct json_object *value = json_object_object_get(envelope, "time");
  if (field != NULL && (json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int))) {
    double time_s = json_object_get_double(value);
    protobuf_c_boolean is_present = 1;
    memcpy((char *)reply + field->offset, &time_s, sizeof time_s);
    memcpy((char *)reply + field->quantifier_offset, &is_present, sizeof is_present);
  }
  field = field_of(rpc, "usage");
  value = json_object_object_get(envelope, "usage");
  if (field == NULL || value == NULL)
    return QDRANT_OK;
  return qd_message_read_json(
      value, field->descriptor, QD_JSON_FROM_SERVER, arena, (ProtobufCMessage **)((char *)reply + field->offset), err);
}

/* A server that only took a request on ("accepted") has no result: the reply is then empty. */
static int has_only_accepted(struct json_object *envelope) {
  struct json_object *status = json_object_object_get(envelope, "status");
  return json_object_is_type(status, json_type_string) && strcmp(json_object_get_string(status), "accepted") == 0;
}

static qdrant_status new_message(
    const ProtobufCMessageDescriptor *type, qd_arena *arena, ProtobufCMessage **message, qdrant_error *err) {
  *message = qd_arena_alloc(arena, type->sizeof_message);
  if (*message == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for a %s", type->short_name);
  protobuf_c_message_init(type, *message);
  return QDRANT_OK;
}

qdrant_status qd_envelope_read(
    const qd_rpc *rpc, struct json_object *envelope, qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err) {
  struct json_object *result = NULL;
  qdrant_status status = QDRANT_OK;
  if (!json_object_is_type(envelope, json_type_object))
    return qd_fail(err, QDRANT_BAD_REPLY, "expected an object with a result");
  int has_result = json_object_object_get_ex(envelope, "result", &result);
  if (!has_result && !has_only_accepted(envelope))
    return qd_fail(err, QDRANT_BAD_REPLY, "expected a result, there is none");
  if (!has_result || qd_route_row(rpc->id)->answer == QD_ANSWER_TRUE)
    status = new_message(rpc->reply, arena, reply, err);
  else
    status = qd_message_read_json(result, rpc->reply, QD_JSON_FROM_SERVER, arena, reply, err);
  return status == QDRANT_OK ? read_beside(rpc, envelope, arena, *reply, err) : status;
}

/* The reply without what stands beside the result; NULL when out of memory. */
static ProtobufCMessage *strip(const qd_rpc *rpc, const ProtobufCMessage *reply, qd_arena *arena) {
  ProtobufCMessage *copy = qd_arena_alloc(arena, rpc->reply->sizeof_message);
  if (copy == NULL)
    return NULL;
  memcpy(copy, reply, rpc->reply->sizeof_message);
  const ProtobufCFieldDescriptor *field = field_of(rpc, "time");
  if (field != NULL)
    memset((char *)copy + field->quantifier_offset, 0, sizeof(protobuf_c_boolean));
  field = field_of(rpc, "usage");
  if (field != NULL)
    memset((char *)copy + field->offset, 0, sizeof(ProtobufCMessage *));
  return copy;
}

qdrant_status qd_envelope_write_result(
    const qd_rpc *rpc, const ProtobufCMessage *reply, qd_text *text, qdrant_error *err) {
  if (qd_route_row(rpc->id)->answer == QD_ANSWER_TRUE) {
    qd_text_add(text, "true", 4);
    return QDRANT_OK;
  }
  const ProtobufCMessage *result = strip(rpc, reply, text->arena);
  if (result == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for the JSON of a reply to %s", rpc->name);
  return qd_message_write_json(text, result, err);
}

static void add(qd_text *text, const char *literal) {
  qd_text_add(text, literal, strlen(literal));
}

static double time_of(const qd_rpc *rpc, const ProtobufCMessage *reply) {
  const ProtobufCFieldDescriptor *field = field_of(rpc, "time");
  double time_s = 0;
  if (field != NULL)
    memcpy(&time_s, (const char *)reply + field->offset, sizeof time_s);
  return time_s;
}

qdrant_status qd_envelope_write(const qd_rpc *rpc, const ProtobufCMessage *reply, qd_text *text, qdrant_error *err) {
  const ProtobufCFieldDescriptor *field = field_of(rpc, "usage");
  ProtobufCMessage *usage = NULL;
  if (field != NULL)
    memcpy(&usage, (const char *)reply + field->offset, sizeof usage);
  add(text, "{\"result\":");
  qdrant_status status = qd_envelope_write_result(rpc, reply, text, err);
  add(text, ",\"status\":\"ok\",\"time\":");
  qd_text_add_double(text, time_of(rpc, reply));
  if (status == QDRANT_OK && usage != NULL) {
    add(text, ",\"usage\":");
    status = qd_message_write_json(text, usage, err);
  }
  add(text, "}");
  return status;
}
