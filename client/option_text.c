#include "client/option_text.h"

#include "core/error.h"

#include <string.h>

qdrant_status qd_option_text(
    const char *name, const char *text, const char **copy, qd_arena *arena, qdrant_error *err) {
  if (text == NULL)
    return QDRANT_OK;
  if (text[0] == '\0')
    return qd_fail(err, QDRANT_CONFIG_INVALID, "%s is empty; leave it NULL for the default", name);
  *copy = qd_arena_strndup(arena, text, strlen(text));
  return *copy != NULL ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the options were copied");
}
