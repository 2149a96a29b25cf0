#include "bench/canned.h"

/* Field numbers are those of the published definitions (points.proto, json_with_int.proto, qdrant-client 1.20). */
enum { RESULT = 1, TIME = 2, UPDATE_OPERATION_ID = 1, UPDATE_STATUS = 2, STATUS_COMPLETED = 2 };
enum { BATCH_RESULT_HITS = 1, HIT_ID = 1, HIT_PAYLOAD = 2, HIT_SCORE = 3, HIT_VERSION = 5, ID_NUM = 1 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2, VALUE_DOUBLE = 2, VALUE_INTEGER = 3, VALUE_STRING = 4, VALUE_BOOL = 5 };

static const double server_seconds = 0.000125;

/* Opens a payload entry with its key and its value; the caller writes the value's one field. */
typedef struct payload_entry {
  size_t entry;
  size_t value;
} payload_entry;

static payload_entry begin_entry(bench_buffer *out, const char *key) {
  payload_entry at;
  at.entry = bench_message_begin(out, HIT_PAYLOAD);
  bench_put_text(out, ENTRY_KEY, key);
  at.value = bench_message_begin(out, ENTRY_VALUE);
  return at;
}

static void end_entry(bench_buffer *out, payload_entry at) {
  bench_message_end(out, at.value);
  bench_message_end(out, at.entry);
}

static void put_payload(bench_buffer *out, uint32_t rank) {
  payload_entry at = begin_entry(out, "category");
  bench_put_text(out, VALUE_STRING, rank % 2 ? "encyclopaedia" : "periodical");
  end_entry(out, at);
  at = begin_entry(out, "year");
  bench_put_uint(out, VALUE_INTEGER, 1990 + rank);
  end_entry(out, at);
  at = begin_entry(out, "price");
  bench_put_double(out, VALUE_DOUBLE, 12.5 + rank);
  end_entry(out, at);
  at = begin_entry(out, "in_stock");
  bench_put_uint(out, VALUE_BOOL, rank % 2);
  end_entry(out, at);
}

static void put_hits(bench_buffer *out, uint32_t hits_field, uint32_t limit) {
  for (uint32_t rank = 0; rank < limit; rank++) {
    size_t hit = bench_message_begin(out, hits_field);
    size_t id = bench_message_begin(out, HIT_ID);
    bench_put_uint(out, ID_NUM, 1000000u + rank);
    bench_message_end(out, id);
    put_payload(out, rank);
    bench_put_float(out, HIT_SCORE, 1.0f / (float)(1 + rank));
    bench_put_uint(out, HIT_VERSION, 7);
    bench_message_end(out, hit);
  }
}

void bench_canned_upsert(bench_buffer *out) {
  size_t result = bench_message_begin(out, RESULT);
  bench_put_uint(out, UPDATE_OPERATION_ID, 1);
  bench_put_uint(out, UPDATE_STATUS, STATUS_COMPLETED);
  bench_message_end(out, result);
  bench_put_double(out, TIME, server_seconds);
}

void bench_canned_query(bench_buffer *out, uint32_t limit) {
  put_hits(out, RESULT, limit);
  bench_put_double(out, TIME, server_seconds);
}

void bench_canned_query_batch(bench_buffer *out, uint64_t n_queries, uint32_t limit) {
  for (uint64_t query = 0; query < n_queries; query++) {
    size_t result = bench_message_begin(out, RESULT);
    put_hits(out, BATCH_RESULT_HITS, limit);
    bench_message_end(out, result);
  }
  bench_put_double(out, TIME, server_seconds);
}
