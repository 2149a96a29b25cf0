#include "server/headers.h"

#include "core/alloc.h"

#include <grpc/slice.h>
#include <string.h>
#include <strings.h>

int qd_headers_from_grpc(const grpc_metadata_array *metadata, qd_headers *headers) {
  *headers = (qd_headers){.items = qd_alloc((metadata->count + 1) * sizeof *headers->items)};
  if (headers->items == NULL)
    return 0;
  for (headers->n = 0; headers->n < metadata->count; headers->n++) {
    const grpc_metadata *header = &metadata->metadata[headers->n];
    headers->items[headers->n] = (qd_header_view){.name = (const char *)GRPC_SLICE_START_PTR(header->key),
        .n_name = GRPC_SLICE_LENGTH(header->key),
        .value = (const char *)GRPC_SLICE_START_PTR(header->value),
        .n_value = GRPC_SLICE_LENGTH(header->value)};
  }
  return 1;
}

const qd_header_view *qd_headers_find(const qd_headers *headers, const char *name) {
  size_t n_name = strlen(name);
  for (size_t i = 0; i < headers->n; i++)
    if (headers->items[i].n_name == n_name && strncasecmp(headers->items[i].name, name, n_name) == 0)
      return &headers->items[i];
  return NULL;
}
