/* The same work as protobuf-c messages through libqdrant: built from the same arrays for each call with qdrant/build.h.
 */
#ifndef BENCH_MESSAGES_H
#define BENCH_MESSAGES_H

#include "bench/contender.h"

bool bench_messages_open(const bench_case *which, uint16_t port, void **state, bench_error *err);

#endif
