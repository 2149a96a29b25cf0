#include "codec/route.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/message_compare.h"

enum { MAX_BYTES = 1 << 24 };

/* A message may hold what JSON cannot say: a float that became infinite. */
static void write_and_read(const qd_rpc *rpc, const ProtobufCMessage *request, qd_arena *arena) {
  ProtobufCMessage *again = NULL;
  qd_text text;
  qd_text_init(&text, arena, MAX_BYTES);
  qdrant_status status = qd_route_write_user(rpc, request, &text, NULL);
  fuzz_require(status == QDRANT_OK || status == QDRANT_INVALID_ARGUMENT, "written or refused");
  if (status != QDRANT_OK)
    return;
  fuzz_require(qd_text_end(&text) != NULL, "room to write");
  fuzz_require(
      qd_route_read_user(rpc, text.bytes, text.n_bytes, arena, &again, NULL) == QDRANT_OK, "what was written is read");
  char path[512] = "";
  const char *const none[] = {NULL};
  const message_rules exact = {.ignored = none};
  fuzz_require(messages_are_equal(request, again, &exact, path, sizeof path), "the same message there and back");
}

/* First byte: which RPC. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  if (n_bytes == 0)
    return 0;
  const qd_rpc *rpc = qd_rpc_row((qdrant_rpc)(bytes[0] % QDRANT_N_RPCS));
  qd_arena *arena = qd_arena_new(0);
  ProtobufCMessage *request = NULL;
  qdrant_error err = {0};
  qdrant_status status = qd_route_read_user(rpc, (const char *)bytes + 1, n_bytes - 1, arena, &request, &err);
  fuzz_require(status == QDRANT_OK || (status == QDRANT_INVALID_ARGUMENT && err.message[0] != '\0'), "read or refused");
  if (status == QDRANT_OK)
    write_and_read(rpc, request, arena);
  qd_arena_free(arena);
  return 0;
}
