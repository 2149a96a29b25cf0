#include "core/headers.h"

#include "core/wipe.h"

#include <stdint.h>
#include <string.h>

qdrant_header *qd_headers_copy(const qdrant_header *headers, size_t n_headers, qd_arena *arena) {
  if (n_headers == 0)
    return NULL;
  qdrant_header *copy = qd_arena_alloc(arena, n_headers * sizeof *copy);
  for (size_t i = 0; copy != NULL && i < n_headers; i++) {
    copy[i].name = qd_arena_strndup(arena, headers[i].name, strlen(headers[i].name));
    copy[i].value = qd_arena_strndup(arena, headers[i].value, strlen(headers[i].value));
    if (copy[i].name == NULL || copy[i].value == NULL)
      return NULL;
  }
  return copy;
}

void qd_headers_wipe(const qdrant_header *headers, size_t n_headers) {
  for (size_t i = 0; headers != NULL && i < n_headers; i++)
    qd_wipe_text((char *)(uintptr_t)headers[i].value);
}
