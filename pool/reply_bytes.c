#include "pool/reply_bytes.h"

#include "core/alloc.h"
#include "pool/grpc_transport.h"

#include <grpc/slice.h>
#include <grpc/slice_buffer.h>
#include <string.h>

/* Replies are never compressed: the channels accept identity only, so every buffer is raw. */
static const grpc_slice_buffer *slices_of(const qd_reply_holder *holder) {
  return &holder->buffer->data.raw.slice_buffer;
}

static const uint8_t *borrow_bytes(void *owner) {
  const grpc_slice_buffer *slices = slices_of(owner);
  return slices->count == 1 ? GRPC_SLICE_START_PTR(slices->slices[0]) : NULL;
}

static void copy_bytes(void *owner, uint8_t *out) {
  const grpc_slice_buffer *slices = slices_of(owner);
  for (size_t i = 0; i < slices->count; i++) {
    size_t n_bytes = GRPC_SLICE_LENGTH(slices->slices[i]);
    memcpy(out, GRPC_SLICE_START_PTR(slices->slices[i]), n_bytes);
    out += n_bytes;
  }
}

static void release_bytes(void *owner) {
  qd_reply_holder *holder = owner;
  if (!qd_grpc_is_forked_child())
    grpc_byte_buffer_destroy(holder->buffer);
  qd_runtime_unref(holder->runtime);
  qd_free(holder);
}

static const qd_reply_bytes_ops reply_ops = {.borrow = borrow_bytes, .copy = copy_bytes, .release = release_bytes};

qd_reply_bytes qd_reply_holder_give(qd_reply_holder *holder, qd_runtime *runtime, grpc_byte_buffer *buffer) {
  holder->buffer = buffer;
  holder->runtime = qd_runtime_ref(runtime);
  return (qd_reply_bytes){.ops = &reply_ops, .owner = holder, .n_bytes = grpc_byte_buffer_length(buffer)};
}
