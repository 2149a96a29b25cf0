/* What gRPC core alone costs: bytes encoded beforehand, sent as unary calls of two batches each, replies received and
 * not decoded. */
#ifndef BENCH_FLOOR_GRPC_H
#define BENCH_FLOOR_GRPC_H

#include "bench/contender.h"

/*
 * Completions are taken from one queue by one thread. With one call in flight the caller sleeps until that thread wakes
 * it, as a blocking call of a client does; with more, that thread starts the next call itself.
 */
bool bench_grpc_open_poller(const bench_case *which, uint16_t port, void **state, bench_error *err);
bool bench_grpc_run_poller(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err);

/* The caller takes its own completion from a queue for plucking: one call in flight only. */
bool bench_grpc_takes_pluck(const bench_case *which);
bool bench_grpc_open_pluck(const bench_case *which, uint16_t port, void **state, bench_error *err);
bool bench_grpc_run_pluck(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err);

void bench_grpc_close(void *state);

#endif
