#include "core/json_member.h"

#include "core/error.h"
#include "core/json.h"

#include <json-c/json.h>

qdrant_status qd_json_member_text(const char *text, size_t n_bytes, const char *key, qd_arena *arena, const char **json,
    size_t *n_json, qdrant_error *err) {
  struct json_object *root = NULL;
  struct json_object *member = NULL;
  *json = NULL;
  *n_json = 0;
  qdrant_status status = qd_json_parse(text, n_bytes, &root, err);
  if (status != QDRANT_OK)
    return status;
  if (json_object_is_type(root, json_type_object) && json_object_object_get_ex(root, key, &member)) {
    const char *printed =
        json_object_to_json_string_length(member, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, n_json);
    *json = printed != NULL ? qd_arena_strndup(arena, printed, *n_json) : NULL;
    if (*json == NULL)
      status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the JSON of \"%s\"", key);
  }
  json_object_put(root);
  return status;
}
