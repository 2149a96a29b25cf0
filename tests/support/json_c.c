#include "tests/support/json_c.h"

#include <json-c/json.h>

enum { MAX_LEVELS = 66 }; /* json-c counts the value within the innermost array as a level */

int json_c_parse(const char *text, size_t n_bytes, struct json_object **object) {
  struct json_tokener *tokener = json_tokener_new_ex(MAX_LEVELS);
  *object = json_tokener_parse_ex(tokener, text, (int)n_bytes);
  if (json_tokener_get_error(tokener) == json_tokener_continue)
    *object = json_tokener_parse_ex(tokener, "", 1); /* the NUL ends a number at the end of text */
  int is_parsed = json_tokener_get_error(tokener) == json_tokener_success;
  json_tokener_free(tokener);
  return is_parsed;
}
