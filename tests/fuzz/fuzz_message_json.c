#include "codec/message_json.h"
#include "core/rpc.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { MAX_TEXT = 1 << 26 };

static const ProtobufCMessageDescriptor *type_of(uint8_t choice) {
  const qd_rpc *rpc = qd_rpc_row((qdrant_rpc)(choice % QDRANT_N_RPCS));
  return choice / QDRANT_N_RPCS % 2 == 0 ? rpc->request : rpc->reply;
}

static const char *write_json(qd_arena *arena, const ProtobufCMessage *message) {
  qd_text text;
  qdrant_error err = {0};
  qd_text_init(&text, arena, MAX_TEXT);
  return qd_message_write_json(&text, message, &err) == QDRANT_OK ? qd_text_end(&text) : NULL;
}

static ProtobufCMessage *read_json(
    qd_arena *arena, const char *json, size_t n_bytes, const ProtobufCMessageDescriptor *type, qd_json_origin origin) {
  const qd_json_node *node;
  ProtobufCMessage *message;
  qdrant_error err = {0};
  if (qd_json_tree_parse(json, n_bytes, arena, &node, &err) != QDRANT_OK ||
      qd_message_read_json(node, type, origin, arena, &message, &err) != QDRANT_OK)
    return NULL;
  return message;
}

/* The first byte chooses the type, the second who wrote the rest, which is JSON. What is read can be written, unless it
 * holds what JSON cannot say (a float that became infinite), and that is read again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  if (n_bytes < 2)
    return 0;
  qd_arena *arena = qd_arena_new(0);
  const ProtobufCMessageDescriptor *type = type_of(bytes[0]);
  qd_json_origin origin = (qd_json_origin)(bytes[1] % 3);
  const ProtobufCMessage *message = read_json(arena, (const char *)bytes + 2, n_bytes - 2, type, origin);
  const char *json = message == NULL ? NULL : write_json(arena, message);
  if (json != NULL) {
    message = read_json(arena, json, strlen(json), type, QD_JSON_FROM_USER);
    fuzz_require(message != NULL, json);
    const char *again = write_json(arena, message);
    fuzz_require(again != NULL && strcmp(again, json) == 0, json);
  }
  qd_arena_free(arena);
  return 0;
}
