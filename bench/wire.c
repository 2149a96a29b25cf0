#include "bench/wire.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_VARINT_BYTES = 10, FIRST_CAPACITY = 256 };

static bool reserve_bytes(bench_buffer *buffer, size_t n_more) {
  if (buffer->has_failed)
    return false;
  if (buffer->capacity - buffer->n >= n_more)
    return true;
  size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
  while (capacity - buffer->n < n_more)
    capacity *= 2;
  uint8_t *data = realloc(buffer->data, capacity);
  if (!data) {
    buffer->has_failed = true;
    return false;
  }
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

static void put_bytes(bench_buffer *buffer, const void *bytes, size_t n_bytes) {
  if (n_bytes == 0 || !reserve_bytes(buffer, n_bytes))
    return;
  memcpy(buffer->data + buffer->n, bytes, n_bytes);
  buffer->n += n_bytes;
}

static size_t encode_varint(uint8_t out[MAX_VARINT_BYTES], uint64_t value) {
  size_t n = 0;
  for (; value >= 0x80; value >>= 7)
    out[n++] = (uint8_t)(value | 0x80);
  out[n++] = (uint8_t)value;
  return n;
}

static void put_varint(bench_buffer *buffer, uint64_t value) {
  uint8_t bytes[MAX_VARINT_BYTES];
  put_bytes(buffer, bytes, encode_varint(bytes, value));
}

static void put_tag(bench_buffer *buffer, uint32_t field, bench_wire_type type) {
  put_varint(buffer, (uint64_t)field << 3 | (uint64_t)type);
}

/* Protobuf is little-endian whatever the machine is. */
static void put_little_endian(bench_buffer *buffer, uint64_t bits, size_t n_bytes) {
  uint8_t bytes[8];
  for (size_t i = 0; i < n_bytes; i++)
    bytes[i] = (uint8_t)(bits >> (8 * i));
  put_bytes(buffer, bytes, n_bytes);
}

static uint32_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

void bench_buffer_free(bench_buffer *buffer) {
  free(buffer->data);
  *buffer = (bench_buffer){0};
}

void bench_put_uint(bench_buffer *buffer, uint32_t field, uint64_t value) {
  put_tag(buffer, field, BENCH_VARINT);
  put_varint(buffer, value);
}

void bench_put_float(bench_buffer *buffer, uint32_t field, float value) {
  put_tag(buffer, field, BENCH_FIXED32);
  put_little_endian(buffer, float_bits(value), 4);
}

void bench_put_double(bench_buffer *buffer, uint32_t field, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  put_tag(buffer, field, BENCH_FIXED64);
  put_little_endian(buffer, bits, 8);
}

void bench_put_text(bench_buffer *buffer, uint32_t field, const char *text) {
  put_tag(buffer, field, BENCH_LENGTH);
  put_varint(buffer, strlen(text));
  put_bytes(buffer, text, strlen(text));
}

void bench_put_floats(bench_buffer *buffer, uint32_t field, const float *values, size_t n_values) {
  put_tag(buffer, field, BENCH_LENGTH);
  put_varint(buffer, n_values * 4);
  for (size_t i = 0; i < n_values; i++)
    put_little_endian(buffer, float_bits(values[i]), 4);
}

size_t bench_message_begin(bench_buffer *buffer, uint32_t field) {
  put_tag(buffer, field, BENCH_LENGTH);
  return buffer->n;
}

/* The length goes before the bytes and its own size is known only now, so the message moves up to make room. */
void bench_message_end(bench_buffer *buffer, size_t begin) {
  if (buffer->has_failed)
    return;
  uint8_t length[MAX_VARINT_BYTES];
  size_t n_message = buffer->n - begin;
  size_t n_length = encode_varint(length, n_message);
  if (!reserve_bytes(buffer, n_length))
    return;
  memmove(buffer->data + begin + n_length, buffer->data + begin, n_message);
  memcpy(buffer->data + begin, length, n_length);
  buffer->n += n_length;
}
