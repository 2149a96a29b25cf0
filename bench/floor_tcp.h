/* What the kernel alone costs: the request's bytes written to TCP sockets, as many bytes read back as the real reply
 * has. */
#ifndef BENCH_FLOOR_TCP_H
#define BENCH_FLOOR_TCP_H

#include "bench/contender.h"

bool bench_tcp_open(const bench_case *which, uint16_t port, void **state, bench_error *err);
bool bench_tcp_run(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err);
void bench_tcp_close(void *state);

#endif
