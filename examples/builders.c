/* Points with a named, a sparse and a multi vector, nested payload and a filtered query, all made with builders. */
#include <qdrant/build.h>
#include <qdrant/calls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char collection[] = "example-builders";

/* Builders give NULL when out of memory; this program has nothing better to do then than to end. */
static void *must(void *made) {
  if (!made) {
    fputs("error: out of memory\n", stderr);
    exit(1);
  }
  return made;
}

static Qdrant__VectorParamsMap__MapEntry *dense_params(qdrant_arena *arena, const char *name, int is_multi) {
  Qdrant__VectorParamsMap__MapEntry *entry = must(QDRANT_NEW(arena, vector_params_map__map_entry));
  entry->key = qdrant_arena_strdup(arena, name);
  entry->value = must(QDRANT_NEW(arena, vector_params));
  QDRANT_SET(entry->value, size, 3);
  QDRANT_SET(entry->value, distance, QDRANT__DISTANCE__Cosine);
  if (is_multi) {
    entry->value->multivector_config = must(QDRANT_NEW(arena, multi_vector_config));
    QDRANT_SET(entry->value->multivector_config, comparator, QDRANT__MULTI_VECTOR_COMPARATOR__MaxSim);
  }
  return entry;
}

static qdrant_status create(qdrant_client *client, qdrant_arena *arena, qdrant_error *err) {
  Qdrant__CreateCollection *request = must(QDRANT_NEW(arena, create_collection));
  request->collection_name = (char *)collection;
  request->vectors_config = must(QDRANT_NEW(arena, vectors_config));
  request->vectors_config->config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP;
  request->vectors_config->params_map = must(QDRANT_NEW(arena, vector_params_map));
  QDRANT_APPEND(arena, request->vectors_config->params_map, map, dense_params(arena, "text", 0));
  QDRANT_APPEND(arena, request->vectors_config->params_map, map, dense_params(arena, "tokens", 1));
  Qdrant__SparseVectorConfig__MapEntry *sparse = must(QDRANT_NEW(arena, sparse_vector_config__map_entry));
  sparse->key = qdrant_arena_strdup(arena, "terms");
  sparse->value = must(QDRANT_NEW(arena, sparse_vector_params));
  request->sparse_vectors_config = must(QDRANT_NEW(arena, sparse_vector_config));
  QDRANT_APPEND(arena, request->sparse_vectors_config, map, sparse);
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_collections_create(client, request, NULL, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

/* Point number i, its payload from JSON text. */
static Qdrant__PointStruct *make_point(qdrant_arena *arena, uint64_t i, const char *json, qdrant_error *err) {
  static const float text[][3] = {{1, 0, 0}, {0.8f, 0.6f, 0}, {0, 0, 1}};
  static const float tokens[][6] = {{1, 0, 0, 0, 1, 0}, {0, 1, 0, 0, 0, 1}, {0, 0, 1, 1, 0, 0}};
  static const uint32_t terms[] = {7, 11};
  static const float weights[] = {0.5f, 0.25f};
  Qdrant__Vectors *vectors = qdrant_vectors_named(arena);
  qdrant_vectors_add(arena, vectors, "text", qdrant_vector_dense(arena, text[i], 3));
  qdrant_vectors_add(arena, vectors, "tokens", qdrant_vector_multi(arena, tokens[i], 2, 3));
  qdrant_vectors_add(arena, vectors, "terms", qdrant_vector_sparse(arena, terms, weights, 2));
  Qdrant__PointStruct *point = qdrant_point(arena, qdrant_point_id_num(arena, i + 1), vectors);
  return qdrant_point_payload_json(arena, point, json, strlen(json), err) == QDRANT_OK ? point : NULL;
}

static qdrant_status upsert(qdrant_client *client, qdrant_arena *arena, qdrant_error *err) {
  static const char *const payloads[] = {
      "{\"city\": \"Berlin\", \"size\": {\"people\": 3700000}}",
      "{\"city\": \"Hamburg\", \"size\": {\"people\": 1900000}}",
      "{\"city\": \"Bonn\", \"size\": {\"people\": 330000}}",
  };
  Qdrant__UpsertPoints *request = must(QDRANT_NEW(arena, upsert_points));
  request->collection_name = (char *)collection;
  QDRANT_SET(request, wait, 1);
  for (uint64_t i = 0; i < 3; i++)
    QDRANT_APPEND(arena, request, points, make_point(arena, i, payloads[i], err));
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_points_upsert(client, request, NULL, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

/* Nearest to a vector among the cities of a million people or more. */
static qdrant_status query(qdrant_client *client, qdrant_arena *arena, qdrant_error *err) {
  static const float wanted[] = {0.9f, 0.1f, 0.4f};
  double million = 1e6;
  Qdrant__QueryPoints *request = must(QDRANT_NEW(arena, query_points));
  request->collection_name = (char *)collection;
  request->using_ = qdrant_arena_strdup(arena, "text");
  request->query = qdrant_query_dense(arena, wanted, 3);
  request->filter = must(QDRANT_NEW(arena, filter));
  QDRANT_APPEND(arena, request->filter, must, qdrant_range(arena, "size.people", NULL, &million, NULL, NULL));
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_points_query(client, request, NULL, &reply, err);
  if (status == QDRANT_OK) {
    const Qdrant__QueryResponse *response = qdrant_points_query_response(reply, err);
    for (size_t i = 0; i < response->n_result; i++)
      printf("id %llu, similarity %.3f\n", (unsigned long long)response->result[i]->id->num,
          (double)response->result[i]->score);
  }
  qdrant_reply_free(reply);
  return status;
}

static void drop(qdrant_client *client) {
  Qdrant__DeleteCollection request = QDRANT__DELETE_COLLECTION__INIT;
  qdrant_reply *reply = NULL;
  request.collection_name = (char *)collection;
  (void)qdrant_collections_delete(client, &request, NULL, &reply, NULL); /* there may be none */
  qdrant_reply_free(reply);
}

int main(void) {
  qdrant_error err;
  qdrant_client *client = NULL;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = getenv("QDRANT_URL") ? getenv("QDRANT_URL") : ":memory:";
  options.api_key = getenv("QDRANT_API_KEY");
  qdrant_arena *arena = must(qdrant_arena_new());
  qdrant_status status = qdrant_client_open(&options, &client, &err);
  if (status == QDRANT_OK) {
    drop(client);
    status = create(client, arena, &err);
  }
  if (status == QDRANT_OK)
    status = upsert(client, arena, &err);
  if (status == QDRANT_OK)
    status = query(client, arena, &err);
  if (status != QDRANT_OK)
    fprintf(stderr, "error: %s: %s\n", qdrant_status_name(status), err.message);
  qdrant_client_close(client);
  qdrant_arena_free(arena);
  return status == QDRANT_OK ? 0 : 1;
}
