#include "cli/schema.h"

#include "cli/args.h"
#include "cli/fail.h"
#include "qdrant/calls.h"

#include <stdlib.h>
#include <string.h>

void qd_schema_free(qd_schema *schema) {
  for (size_t i = 0; i < schema->n; i++)
    free(schema->vectors[i].name);
  free(schema->vectors);
  *schema = (qd_schema){0};
}

qdrant_status qd_schema_add(qd_schema *schema, const char *name, size_t n_name, qdrant_vector_kind kind, uint64_t dim,
    Qdrant__Distance distance, qdrant_error *err) {
  qd_schema_vector *grown = realloc(schema->vectors, (schema->n + 1) * sizeof *grown);
  char *copy = name ? strndup(name, n_name) : NULL;
  if (grown)
    schema->vectors = grown;
  if (!grown || (name && !copy)) {
    free(copy);
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the collection's vectors");
  }
  schema->vectors[schema->n++] = (qd_schema_vector){copy, kind, dim, distance};
  return QDRANT_OK;
}

const qd_schema_vector *qd_schema_find(const qd_schema *schema, const char *name) {
  for (size_t i = 0; i < schema->n; i++) {
    const char *have = schema->vectors[i].name;
    if ((!have && !name) || (have && name && strcmp(have, name) == 0))
      return &schema->vectors[i];
  }
  return NULL;
}

qdrant_status qd_schema_need(
    const qd_schema *schema, const char *name, const qd_schema_vector **vector, qdrant_error *err) {
  *vector = qd_schema_find(schema, name);
  if (*vector)
    return QDRANT_OK;
  qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "the collection has no %s%s%s; it has",
      name ? "vector \"" : "unnamed vector", name ? name : "", name ? "\"" : "");
  for (size_t i = 0; i < schema->n; i++)
    qd_cli_suffix(err, "%s %s", i ? "," : "", schema->vectors[i].name ? schema->vectors[i].name : "an unnamed one");
  qd_cli_suffix(err, "%s: see --vector-name", schema->n ? "" : " none");
  return err->status;
}

static qdrant_status add_params(
    qd_schema *schema, const char *name, const Qdrant__VectorParams *params, qdrant_error *err) {
  if (!params)
    return QDRANT_OK;
  return qd_schema_add(schema, name, name ? strlen(name) : 0, params->multivector_config ? QDRANT_MULTI : QDRANT_DENSE,
      params->size, params->distance, err);
}

qdrant_status qd_schema_of_info(const Qdrant__CollectionInfo *info, qd_schema *schema, qdrant_error *err) {
  const Qdrant__CollectionParams *params = info->config ? info->config->params : NULL;
  const Qdrant__VectorsConfig *dense = params ? params->vectors_config : NULL;
  const Qdrant__SparseVectorConfig *sparse = params ? params->sparse_vectors_config : NULL;
  qdrant_status status = QDRANT_OK;
  if (dense && dense->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS)
    status = add_params(schema, NULL, dense->params, err);
  if (dense && dense->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP)
    for (size_t i = 0; status == QDRANT_OK && i < dense->params_map->n_map; i++)
      status = add_params(schema, dense->params_map->map[i]->key, dense->params_map->map[i]->value, err);
  for (size_t i = 0; status == QDRANT_OK && sparse && i < sparse->n_map; i++) {
    const char *name = sparse->map[i]->key;
    status = qd_schema_add(schema, name, strlen(name), QDRANT_SPARSE, 0, QDRANT__DISTANCE__Dot, err);
  }
  return status;
}

qdrant_status qd_schema_get(qdrant_client *client, const char *collection, qd_schema *schema, qdrant_error *err) {
  Qdrant__GetCollectionInfoRequest request = QDRANT__GET_COLLECTION_INFO_REQUEST__INIT;
  request.collection_name = (char *)collection;
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_collections_get(client, &request, NULL, &reply, err);
  if (status == QDRANT_OK) {
    const Qdrant__GetCollectionInfoResponse *response = qdrant_collections_get_response(reply, err);
    if (!response)
      status = err->status;
    else if (response->result)
      status = qd_schema_of_info(response->result, schema, err);
  }
  qdrant_reply_free(reply);
  return status;
}

