#include "core/message.h"
#include "core/rpc.h"
#include "tests/fuzz/fuzz.h"

/* First byte: which reply. What could be read can be written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  if (n_bytes == 0)
    return 0;
  const ProtobufCMessageDescriptor *type = qd_rpc_row((qdrant_rpc)(bytes[0] % QDRANT_N_RPCS))->reply;
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *message;
  qdrant_error err = {0};
  qdrant_status status = qd_message_decode(type, bytes + 1, n_bytes - 1, arena, &message, &err);
  fuzz_require(status == QDRANT_OK || status == QDRANT_BAD_REPLY, "a message or BAD_REPLY");
  if (status == QDRANT_OK) {
    size_t n_again = protobuf_c_message_get_packed_size(message);
    uint8_t *again = malloc(n_again > 0 ? n_again : 1);
    fuzz_require(protobuf_c_message_pack(message, again) == n_again, "as long as it was measured");
    fuzz_require(qd_message_decode(type, again, n_again, arena, &message, &err) == QDRANT_OK, "read again");
    free(again);
  }
  qd_arena_free(arena);
  return 0;
}
