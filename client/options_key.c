#include "client/options_key.h"

#include "client/headers.h"
#include "core/error.h"
#include "core/wipe.h"

qdrant_status qd_options_resolve_key(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  size_t n_bytes = 0;
  const char *key = given->api_key != NULL ? qd_trim(given->api_key, &n_bytes) : NULL;
  if (n_bytes > 0 && given->api_key_provider != NULL)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "api_key and api_key_provider are both set; leave one of them NULL");
  options->api_key_provider = given->api_key_provider;
  options->api_key_user = given->api_key_user;
  if (n_bytes == 0)
    return QDRANT_OK;
  char *copy = qd_arena_strndup(options->arena, key, n_bytes);
  options->api_key = copy;
  if (copy == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the options were copied");
  long unprintable = qd_find_unprintable(copy);
  if (unprintable < 0)
    return QDRANT_OK;
  return qd_fail(
      err, QDRANT_CONFIG_INVALID, "api_key: byte %ld is not printable ASCII (the key is not shown)", unprintable);
}

/* Both lie in the options' own arena, which is not read any more. */
void qd_options_wipe(qd_options *options) {
  qd_wipe_text((char *)(uintptr_t)options->api_key);
  qd_headers_wipe(options->headers, options->n_headers);
}
