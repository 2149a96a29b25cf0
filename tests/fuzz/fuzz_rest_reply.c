#include "codec/route.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 1 << 24 };

/* A reply may hold what JSON cannot say: an id that is none. */
static void write_and_read(const qd_rpc *rpc, const ProtobufCMessage *reply, qd_arena *arena) {
  ProtobufCMessage *again = NULL;
  qd_text text;
  qd_text_init(&text, arena, MAX_BYTES);
  qdrant_status status = qd_route_write_reply(rpc, reply, &text, NULL);
  fuzz_require(status == QDRANT_OK || status == QDRANT_INVALID_ARGUMENT, "written or refused");
  if (status != QDRANT_OK)
    return;
  fuzz_require(qd_text_end(&text) != NULL, "room to write");
  fuzz_require(
      qd_route_read_reply(rpc, text.bytes, text.n_bytes, arena, &again, NULL) == QDRANT_OK, "what was written is read");
}

/* First byte: which RPC. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  if (n_bytes == 0)
    return 0;
  const qd_rpc *rpc = qd_rpc_row((qdrant_rpc)(bytes[0] % QDRANT_N_RPCS));
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *reply = NULL;
  qdrant_error err = {0};
  qdrant_status status = qd_route_read_reply(rpc, (const char *)bytes + 1, n_bytes - 1, arena, &reply, &err);
  fuzz_require(status == QDRANT_OK || (status == QDRANT_BAD_REPLY && err.message[0] != '\0'), "read or refused");
  if (status == QDRANT_OK)
    write_and_read(rpc, reply, arena);
  qd_arena_free(arena);
  return 0;
}
