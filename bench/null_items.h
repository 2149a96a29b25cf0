/* Counts what a request holds without decoding it. */
#ifndef BENCH_NULL_ITEMS_H
#define BENCH_NULL_ITEMS_H

#include <grpc/byte_buffer.h>
#include <stdbool.h>
#include <stdint.h>

/* How often a field stands at the top level of an encoded message. False: the bytes are no message. */
bool null_count_field(grpc_byte_buffer *message, uint32_t field, uint64_t *n);

#endif
