#include "server/access.h"

#include <string.h>

static int begins_with(const qd_header_view *header, const char *text, size_t n_bytes) {
  return header->n_value >= n_bytes && memcmp(header->value, text, n_bytes) == 0;
}

/* The key that the call brings: "api-key", else what follows "Bearer " in "authorization". 0: it brings none. */
static int find_key(const qd_headers *headers, const char **key, size_t *n_key) {
  static const char BEARER[] = "Bearer ";
  const qd_header_view *header = qd_headers_find(headers, "api-key");
  size_t n_skipped = 0;
  if (header == NULL) {
    n_skipped = sizeof BEARER - 1;
    header = qd_headers_find(headers, "authorization");
  }
  if (header == NULL || !begins_with(header, BEARER, n_skipped))
    return 0;
  *key = header->value + n_skipped;
  *n_key = header->n_value - n_skipped;
  return 1;
}

const char *qd_access_check(const char *api_key, const qd_rpc *rpc, const qd_headers *headers) {
  const char *key = NULL;
  size_t n_key = 0;
  if (api_key == NULL || (rpc != NULL && rpc->id == QDRANT_RPC_HEALTH_CHECK))
    return NULL;
  if (!find_key(headers, &key, &n_key))
    return "Must provide an API key or an Authorization bearer token";
  if (n_key != strlen(api_key) || memcmp(key, api_key, n_key) != 0)
    return "Invalid API key or JWT";
  return NULL;
}
