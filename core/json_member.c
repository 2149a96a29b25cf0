#include "core/json_member.h"

#include "core/error.h"
#include "core/json_check.h"

#include <string.h>

/* The text was checked: brackets match and strings end. */

static int is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *skip_space(const char *at) {
  while (is_space(*at))
    at++;
  return at;
}

/* The quote behind the string that begins at *at. */
static const char *end_of_string(const char *at) {
  for (at++; *at != '"'; at++)
    at += *at == '\\';
  return at;
}

/* Copies the value without the space in it; out NULL: only passes over it. Returns what follows. */
static const char *copy_value(const char *at, char *out, size_t *n_out) {
  int levels = 0;
  *n_out = 0;
  for (; levels > 0 || (*at != ',' && *at != '}'); at++) {
    const char *end = *at == '"' ? end_of_string(at) : at;
    size_t n = is_space(*at) ? 0 : (size_t)(end - at) + 1;
    levels += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
    if (out != NULL)
      memcpy(out + *n_out, at, n);
    *n_out += n;
    at = end;
  }
  return at;
}

/* The text of the last member with that key in the object that begins at `at`; NULL when there is none. */
static const char *find_member(const char *at, const char *key) {
  const char *found = NULL;
  size_t n;
  for (at = skip_space(at + 1); *at != '}'; at = skip_space(at + (*at == ','))) {
    const char *end = end_of_string(at);
    int is_it = (size_t)(end - at) - 1 == strlen(key) && memcmp(at + 1, key, strlen(key)) == 0;
    at = skip_space(end + 1) + 1; /* the colon */
    if (is_it)
      found = at;
    at = copy_value(at, NULL, &n);
  }
  return found;
}

qdrant_status qd_json_member_text(const char *text, size_t n_bytes, const char *key, qd_arena *arena, const char **json,
    size_t *n_json, qdrant_error *err) {
  *json = NULL;
  *n_json = 0;
  qdrant_status status = qd_json_check(text, n_bytes, err);
  if (status != QDRANT_OK)
    return status;
  const char *first = skip_space(text);
  const char *member = *first == '{' ? find_member(first, key) : NULL;
  if (member == NULL)
    return QDRANT_OK;
  copy_value(member, NULL, n_json);
  char *copy = qd_arena_alloc(arena, *n_json + 1);
  if (copy == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the JSON of \"%s\"", key);
  copy_value(member, copy, n_json);
  copy[*n_json] = '\0';
  *json = copy;
  return QDRANT_OK;
}
