#include "codec/route.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/message_compare.h"

#include <string.h>

enum { MAX_LINE_BYTES = 512, MAX_BYTES = 1 << 24 };

/* A client writes what a server read: both understand the same, whatever the spelling was. */
static void write_and_read(const qd_rpc *rpc, const ProtobufCMessage *request, qd_arena *arena) {
  qd_rest_request http;
  ProtobufCMessage *again = NULL;
  int has_path = 0;
  qdrant_status status = qd_route_write_request(rpc, request, 0, MAX_BYTES, arena, &http, NULL);
  fuzz_require(status == QDRANT_OK || status == QDRANT_INVALID_ARGUMENT, "written or refused");
  if (status != QDRANT_OK)
    return;
  fuzz_require(qd_route_find(http.verb, http.target, &has_path) == rpc, "the same route");
  fuzz_require(qd_route_read_request(rpc, http.target, http.body, http.n_body, arena, &again, NULL) == QDRANT_OK,
      "what was written is read");
  char path[512] = "";
  const char *const none[] = {NULL};
  const message_rules exact = {.ignored = none};
  fuzz_require(messages_are_equal(request, again, &exact, path, sizeof path), "the same message there and back");
}

/* A request line, "PUT /collections/c", and after a line feed the body. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  char line[MAX_LINE_BYTES];
  const uint8_t *feed = memchr(bytes, '\n', n_bytes);
  size_t n_line = feed == NULL ? n_bytes : (size_t)(feed - bytes);
  if (n_line >= sizeof line)
    return 0;
  memcpy(line, bytes, n_line);
  line[n_line] = '\0';
  char *target = strchr(line, ' ');
  if (target == NULL)
    return 0;
  *target++ = '\0';
  int has_path = 0;
  const qd_rpc *rpc = qd_route_find(line, target, &has_path);
  if (rpc == NULL)
    return 0;
  qd_arena *arena = qd_arena_new(0);
  const char *body = feed == NULL ? "" : (const char *)feed + 1;
  size_t n_body = feed == NULL ? 0 : n_bytes - n_line - 1;
  ProtobufCMessage *request = NULL;
  qdrant_error err = {0};
  qdrant_status status = qd_route_read_request(rpc, target, body, n_body, arena, &request, &err);
  fuzz_require(status == QDRANT_OK || (status == QDRANT_INVALID_ARGUMENT && err.message[0] != '\0'), "read or refused");
  if (status == QDRANT_OK)
    write_and_read(rpc, request, arena);
  qd_arena_free(arena);
  return 0;
}
