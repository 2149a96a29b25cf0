/* libqdrant's columnar upsert and batched search, validation on. A single search is a batch of one. */
#ifndef BENCH_COLUMNS_H
#define BENCH_COLUMNS_H

#include "bench/contender.h"

bool bench_columns_open(const bench_case *which, uint16_t port, void **state, bench_error *err);

#endif
