#include "codec/envelope.h"

#include "codec/member.h"
#include "codec/message_json.h"
#include "codec/route_table.h"
#include "core/error.h"

#include <string.h>

static const ProtobufCFieldDescriptor *field_of(const qd_rpc *rpc, const char *name) {
  return protobuf_c_message_descriptor_get_field_by_name(rpc->reply, name);
}

/* `time` and `usage` stand beside `result`; in messages they are fields. */
static qdrant_status read_beside(
    const qd_rpc *rpc, const qd_json_node *envelope, qd_arena *arena, ProtobufCMessage *reply, qdrant_error *err) {
  const ProtobufCFieldDescriptor *field = field_of(rpc, "time");
  const qd_json_node *value = qd_json_get(envelope, "time");
  if (field != NULL && value != NULL && qd_json_is_number(value)) {
    *(double *)qd_member_to_set(reply, field) = qd_json_real(value);
    qd_mark_set(reply, field);
  }
  field = field_of(rpc, "usage");
  value = qd_json_get(envelope, "usage");
  if (field == NULL || value == NULL || value->kind == QD_JSON_NULL)
    return QDRANT_OK;
  return qd_message_read_json(
      value, field->descriptor, QD_JSON_FROM_SERVER, arena, qd_member_to_set(reply, field), err);
}

/* A server that only took a request on ("accepted") has no result: the reply is then empty. */
static int has_only_accepted(const qd_json_node *envelope) {
  const qd_json_node *status = qd_json_get(envelope, "status");
  return status != NULL && qd_json_text_is(status, "accepted");
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
    const qd_rpc *rpc, const qd_json_node *envelope, qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err) {
  const qd_json_node *result = qd_json_get(envelope, "result");
  qdrant_status status = QDRANT_OK;
  if (result == NULL && !has_only_accepted(envelope))
    return qd_fail(err, QDRANT_BAD_REPLY, "expected an object with a result");
  if (result == NULL || qd_route_row(rpc->id)->answer == QD_ANSWER_TRUE)
    status = new_message(rpc->reply, arena, reply, err);
  else
    status = qd_message_read_json(result, rpc->reply, QD_JSON_FROM_SERVER, arena, reply, err);
  return status == QDRANT_OK ? read_beside(rpc, envelope, arena, *reply, err) : status;
}

/* The reply without what stands beside the result; NULL when out of memory. */
static ProtobufCMessage *strip(const qd_rpc *rpc, const ProtobufCMessage *reply, qd_arena *arena) {
  ProtobufCMessage *copy = qd_message_copy(reply, arena);
  if (copy != NULL && field_of(rpc, "time") != NULL)
    qd_mark_absent(copy, field_of(rpc, "time"));
  if (copy != NULL && field_of(rpc, "usage") != NULL)
    qd_mark_absent(copy, field_of(rpc, "usage"));
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
  return field == NULL ? 0 : *(const double *)qd_member(reply, field);
}

qdrant_status qd_envelope_write(const qd_rpc *rpc, const ProtobufCMessage *reply, const ProtobufCMessage *result,
    qd_text *text, qdrant_error *err) {
  const ProtobufCFieldDescriptor *field = field_of(rpc, "usage");
  const ProtobufCMessage *usage = field == NULL ? NULL : qd_pointer_member(reply, field);
  add(text, "{\"result\":");
  qdrant_status status =
      result != NULL ? qd_message_write_json(text, result, err) : qd_envelope_write_result(rpc, reply, text, err);
  add(text, ",\"status\":\"ok\",\"time\":");
  qd_text_add_double(text, time_of(rpc, reply));
  if (status == QDRANT_OK && usage != NULL && protobuf_c_message_get_packed_size(usage) > 0) {
    add(text, ",\"usage\":");
    status = qd_message_write_json(text, usage, err);
  }
  add(text, "}");
  return status;
}
