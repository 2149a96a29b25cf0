#include "bench/columns.h"

#include "bench/library.h"
#include "qdrant/search.h"
#include "qdrant/upsert.h"

static qdrant_vector_column vector_column(const bench_library *library) {
  return (qdrant_vector_column){.kind = QDRANT_DENSE, .dim = library->which->dim, .values = library->vectors};
}

static qdrant_point_batch point_batch(const bench_library *library, const qdrant_vector_column *vectors) {
  return (qdrant_point_batch){.size = sizeof(qdrant_point_batch),
      .n_points = library->which->n_items,
      .ids = library->ids,
      .vectors = vectors,
      .n_vectors = 1};
}

static const qdrant_upsert_options upsert_options = {.size = sizeof upsert_options, .wait = QDRANT_OFF};

static qdrant_status start_upsert(
    const bench_library *library, void *state, const qdrant_then *then, qdrant_error *err) {
  (void)state;
  qdrant_vector_column vectors = vector_column(library);
  qdrant_point_batch batch = point_batch(library, &vectors);
  return qdrant_upsert_start(library->client, BENCH_COLLECTION, &batch, &upsert_options, NULL, then, err);
}

static qdrant_status call_upsert(const bench_library *library, void *state, qdrant_error *err) {
  (void)state;
  qdrant_vector_column vectors = vector_column(library);
  qdrant_point_batch batch = point_batch(library, &vectors);
  return qdrant_upsert(library->client, BENCH_COLLECTION, &batch, &upsert_options, NULL, NULL, err);
}

static qdrant_query_batch query_batch(const bench_library *library, const qdrant_vector_column *vectors) {
  return (qdrant_query_batch){.size = sizeof(qdrant_query_batch),
      .n_queries = library->which->n_items,
      .vectors = vectors,
      .limit = library->which->limit,
      .with_payload = QDRANT_ON,
      .batch_size = library->which->n_items};
}

static qdrant_status start_search(
    const bench_library *library, void *state, const qdrant_then *then, qdrant_error *err) {
  (void)state;
  qdrant_vector_column vectors = vector_column(library);
  qdrant_query_batch queries = query_batch(library, &vectors);
  return qdrant_search_start(library->client, BENCH_COLLECTION, &queries, NULL, then, err);
}

/* Ids and scores as arrays; payloads stay encoded until somebody asks. */
static qdrant_status check_hits(const bench_library *library, const qdrant_hits *hits, qdrant_error *err) {
  size_t n_hits = qdrant_hits_nums(hits) && qdrant_hits_scores(hits) ? qdrant_hits_count(hits) : 0;
  return bench_library_expect_hits(library, n_hits, err);
}

static qdrant_status read_hits(const bench_library *library, qdrant_reply **reply, qdrant_error *err) {
  qdrant_hits *hits = NULL;
  qdrant_status status = qdrant_hits_take(reply, &hits, err);
  if (status != QDRANT_OK)
    return status;
  status = check_hits(library, hits, err);
  qdrant_hits_free(hits);
  return status;
}

static qdrant_status call_search(const bench_library *library, void *state, qdrant_error *err) {
  (void)state;
  qdrant_vector_column vectors = vector_column(library);
  qdrant_query_batch queries = query_batch(library, &vectors);
  qdrant_hits *hits = NULL;
  qdrant_status status = qdrant_search(library->client, BENCH_COLLECTION, &queries, NULL, &hits, err);
  if (status == QDRANT_OK)
    status = check_hits(library, hits, err);
  qdrant_hits_free(hits);
  return status;
}

bool bench_columns_open(const bench_case *which, uint16_t port, void **state, bench_error *err) {
  static const library_work upsert = {.start = start_upsert, .read = bench_library_read_nothing, .call = call_upsert};
  static const library_work search = {.start = start_search, .read = read_hits, .call = call_search};
  return bench_library_open(which->work == BENCH_UPSERT ? &upsert : &search, which, port, state, err);
}
