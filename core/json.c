#include "core/json.h"

#include "core/error.h"
#include "core/json_check.h"

#include <json-c/json.h>
#include <limits.h>
#include <math.h>

/* Whether a number became infinite. */
static int has_infinity(struct json_object *object) {
  int is_found = 0;
  switch (json_object_get_type(object)) {
  case json_type_double: return isinf(json_object_get_double(object)) != 0;
  case json_type_array:
    for (size_t i = 0; i < json_object_array_length(object) && !is_found; i++)
      is_found = has_infinity(json_object_array_get_idx(object, i));
    return is_found;
  case json_type_object: {
    struct json_object_iterator at = json_object_iter_begin(object);
    struct json_object_iterator end = json_object_iter_end(object);
    for (; !json_object_iter_equal(&at, &end) && !is_found; json_object_iter_next(&at))
      is_found = has_infinity(json_object_iter_peek_value(&at));
    return is_found;
  }
  default: return 0;
  }
}

/* Text that was checked: json-c can only fail for want of memory. */
static qdrant_status build(const char *text, size_t n_bytes, struct json_object **object, qdrant_error *err) {
  /* json-c counts the value within the innermost array as a level. */
  struct json_tokener *tokener = json_tokener_new_ex(QD_MAX_JSON_LEVELS + 2);
  if (tokener == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory to parse JSON");
  *object = json_tokener_parse_ex(tokener, text, (int)n_bytes);
  if (json_tokener_get_error(tokener) == json_tokener_continue)
    *object = json_tokener_parse_ex(tokener, "", 1); /* the NUL ends a number at the end of text */
  int is_built = json_tokener_get_error(tokener) == json_tokener_success;
  json_tokener_free(tokener);
  return is_built ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "no memory to parse %zu bytes of JSON", n_bytes);
}

qdrant_status qd_json_parse(const char *text, size_t n_bytes, struct json_object **object, qdrant_error *err) {
  *object = NULL;
  if (n_bytes > INT_MAX)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "JSON of %zu bytes is longer than %d", n_bytes, INT_MAX);
  int has_large_exponent = 0;
  qdrant_status status = qd_json_check(text, n_bytes, QD_JSON_NO_NUL_IN_KEYS, &has_large_exponent, err);
  if (status == QDRANT_OK)
    status = build(text, n_bytes, object, err);
  if (status == QDRANT_OK && has_large_exponent && has_infinity(*object)) {
    json_object_put(*object);
    *object = NULL;
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "JSON has a number beyond what a double holds (about 1.8e308)");
  }
  return status;
}
