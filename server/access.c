#include "server/access.h"

#include <grpc/slice.h>
#include <string.h>

static const grpc_slice *find_header(const grpc_metadata_array *headers, const char *name) {
  for (size_t i = 0; i < headers->count; i++)
    if (grpc_slice_str_cmp(headers->metadata[i].key, name) == 0)
      return &headers->metadata[i].value;
  return NULL;
}

static int begins_with(grpc_slice value, const char *text, size_t n_bytes) {
  return GRPC_SLICE_LENGTH(value) >= n_bytes && memcmp(GRPC_SLICE_START_PTR(value), text, n_bytes) == 0;
}

/* The key that the call brings: "api-key", else what follows "Bearer " in "authorization". 0: it brings none. */
static int find_key(const grpc_metadata_array *headers, const char **key, size_t *n_key) {
  static const char BEARER[] = "Bearer ";
  const grpc_slice *value = find_header(headers, "api-key");
  size_t n_skipped = 0;
  if (value == NULL) {
    n_skipped = sizeof BEARER - 1;
    value = find_header(headers, "authorization");
  }
  if (value == NULL || !begins_with(*value, BEARER, n_skipped))
    return 0;
  *key = (const char *)GRPC_SLICE_START_PTR(*value) + n_skipped;
  *n_key = GRPC_SLICE_LENGTH(*value) - n_skipped;
  return 1;
}

const char *qd_access_check(const char *api_key, const qd_rpc *rpc, const grpc_metadata_array *headers) {
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