static Qdrant__VectorParams *make_params(qdrant_arena *arena, const qd_schema_vector *vector) {
  Qdrant__VectorParams *params = QDRANT_NEW(arena, vector_params);
  if (!params)
    return NULL;
  QDRANT_SET(params, size, vector->dim);
  QDRANT_SET(params, distance, vector->distance);
  if (vector->kind != QDRANT_MULTI)
    return params;
  params->multivector_config = QDRANT_NEW(arena, multi_vector_config);
  if (!params->multivector_config)
    return NULL;
  QDRANT_SET(params->multivector_config, comparator, QDRANT__MULTI_VECTOR_COMPARATOR__MaxSim);
  return params;
}

/* Adds a vector to a request; 0 when out of memory. */
static int add_vector(qdrant_arena *arena, Qdrant__CreateCollection *request, const qd_schema_vector *vector) {
  if (vector->kind == QDRANT_SPARSE) {
    Qdrant__SparseVectorConfig__MapEntry *entry = QDRANT_NEW(arena, sparse_vector_config__map_entry);
    if (!request->sparse_vectors_config)
      request->sparse_vectors_config = QDRANT_NEW(arena, sparse_vector_config);
    if (!entry || !request->sparse_vectors_config || !(entry->value = QDRANT_NEW(arena, sparse_vector_params)))
      return 0;
    entry->key = vector->name;
    return QDRANT_APPEND(arena, request->sparse_vectors_config, map, entry);
  }
  Qdrant__VectorsConfig *config = request->vectors_config;
  if (!config && !(config = request->vectors_config = QDRANT_NEW(arena, vectors_config)))
    return 0;
  Qdrant__VectorParams *params = make_params(arena, vector);
  if (!vector->name) {
    config->config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS;
    config->params = params;
    return params != NULL;
  }
  Qdrant__VectorParamsMap__MapEntry *entry = QDRANT_NEW(arena, vector_params_map__map_entry);
  if (config->config_case != QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP) {
    config->config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP;
    config->params_map = QDRANT_NEW(arena, vector_params_map);
  }
  if (!params || !entry || !config->params_map)
    return 0;
  entry->key = vector->name;
  entry->value = params;
  return QDRANT_APPEND(arena, config->params_map, map, entry);
}

qdrant_status qd_schema_create(
    qdrant_client *client, const char *collection, const qd_schema *schema, qdrant_error *err) {
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__CreateCollection *request = arena ? QDRANT_NEW(arena, create_collection) : NULL;
  int is_built = request != NULL;
  for (size_t i = 0; is_built && i < schema->n; i++)
    is_built = add_vector(arena, request, &schema->vectors[i]);
  qdrant_reply *reply = NULL;
  qdrant_status status;
  if (is_built) {
    request->collection_name = (char *)collection;
    status = qdrant_collections_create(client, request, NULL, &reply, err);
  } else {
    status = qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the request");
  }
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status;
}

qdrant_status qd_schema_of_source(
    qdrant_source *source, Qdrant__Distance distance, qd_schema *schema, qdrant_error *err) {
  const qdrant_source_vector *found;
  size_t n;
  qdrant_status status = qdrant_source_schema(source, &found, &n, err);
  for (size_t i = 0; status == QDRANT_OK && i < n; i++)
    status = qd_schema_add(
        schema, found[i].name, found[i].name ? strlen(found[i].name) : 0, found[i].kind, found[i].dim, distance, err);
  return status;
}

qdrant_status qd_schema_expect(const qd_schema *schema, qdrant_source *source, qdrant_error *err) {
  qdrant_source_vector *vectors = calloc(schema->n + 1, sizeof *vectors);
  if (!vectors)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the collection's vectors");
  for (size_t i = 0; i < schema->n; i++)
    vectors[i] =
        (qdrant_source_vector){schema->vectors[i].name, schema->vectors[i].kind, (uint32_t)schema->vectors[i].dim};
  qdrant_status status = qdrant_source_expect(source, vectors, schema->n, err);
  free(vectors);
  return status;
}

const char *qd_kind_name(qdrant_vector_kind kind) {
  static const char *const names[] = {"dense", "sparse", "multi"};
  return names[kind];
}

const char *qd_distance_name(Qdrant__Distance distance) {
  if (distance < QDRANT__DISTANCE__Cosine || distance > QDRANT__DISTANCE__Manhattan)
    return "unknown";
  return qd_distances[distance - 1];
}
