/* The first program of a C user: a test server, ten points, one batched search. */
#include <qdrant/build.h>
#include <qdrant/calls.h>
#include <qdrant/mock.h>
#include <qdrant/search.h>
#include <qdrant/upsert.h>
#include <stdio.h>

static qdrant_status store_and_search(qdrant_client *client, qdrant_error *err) {
  enum { n = 10, dim = 4 };
  uint64_t ids[n];
  float rows[n * dim];
  for (unsigned i = 0; i < n; i++) {
    ids[i] = i + 1;
    for (unsigned d = 0; d < dim; d++)
      rows[i * dim + d] = (float)((i * 7 + d * 3) % 11) + 1.0f;
  }
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__CreateCollection *create = qdrant_create_dense(arena, "user", dim, QDRANT__DISTANCE__Euclid);
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_collections_create(client, create, NULL, &reply, err);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  if (status != QDRANT_OK)
    return status;

  qdrant_vector_column vectors = {.dim = dim, .values = rows};
  qdrant_point_batch points = QDRANT_POINT_BATCH_INIT;
  points.n_points = n;
  points.ids = ids;
  points.vectors = &vectors;
  points.n_vectors = 1;
  status = qdrant_upsert(client, "user", &points, NULL, NULL, NULL, err);
  if (status != QDRANT_OK)
    return status;

  qdrant_query_batch queries = QDRANT_QUERY_BATCH_INIT;
  queries.n_queries = 3;
  queries.vectors = &vectors;
  queries.limit = 1;
  qdrant_hits *hits = NULL;
  status = qdrant_search(client, "user", &queries, NULL, &hits, err);
  for (size_t q = 0; status == QDRANT_OK && q < qdrant_hits_n_queries(hits); q++) {
    size_t first = 0, found = 0;
    status = qdrant_hits_query(hits, q, &first, &found, err);
    if (status == QDRANT_OK)
      printf("query %zu: nearest id %llu, distance %g\n", q, (unsigned long long)qdrant_hits_nums(hits)[first],
          (double)qdrant_hits_scores(hits)[first]);
  }
  qdrant_hits_free(hits);
  return status;
}

int main(void) {
  qdrant_error err;
  qdrant_mock *server = NULL;
  qdrant_client *client = NULL;
  qdrant_status status = qdrant_mock_start(NULL, &server, &err);
  if (status == QDRANT_OK) {
    qdrant_options options = QDRANT_OPTIONS_INIT;
    options.url = qdrant_mock_url(server);
    status = qdrant_client_open(&options, &client, &err);
  }
  if (status == QDRANT_OK)
    status = store_and_search(client, &err);
  if (status != QDRANT_OK)
    fprintf(stderr, "error: %s: %s\n", qdrant_status_name(status), err.message);
  qdrant_client_close(client);
  qdrant_mock_stop(server);
  return status == QDRANT_OK ? 0 : 1;
}
