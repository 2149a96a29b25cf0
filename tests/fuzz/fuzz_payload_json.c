#include "core/hits_decode.h"
#include "core/json.h"
#include "tests/fuzz/fuzz.h"

#include <json-c/json.h>
#include <string.h>

static void require_valid(const char *json, size_t n_json) {
  struct json_object *object = NULL;
  qdrant_error err = {0};
  fuzz_require(qd_json_parse(json, n_json, &object, &err) == QDRANT_OK, err.message);
  fuzz_require(json_object_is_type(object, json_type_object), "an object");
  json_object_put(object);
}

/* Any ScoredPoint: its payload is refused or becomes an object that is valid JSON. Our parser refuses a NUL in a key,
 * which the text may have. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  qd_arena *arena = qd_arena_new(0);
  const char *json;
  size_t n_json;
  qdrant_error err = {0};
  qdrant_status status = qd_point_payload_json(bytes, n_bytes, arena, &json, &n_json, &err);
  fuzz_require(status == QDRANT_OK || status == QDRANT_BAD_REPLY, "JSON or BAD_REPLY");
  if (status == QDRANT_OK) {
    fuzz_require(strlen(json) == n_json, "no NUL inside");
    if (strstr(json, "\\u0000") == NULL)
      require_valid(json, n_json);
  }
  qd_arena_free(arena);
  return 0;
}
