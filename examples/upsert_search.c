/* The shortest useful program: five cities go in as columns, three searches come out of one call. */
#include <qdrant/build.h>
#include <qdrant/calls.h>
#include <qdrant/search.h>
#include <qdrant/upsert.h>
#include <stdio.h>
#include <stdlib.h>

static const char collection[] = "example-cities";

enum { n_cities = 5, n_queries = 3, dim = 2 };

static const char *const cities[] = {"Berlin", "Paris", "London", "Madrid", "Rome"};
static const float places[] = {52.5f, 13.4f, 48.9f, 2.4f, 51.5f, -0.1f, 40.4f, -3.7f, 41.9f, 12.5f};

/* A collection of two floats a point; one of that name that is left from before is dropped. */
static qdrant_status make_collection(qdrant_client *client, qdrant_error *err) {
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__DeleteCollection drop = QDRANT__DELETE_COLLECTION__INIT;
  drop.collection_name = (char *)collection;
  qdrant_status status = qdrant_collections_delete(client, &drop, NULL, &reply, err);
  qdrant_reply_free(reply);
  reply = NULL;
  if (status == QDRANT_OK || status == QDRANT_NOT_FOUND) {
    Qdrant__CreateCollection *create = qdrant_create_dense(arena, collection, dim, QDRANT__DISTANCE__Euclid);
    status = qdrant_collections_create(client, create, NULL, &reply, err);
  }
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status;
}

static qdrant_status store_cities(qdrant_client *client, qdrant_error *err) {
  uint64_t ids[n_cities] = {1, 2, 3, 4, 5};
  int32_t name_ends[n_cities + 1] = {0, 6, 11, 17, 23, 27}; /* of the names, one after the other, as in Arrow */
  qdrant_vector_column vectors = {.dim = dim, .values = places};
  qdrant_payload_column names = {.key = "name", .values = "BerlinParisLondonMadridRome", .offsets = name_ends};
  qdrant_point_batch points = QDRANT_POINT_BATCH_INIT;
  points.n_points = n_cities;
  points.ids = ids;
  points.vectors = &vectors;
  points.n_vectors = 1;
  points.payload = &names;
  points.n_payload = 1;
  return qdrant_upsert(client, collection, &points, NULL, NULL, NULL, err);
}

static qdrant_status search_near(qdrant_client *client, qdrant_error *err) {
  qdrant_vector_column vectors = {.dim = dim, .values = places}; /* the first three cities ask for their neighbours */
  qdrant_query_batch queries = QDRANT_QUERY_BATCH_INIT;
  queries.n_queries = n_queries;
  queries.vectors = &vectors;
  queries.limit = 2;
  queries.with_payload = QDRANT_ON;
  qdrant_hits *hits = NULL;
  qdrant_status status = qdrant_search(client, collection, &queries, NULL, &hits, err);
  for (size_t q = 0; status == QDRANT_OK && q < qdrant_hits_n_queries(hits); q++) {
    size_t first = 0, n = 0;
    status = qdrant_hits_query(hits, q, &first, &n, err);
    printf("near %s:", cities[q]);
    for (size_t i = first; status == QDRANT_OK && i < first + n; i++) {
      const char *payload = NULL;
      status = qdrant_hits_payload_json(hits, i, &payload, NULL, err);
      if (status == QDRANT_OK)
        printf(" %s %.2f", payload, (double)qdrant_hits_scores(hits)[i]);
    }
    printf("\n");
  }
  qdrant_hits_free(hits);
  return status;
}

int main(void) {
  qdrant_error err;
  qdrant_client *client = NULL;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = getenv("QDRANT_URL") ? getenv("QDRANT_URL") : ":memory:";
  options.api_key = getenv("QDRANT_API_KEY");
  qdrant_status status = qdrant_client_open(&options, &client, &err);
  if (status == QDRANT_OK)
    status = make_collection(client, &err);
  if (status == QDRANT_OK)
    status = store_cities(client, &err);
  if (status == QDRANT_OK)
    status = search_near(client, &err);
  if (status != QDRANT_OK)
    fprintf(stderr, "error: %s: %s\n", qdrant_status_name(status), err.message);
  qdrant_client_close(client);
  return status == QDRANT_OK ? 0 : 1;
}
