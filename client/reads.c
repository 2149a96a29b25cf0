#include "client/reads.h"

#include "core/headers.h"

#include <string.h>

static int has_header(const qd_settings *settings, const char *name) {
  for (size_t i = 0; i < settings->n_headers; i++)
    if (strcmp(settings->headers[i].name, name) == 0)
      return 1;
  return 0;
}

static int is_affine(const qd_options *options, const qd_rpc *rpc, const qd_settings *settings) {
  return options->route_affinity != NULL && rpc->retry_class == QD_RETRY_READ &&
         !has_header(settings, options->route_affinity->name);
}

int qd_reads_copy_headers(const qd_options *options, const qd_rpc *rpc, const qd_settings *settings, qd_arena *arena,
    qdrant_header **headers, size_t *n_headers) {
  size_t n = settings->n_headers;
  qdrant_header *copy = qd_headers_copy(settings->headers, n, arena);
  if (copy == NULL && n > 0)
    return 0;
  if (is_affine(options, rpc, settings)) {
    qdrant_header *longer = qd_arena_alloc(arena, (n + 1) * sizeof *longer);
    if (longer == NULL)
      return 0;
    if (n > 0)
      memcpy(longer, copy, n * sizeof *longer);
    longer[n++] = *options->route_affinity; /* its texts live as long as the client */
    copy = longer;
  }
  *headers = copy;
  *n_headers = n;
  return 1;
}

const ProtobufCMessage *qd_reads_fill(const qd_options *options, const ProtobufCMessage *request, qd_arena *arena) {
  const void *present;
  if (options->read_consistency == NULL)
    return request;
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "read_consistency");
  if (field == NULL)
    return request;
  memcpy(&present, (const char *)request + field->offset, sizeof present);
  if (present != NULL)
    return request;
  char *copy = qd_arena_alloc(arena, request->descriptor->sizeof_message);
  if (copy == NULL)
    return NULL;
  memcpy(copy, request, request->descriptor->sizeof_message);
  memcpy(copy + field->offset, &options->read_consistency, sizeof options->read_consistency);
  return (const ProtobufCMessage *)(const void *)copy;
}
