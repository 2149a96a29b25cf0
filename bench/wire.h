/* A protobuf writer of a few lines, for the bytes that the benchmark prepares before any clock runs. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum bench_wire_type {
  BENCH_VARINT = 0,
  BENCH_FIXED64 = 1,
  BENCH_LENGTH = 2,
  BENCH_FIXED32 = 5
} bench_wire_type;

/* Zero-initialised is empty. After an allocation failed, has_failed stays set and further writes do nothing. */
typedef struct bench_buffer {
  uint8_t *data;
  size_t n;
  size_t capacity;
  bool has_failed;
} bench_buffer;

void bench_buffer_free(bench_buffer *buffer);

void bench_put_uint(bench_buffer *buffer, uint32_t field, uint64_t value);
void bench_put_float(bench_buffer *buffer, uint32_t field, float value);
void bench_put_double(bench_buffer *buffer, uint32_t field, double value);
void bench_put_text(bench_buffer *buffer, uint32_t field, const char *text);

/* Packed floats. */
void bench_put_floats(bench_buffer *buffer, uint32_t field, const float *values, size_t n_values);

/* Fields written between the two belong to the nested message; end() takes what begin() returned. */
size_t bench_message_begin(bench_buffer *buffer, uint32_t field);
void bench_message_end(bench_buffer *buffer, size_t begin);

#endif
