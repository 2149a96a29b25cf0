/* The data of a case, and its request as reference bytes. */
#ifndef BENCH_ENCODE_H
#define BENCH_ENCODE_H

#include "bench/contender.h"
#include "bench/wire.h"

/* The id of a case's i-th point. */
uint64_t bench_point_id(uint32_t i);

/* n_items vectors of dim floats each, row after row, the same in every process. Free with free(); NULL when memory is
 * out. */
float *bench_vectors(const bench_case *which);

/* "/qdrant.Points/Upsert" and its like. */
const char *bench_method(const bench_case *which);

/*
 * The case's request: UpsertPoints (wait off, u64 ids, one dense unnamed vector a point, no payload), QueryBatchPoints,
 * or QueryPoints (nearest to a vector, limit, payload on). False when memory is out. The caller frees *out.
 */
bool bench_encode_request(const bench_case *which, bench_buffer *out);

/* What the null server answers to it. */
bool bench_encode_reply(const bench_case *which, bench_buffer *out);

#endif
