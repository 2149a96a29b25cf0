#include "memory/config_draft.h"

#include "core/error.h"

#include <string.h>

void qd_config_draft_begin(qd_config_draft *made, const qd_config *old, qd_arena *scratch) {
  made->arena = scratch;
  made->config = *old->message;
  made->params = *old->message->params;
  made->config.params = &made->params;
}

qdrant_status(qd_config_fail_memory)(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection's settings");
}

void *qd_config_draft_copy(const qd_config_draft *made, const void *object, size_t n_bytes) {
  void *copy = qd_arena_alloc(made->arena, n_bytes);
  if (copy != NULL)
    memcpy(copy, object, n_bytes);
  return copy;
}

void *qd_config_draft_list(const qd_config_draft *made, void *items, size_t n, size_t n_more) {
  void **copy = qd_arena_alloc(made->arena, (n + n_more + 1) * sizeof *copy);
  if (copy != NULL && n > 0)
    memcpy(copy, items, n * sizeof *copy);
  return copy;
}

Qdrant__VectorParamsMap *qd_config_draft_open_dense(qd_config_draft *made, size_t n_more) {
  const Qdrant__VectorsConfig *old = made->params.vectors_config;
  Qdrant__VectorParamsMap *map = qd_arena_alloc(made->arena, sizeof *map);
  if (map == NULL)
    return NULL;
  qdrant__vector_params_map__init(map);
  if (old->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS) {
    Qdrant__VectorParamsMap__MapEntry *entry = qd_arena_alloc(made->arena, sizeof *entry);
    map->map = qd_arena_alloc(made->arena, (n_more + 1) * sizeof(Qdrant__VectorParamsMap__MapEntry *));
    if (entry == NULL || map->map == NULL)
      return NULL;
    qdrant__vector_params_map__map_entry__init(entry);
    entry->value = old->params;
    map->map[map->n_map++] = entry;
    return map;
  }
  map->n_map = old->params_map->n_map;
  map->map = qd_config_draft_list(made, old->params_map->map, map->n_map, n_more);
  return map->map != NULL ? map : NULL;
}

int qd_config_draft_close_dense(qd_config_draft *made, Qdrant__VectorParamsMap *map) {
  Qdrant__VectorsConfig *vectors = qd_config_draft_copy(made, made->params.vectors_config, sizeof *vectors);
  if (vectors == NULL)
    return 0;
  int was_single = vectors->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS;
  if (was_single && map->n_map == 1) {
    vectors->params = map->map[0]->value;
  } else {
    vectors->config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP;
    vectors->params_map = map;
  }
  made->params.vectors_config = vectors;
  return 1;
}

Qdrant__SparseVectorConfig *qd_config_draft_open_sparse(qd_config_draft *made, size_t n_more) {
  const Qdrant__SparseVectorConfig *old = made->params.sparse_vectors_config;
  Qdrant__SparseVectorConfig *map = qd_arena_alloc(made->arena, sizeof *map);
  if (map == NULL)
    return NULL;
  qdrant__sparse_vector_config__init(map);
  map->n_map = old != NULL ? old->n_map : 0;
  map->map = qd_config_draft_list(made, old != NULL ? old->map : NULL, map->n_map, n_more);
  made->params.sparse_vectors_config = map;
  return map->map != NULL ? map : NULL;
}

static int add_dense(qd_config_draft *made, const char *name, const Qdrant__VectorParams *params) {
  Qdrant__VectorParamsMap *map = qd_config_draft_open_dense(made, 1);
  Qdrant__VectorParamsMap__MapEntry *entry = map != NULL ? qd_arena_alloc(made->arena, sizeof *entry) : NULL;
  if (entry == NULL)
    return 0;
  qdrant__vector_params_map__map_entry__init(entry);
  entry->key = (char *)name;
  entry->value = (Qdrant__VectorParams *)params;
  map->map[map->n_map++] = entry;
  return qd_config_draft_close_dense(made, map);
}

static int add_sparse(qd_config_draft *made, const char *name, const Qdrant__SparseVectorParams *params) {
  Qdrant__SparseVectorConfig *map = qd_config_draft_open_sparse(made, 1);
  Qdrant__SparseVectorConfig__MapEntry *entry = map != NULL ? qd_arena_alloc(made->arena, sizeof *entry) : NULL;
  if (entry == NULL)
    return 0;
  qdrant__sparse_vector_config__map_entry__init(entry);
  entry->key = (char *)name;
  entry->value = (Qdrant__SparseVectorParams *)params;
  map->map[map->n_map++] = entry;
  return 1;
}

qdrant_status qd_config_add_vector(const qd_config *old, const char *name, const Qdrant__VectorParams *dense,
    const Qdrant__SparseVectorParams *sparse, qd_arena *scratch, qd_config **config, qdrant_error *err) {
  qd_config_draft made;
  qd_config_draft_begin(&made, old, scratch);
  int is_done = dense != NULL ? add_dense(&made, name, dense) : add_sparse(&made, name, sparse);
  return is_done ? qd_config_new(&made.config, config, err) : qd_config_fail_memory(err);
}

static int remove_dense(qd_config_draft *made, const char *name) {
  Qdrant__VectorParamsMap *map = qd_config_draft_open_dense(made, 0);
  size_t n_kept = 0;
  if (map == NULL)
    return 0;
  for (size_t i = 0; i < map->n_map; i++)
    if (strcmp(map->map[i]->key, name) != 0)
      map->map[n_kept++] = map->map[i];
  map->n_map = n_kept;
  return qd_config_draft_close_dense(made, map);
}

static int remove_sparse(qd_config_draft *made, const char *name) {
  Qdrant__SparseVectorConfig *map = qd_config_draft_open_sparse(made, 0);
  size_t n_kept = 0;
  if (map == NULL)
    return 0;
  for (size_t i = 0; i < map->n_map; i++)
    if (strcmp(map->map[i]->key, name) != 0)
      map->map[n_kept++] = map->map[i];
  map->n_map = n_kept;
  return 1;
}

qdrant_status qd_config_remove_vector(
    const qd_config *old, const char *name, qd_arena *scratch, qd_config **config, qdrant_error *err) {
  qd_config_draft made;
  qd_config_draft_begin(&made, old, scratch);
  int is_done = remove_dense(&made, name) && (made.params.sparse_vectors_config == NULL || remove_sparse(&made, name));
  return is_done ? qd_config_new(&made.config, config, err) : qd_config_fail_memory(err);
}
