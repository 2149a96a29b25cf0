#include "codec/route_body.h"

#include "codec/member.h"
#include "core/error.h"

#include <string.h>

qdrant_status qd_route_body_write(
    const qd_rpc *rpc, const ProtobufCMessage *request, qd_text *text, qdrant_error *err) {
  const ProtobufCMessage *rest = qd_url_values_strip(rpc, request, text->arena);
  if (rest == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for the JSON of a %s", rpc->name);
  return qd_message_write_json(text, rest, err);
}

/* The items of a batch name the collection too in proto, and servers check that they do. */
static void name_collection_in_items(const char *name, ProtobufCMessage *request) {
  for (unsigned i = 0; i < request->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *list = &request->descriptor->fields[i];
    if (list->label != PROTOBUF_C_LABEL_REPEATED || list->type != PROTOBUF_C_TYPE_MESSAGE)
      continue;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(list->descriptor, "collection_name");
    ProtobufCMessage **items = qd_pointer_member(request, list);
    for (size_t item = 0; field != NULL && item < qd_n_items(request, list); item++)
      memcpy(qd_member_to_set(items[item], field), &name, sizeof name);
  }
}

qdrant_status qd_route_body_join(
    const qd_rpc *rpc, const qd_url_values *values, qd_arena *arena, ProtobufCMessage *request, qdrant_error *err) {
  qdrant_status status = qd_url_values_put(rpc, values, arena, request, err);
  if (status == QDRANT_OK && values->texts[QD_URL_COLLECTION_NAME] != NULL)
    name_collection_in_items(values->texts[QD_URL_COLLECTION_NAME], request);
  return status;
}
