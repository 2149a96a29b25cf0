/* The replies that the null server gives, whatever it is asked. */
#ifndef BENCH_CANNED_H
#define BENCH_CANNED_H

#include "bench/wire.h"

/* qdrant.PointsOperationResponse: operation 1, completed. */
void bench_canned_upsert(bench_buffer *out);

/* qdrant.QueryResponse: one result of `limit` hits, each with a u64 id and four payload fields. */
void bench_canned_query(bench_buffer *out, uint32_t limit);

/* qdrant.QueryBatchResponse: n_queries such results. */
void bench_canned_query_batch(bench_buffer *out, uint64_t n_queries, uint32_t limit);

#endif
