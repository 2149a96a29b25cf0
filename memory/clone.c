#include "memory/clone.h"

#include "core/alloc.h"

/* Two encoded messages in a row are the second merged into the first. */
void *qd_message_merge(const void *base, const void *change, qd_arena *arena) {
  const ProtobufCMessage *first = base;
  const ProtobufCMessage *second = change;
  size_t n_first = first != NULL ? protobuf_c_message_get_packed_size(first) : 0;
  size_t n_bytes = n_first + protobuf_c_message_get_packed_size(second);
  uint8_t *packed = qd_alloc(n_bytes > 0 ? n_bytes : 1);
  if (packed == NULL)
    return NULL;
  if (first != NULL)
    protobuf_c_message_pack(first, packed);
  protobuf_c_message_pack(second, packed + n_first);
  ProtobufCMessage *merged = protobuf_c_message_unpack(second->descriptor, qd_arena_allocator(arena), n_bytes, packed);
  qd_free(packed);
  return merged;
}

void *qd_message_clone(const void *message, qd_arena *arena) {
  return qd_message_merge(NULL, message, arena);
}
