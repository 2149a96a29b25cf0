#include "core/wipe.h"

#include "core/alloc.h"

#include <sodium.h>
#include <string.h>

void qd_wipe(void *bytes, size_t n_bytes) {
  if (bytes != NULL)
    sodium_memzero(bytes, n_bytes);
}

void qd_wipe_text(char *text) {
  if (text != NULL)
    sodium_memzero(text, strlen(text));
}

void qd_wipe_free(char *text) {
  qd_wipe_text(text);
  qd_free(text);
}
