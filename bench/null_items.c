#include "bench/null_items.h"

#include "bench/wire.h"

#include <grpc/byte_buffer_reader.h>

/* A position in a message that lies in several slices, none of which is copied. */
typedef struct slice_cursor {
  grpc_byte_buffer_reader reader;
  const uint8_t *next;
  const uint8_t *end;
} slice_cursor;

/* False at the end of the message. */
static bool has_byte(slice_cursor *at) {
  grpc_slice *slice;
  while (at->next == at->end) {
    if (!grpc_byte_buffer_reader_peek(&at->reader, &slice))
      return false;
    at->next = GRPC_SLICE_START_PTR(*slice);
    at->end = GRPC_SLICE_END_PTR(*slice);
  }
  return true;
}

static bool skip_bytes(slice_cursor *at, uint64_t n_bytes) {
  while (n_bytes > 0) {
    if (!has_byte(at))
      return false;
    uint64_t n_here = (uint64_t)(at->end - at->next);
    uint64_t n_step = n_here < n_bytes ? n_here : n_bytes;
    at->next += n_step;
    n_bytes -= n_step;
  }
  return true;
}

static bool read_varint(slice_cursor *at, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (!has_byte(at))
      return false;
    uint8_t byte = *at->next++;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80)
      return true;
  }
  return false;
}

static bool skip_field(slice_cursor *at, uint64_t tag) {
  uint64_t value;
  switch (tag & 7) {
  case BENCH_VARINT: return read_varint(at, &value);
  case BENCH_FIXED64: return skip_bytes(at, 8);
  case BENCH_FIXED32: return skip_bytes(at, 4);
  case BENCH_LENGTH: return read_varint(at, &value) && skip_bytes(at, value);
  default: return false;
  }
}

bool null_count_field(grpc_byte_buffer *message, uint32_t field, uint64_t *n) {
  slice_cursor at = {0};
  bool is_valid = true;
  *n = 0;
  if (!grpc_byte_buffer_reader_init(&at.reader, message))
    return false;
  while (is_valid && has_byte(&at)) {
    uint64_t tag;
    is_valid = read_varint(&at, &tag) && skip_field(&at, tag);
    *n += is_valid && tag >> 3 == field;
  }
  grpc_byte_buffer_reader_destroy(&at.reader);
  return is_valid;
}
