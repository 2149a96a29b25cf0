#include "core/hits_decode.h"
#include "core/json_tree.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void require_valid(const char *json, size_t n_json, qd_arena *arena) {
  const qd_json_node *root;
  qdrant_error err = {0};
  fuzz_require(qd_json_tree_parse(json, n_json, arena, &root, &err) == QDRANT_OK, err.message);
  fuzz_require(root->kind == QD_JSON_OBJECT, "an object");
}

/* Any ScoredPoint: its payload is refused or becomes an object that is valid JSON. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  qd_arena *arena = qd_arena_new(0);
  const char *json;
  size_t n_json;
  qdrant_error err = {0};
  qdrant_status status = qd_point_payload_json(bytes, n_bytes, arena, &json, &n_json, &err);
  fuzz_require(status == QDRANT_OK || status == QDRANT_BAD_REPLY, "JSON or BAD_REPLY");
  if (status == QDRANT_OK) {
    fuzz_require(strlen(json) == n_json, "no NUL inside");
    require_valid(json, n_json, arena);
  }
  qd_arena_free(arena);
  return 0;
}
