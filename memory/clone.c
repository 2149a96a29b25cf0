#include "memory/clone.h"

#include "core/alloc.h"

void *qd_message_clone(const void *message, qd_arena *arena) {
  const ProtobufCMessage *original = message;
  size_t n_bytes = protobuf_c_message_get_packed_size(original);
  uint8_t *packed = qd_alloc(n_bytes);
  if (packed == NULL)
    return NULL;
  protobuf_c_message_pack(original, packed);
  ProtobufCMessage *copy = protobuf_c_message_unpack(original->descriptor, qd_arena_allocator(arena), n_bytes, packed);
  qd_free(packed);
  return copy;
}
