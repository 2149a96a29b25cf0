/* libqdrant's bulk uploader: the same batches as the columnar contender, with ids that are new for each. */
#ifndef BENCH_UPLOADER_H
#define BENCH_UPLOADER_H

#include "bench/contender.h"

bool bench_uploader_takes(const bench_case *which);
bool bench_uploader_open(const bench_case *which, uint16_t port, void **state, bench_error *err);
bool bench_uploader_run(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err);

#endif
