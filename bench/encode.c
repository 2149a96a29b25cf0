#include "bench/encode.h"

#include "bench/canned.h"

#include <stdlib.h>

/* Field numbers are those of the published definitions (points.proto, qdrant-client 1.20). */
enum { UPSERT_COLLECTION = 1, UPSERT_WAIT = 2, UPSERT_POINTS = 3 };
enum { POINT_ID = 1, POINT_VECTORS = 4, ID_NUM = 1, VECTORS_VECTOR = 1, VECTOR_DENSE = 101, DENSE_DATA = 1 };
enum { BATCH_COLLECTION = 1, BATCH_QUERIES = 2 };
enum { QUERY_COLLECTION = 1, QUERY_QUERY = 3, QUERY_LIMIT = 8, QUERY_WITH_PAYLOAD = 11 };
enum { QUERY_NEAREST = 1, INPUT_DENSE = 2, SELECTOR_ENABLE = 1 };

uint64_t bench_point_id(uint32_t i) {
  return 1000000u + i;
}

float *bench_vectors(const bench_case *which) {
  size_t n_values = (size_t)which->n_items * which->dim;
  float *values = malloc(n_values * sizeof *values);
  uint32_t state = 20251123;
  for (size_t i = 0; values && i < n_values; i++) {
    state = state * 1664525u + 1013904223u;
    values[i] = (float)(state >> 8) / (float)(1u << 23) - 1.0f;
  }
  return values;
}

const char *bench_method(const bench_case *which) {
  static const char *const methods[] = {
      [BENCH_UPSERT] = "/qdrant.Points/Upsert",
      [BENCH_QUERY_BATCH] = "/qdrant.Points/QueryBatch",
      [BENCH_QUERY] = "/qdrant.Points/Query",
  };
  return methods[which->work];
}

static void put_point(bench_buffer *out, uint64_t num, const float *vector, uint32_t dim) {
  size_t point = bench_message_begin(out, UPSERT_POINTS);
  size_t id = bench_message_begin(out, POINT_ID);
  bench_put_uint(out, ID_NUM, num);
  bench_message_end(out, id);
  size_t vectors = bench_message_begin(out, POINT_VECTORS);
  size_t one = bench_message_begin(out, VECTORS_VECTOR);
  size_t dense = bench_message_begin(out, VECTOR_DENSE);
  bench_put_floats(out, DENSE_DATA, vector, dim);
  bench_message_end(out, dense);
  bench_message_end(out, one);
  bench_message_end(out, vectors);
  bench_message_end(out, point);
}

static void put_upsert(bench_buffer *out, const bench_case *which, const float *vectors) {
  bench_put_text(out, UPSERT_COLLECTION, BENCH_COLLECTION);
  bench_put_uint(out, UPSERT_WAIT, false);
  for (uint32_t i = 0; i < which->n_items; i++)
    put_point(out, bench_point_id(i), vectors + (size_t)i * which->dim, which->dim);
}

static void put_query(bench_buffer *out, const bench_case *which, const float *vector) {
  bench_put_text(out, QUERY_COLLECTION, BENCH_COLLECTION);
  size_t query = bench_message_begin(out, QUERY_QUERY);
  size_t nearest = bench_message_begin(out, QUERY_NEAREST);
  size_t dense = bench_message_begin(out, INPUT_DENSE);
  bench_put_floats(out, DENSE_DATA, vector, which->dim);
  bench_message_end(out, dense);
  bench_message_end(out, nearest);
  bench_message_end(out, query);
  bench_put_uint(out, QUERY_LIMIT, which->limit);
  size_t selector = bench_message_begin(out, QUERY_WITH_PAYLOAD);
  bench_put_uint(out, SELECTOR_ENABLE, true);
  bench_message_end(out, selector);
}

static void put_query_batch(bench_buffer *out, const bench_case *which, const float *vectors) {
  bench_put_text(out, BATCH_COLLECTION, BENCH_COLLECTION);
  for (uint32_t i = 0; i < which->n_items; i++) {
    size_t query = bench_message_begin(out, BATCH_QUERIES);
    put_query(out, which, vectors + (size_t)i * which->dim);
    bench_message_end(out, query);
  }
}

bool bench_encode_request(const bench_case *which, bench_buffer *out) {
  float *vectors = bench_vectors(which);
  if (!vectors)
    return false;
  switch (which->work) {
  case BENCH_UPSERT: put_upsert(out, which, vectors); break;
  case BENCH_QUERY_BATCH: put_query_batch(out, which, vectors); break;
  case BENCH_QUERY: put_query(out, which, vectors); break;
  }
  free(vectors);
  return !out->has_failed;
}

bool bench_encode_reply(const bench_case *which, bench_buffer *out) {
  switch (which->work) {
  case BENCH_UPSERT: bench_canned_upsert(out); break;
  case BENCH_QUERY_BATCH: bench_canned_query_batch(out, which->n_items, which->limit); break;
  case BENCH_QUERY: bench_canned_query(out, which->limit); break;
  }
  return !out->has_failed;
}
