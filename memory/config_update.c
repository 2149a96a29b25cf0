#include "core/error.h"
#include "memory/clone.h"
#include "memory/config.h"

#include <string.h>

/* A config under change: a message whose parts are replaced one after the other, in an arena; it is copied in the end.
 * What is not replaced is the old config's. Functions answer 0, or NULL, when out of memory. */
typedef struct draft {
  qd_arena *arena;
  Qdrant__CollectionConfig config;
  Qdrant__CollectionParams params;
} draft;

typedef Qdrant__VectorParamsMap__MapEntry dense_entry;
typedef Qdrant__SparseVectorConfig__MapEntry sparse_entry;

static void begin_draft(draft *made, const qd_config *old, qd_arena *scratch) {
  made->arena = scratch;
  made->config = *old->message;
  made->params = *old->message->params;
  made->config.params = &made->params;
}

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection's settings");
}

static qdrant_status fail_name(const char *name, qdrant_error *err) {
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: %s", name);
}

/* A copy in the draft's arena, of an object itself and not of what it points to. */
static void *copy_flat(const draft *made, const void *object, size_t n_bytes) {
  void *copy = qd_arena_alloc(made->arena, n_bytes);
  if (copy != NULL)
    memcpy(copy, object, n_bytes);
  return copy;
}

static void *copy_array(const draft *made, void *items, size_t n, size_t n_more) {
  void **copy = qd_arena_alloc(made->arena, (n + n_more + 1) * sizeof *copy);
  if (copy != NULL && n > 0)
    memcpy(copy, items, n * sizeof *copy);
  return copy;
}

/* The vectors as a list of names that can be changed, the unnamed one alone included. */
static Qdrant__VectorParamsMap *open_dense(draft *made, size_t n_more) {
  const Qdrant__VectorsConfig *old = made->params.vectors_config;
  Qdrant__VectorParamsMap *map = qd_arena_alloc(made->arena, sizeof *map);
  if (map == NULL)
    return NULL;
  qdrant__vector_params_map__init(map);
  if (old->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS) {
    dense_entry *entry = qd_arena_alloc(made->arena, sizeof *entry);
    map->map = qd_arena_alloc(made->arena, (n_more + 1) * sizeof(dense_entry *));
    if (entry == NULL || map->map == NULL)
      return NULL;
    qdrant__vector_params_map__map_entry__init(entry);
    entry->value = old->params;
    map->map[map->n_map++] = entry;
    return map;
  }
  map->n_map = old->params_map->n_map;
  map->map = copy_array(made, old->params_map->map, map->n_map, n_more);
  return map->map != NULL ? map : NULL;
}

/* Puts the list back, in the form it had if it still fits. */
static int close_dense(draft *made, Qdrant__VectorParamsMap *map) {
  Qdrant__VectorsConfig *vectors = copy_flat(made, made->params.vectors_config, sizeof *vectors);
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

static Qdrant__SparseVectorConfig *open_sparse(draft *made, size_t n_more) {
  const Qdrant__SparseVectorConfig *old = made->params.sparse_vectors_config;
  Qdrant__SparseVectorConfig *map = qd_arena_alloc(made->arena, sizeof *map);
  if (map == NULL)
    return NULL;
  qdrant__sparse_vector_config__init(map);
  map->n_map = old != NULL ? old->n_map : 0;
  map->map = copy_array(made, old != NULL ? old->map : NULL, map->n_map, n_more);
  made->params.sparse_vectors_config = map;
  return map->map != NULL ? map : NULL;
}

/* NULL, too, for Disabled; *is_done is 0 when out of memory. */
static Qdrant__QuantizationConfig *read_quantization(
    const draft *made, const Qdrant__QuantizationConfigDiff *diff, int *is_done) {
  *is_done = 1;
  if (diff->quantization_case == QDRANT__QUANTIZATION_CONFIG_DIFF__QUANTIZATION_DISABLED ||
      diff->quantization_case == QDRANT__QUANTIZATION_CONFIG_DIFF__QUANTIZATION__NOT_SET)
    return NULL;
  Qdrant__QuantizationConfig *config = qd_arena_alloc(made->arena, sizeof *config);
  *is_done = config != NULL;
  if (config == NULL)
    return NULL;
  qdrant__quantization_config__init(config);
  switch (diff->quantization_case) {
  case QDRANT__QUANTIZATION_CONFIG_DIFF__QUANTIZATION_SCALAR:
    config->quantization_case = QDRANT__QUANTIZATION_CONFIG__QUANTIZATION_SCALAR;
    config->scalar = diff->scalar;
    break;
  case QDRANT__QUANTIZATION_CONFIG_DIFF__QUANTIZATION_PRODUCT:
    config->quantization_case = QDRANT__QUANTIZATION_CONFIG__QUANTIZATION_PRODUCT;
    config->product = diff->product;
    break;
  case QDRANT__QUANTIZATION_CONFIG_DIFF__QUANTIZATION_BINARY:
    config->quantization_case = QDRANT__QUANTIZATION_CONFIG__QUANTIZATION_BINARY;
    config->binary = diff->binary;
    break;
  default:
    config->quantization_case = QDRANT__QUANTIZATION_CONFIG__QUANTIZATION_TURBOQUANT;
    config->turboquant = diff->turboquant;
    break;
  }
  return config;
}

/* One vector's parameters with the changes. */
static Qdrant__VectorParams *change_dense(
    const draft *made, const Qdrant__VectorParams *old, const Qdrant__VectorParamsDiff *diff) {
  Qdrant__VectorParams *params = copy_flat(made, old, sizeof *params);
  int is_done = params != NULL;
  if (is_done && diff->hnsw_config != NULL)
    is_done = (params->hnsw_config = qd_message_merge(old->hnsw_config, diff->hnsw_config, made->arena)) != NULL;
  if (is_done && diff->quantization_config != NULL)
    params->quantization_config = read_quantization(made, diff->quantization_config, &is_done);
  if (is_done && diff->has_on_disk) {
    params->has_on_disk = 1;
    params->on_disk = diff->on_disk;
  }
  return is_done ? params : NULL;
}

static qdrant_status change_dense_entry(const draft *made, Qdrant__VectorParamsMap *map, const char *name,
    const Qdrant__VectorParamsDiff *diff, qdrant_error *err) {
  static const Qdrant__VectorParamsDiff nothing = QDRANT__VECTOR_PARAMS_DIFF__INIT;
  for (size_t i = 0; i < map->n_map; i++) {
    if (strcmp(map->map[i]->key, name) != 0)
      continue;
    dense_entry *entry = copy_flat(made, map->map[i], sizeof *entry);
    if (entry == NULL)
      return fail_memory(err);
    entry->value = change_dense(made, entry->value, diff != NULL ? diff : &nothing);
    map->map[i] = entry;
    return entry->value != NULL ? QDRANT_OK : fail_memory(err);
  }
  return fail_name(name, err);
}

static qdrant_status update_dense(draft *made, const Qdrant__VectorsConfigDiff *diff, qdrant_error *err) {
  Qdrant__VectorParamsMap *map = open_dense(made, 0);
  if (map == NULL)
    return fail_memory(err);
  qdrant_status status = QDRANT_OK;
  if (diff->config_case == QDRANT__VECTORS_CONFIG_DIFF__CONFIG_PARAMS)
    status = change_dense_entry(made, map, "", diff->params, err);
  if (diff->config_case == QDRANT__VECTORS_CONFIG_DIFF__CONFIG_PARAMS_MAP)
    for (size_t i = 0; i < diff->params_map->n_map && status == QDRANT_OK; i++)
      status = change_dense_entry(made, map, diff->params_map->map[i]->key, diff->params_map->map[i]->value, err);
  if (status == QDRANT_OK && !close_dense(made, map))
    status = fail_memory(err);
  return status;
}

static qdrant_status change_sparse_entry(
    const draft *made, Qdrant__SparseVectorConfig *map, const sparse_entry *change, qdrant_error *err) {
  for (size_t i = 0; i < map->n_map; i++) {
    if (strcmp(map->map[i]->key, change->key) != 0)
      continue;
    map->map[i] = qd_message_merge(map->map[i], change, made->arena);
    return map->map[i] != NULL ? QDRANT_OK : fail_memory(err);
  }
  return fail_name(change->key, err);
}

static qdrant_status update_sparse(draft *made, const Qdrant__SparseVectorConfig *diff, qdrant_error *err) {
  Qdrant__SparseVectorConfig *map = open_sparse(made, 0);
  qdrant_status status = map != NULL ? QDRANT_OK : fail_memory(err);
  for (size_t i = 0; i < diff->n_map && status == QDRANT_OK; i++)
    status = change_sparse_entry(made, map, diff->map[i], err);
  return status;
}

/* The number of threads is said by either of two fields. */
static int update_optimizer(draft *made, const Qdrant__OptimizersConfigDiff *diff) {
  Qdrant__OptimizersConfigDiff base = *made->config.optimizer_config;
  Qdrant__MaxOptimizationThreads *threads = qd_arena_alloc(made->arena, sizeof *threads);
  if (threads == NULL)
    return 0;
  qdrant__max_optimization_threads__init(threads);
  if (diff->max_optimization_threads != NULL || diff->has_deprecated_max_optimization_threads) {
    base.max_optimization_threads = NULL;
    base.has_deprecated_max_optimization_threads = 0;
  }
  made->config.optimizer_config = qd_message_merge(&base, diff, made->arena);
  if (made->config.optimizer_config == NULL)
    return 0;
  qd_config_fill_threads(made->config.optimizer_config, threads);
  return 1;
}

/* Gives a setting the change's value if it has one. */
#define QD_CHANGE(settings, change, field)                                                                             \
  ((settings).field = (change)->has_##field ? (change)->field : (settings).field,                                      \
      (settings).has_##field = (settings).has_##field || (change)->has_##field)

static int update_params(draft *made, const Qdrant__CollectionParamsDiff *diff) {
  Qdrant__CollectionParams *params = &made->params;
  QD_CHANGE(*params, diff, replication_factor);
  QD_CHANGE(*params, diff, write_consistency_factor);
  QD_CHANGE(*params, diff, on_disk_payload);
  QD_CHANGE(*params, diff, read_fan_out_factor);
  QD_CHANGE(*params, diff, read_fan_out_delay_ms);
  if (diff->payload != NULL)
    params->payload = qd_message_merge(params->payload, diff->payload, made->arena);
  if (diff->id_tracker != NULL)
    params->id_tracker = qd_message_merge(params->id_tracker, diff->id_tracker, made->arena);
  return (diff->payload == NULL || params->payload != NULL) && (diff->id_tracker == NULL || params->id_tracker != NULL);
}

/* Maps in it are replaced, as numbers are. */
static int update_strict_mode(draft *made, const Qdrant__StrictModeConfig *diff) {
  Qdrant__StrictModeConfig base = QDRANT__STRICT_MODE_CONFIG__INIT;
  if (made->config.strict_mode_config != NULL)
    base = *made->config.strict_mode_config;
  if (diff->multivector_config != NULL)
    base.multivector_config = NULL;
  if (diff->sparse_config != NULL)
    base.sparse_config = NULL;
  made->config.strict_mode_config = qd_message_merge(&base, diff, made->arena);
  return made->config.strict_mode_config != NULL;
}

static int has_key(size_t n, Qdrant__UpdateCollection__MetadataEntry *const *entries, const ProtobufCBinaryData *key) {
  for (size_t i = 0; i < n; i++)
    if (entries[i]->key.len == key->len && (key->len == 0 || memcmp(entries[i]->key.data, key->data, key->len) == 0))
      return 1;
  return 0;
}

/* A null takes its entry away. */
static int update_metadata(draft *made, size_t n, Qdrant__UpdateCollection__MetadataEntry *const *entries) {
  Qdrant__CollectionConfig *config = &made->config;
  Qdrant__CollectionConfig__MetadataEntry **kept = copy_array(made, NULL, 0, config->n_metadata + n);
  size_t n_kept = 0;
  if (kept == NULL)
    return 0;
  for (size_t i = 0; i < config->n_metadata; i++)
    if (!has_key(n, entries, &config->metadata[i]->key))
      kept[n_kept++] = config->metadata[i];
  for (size_t i = 0; i < n; i++)
    if (entries[i]->value != NULL && entries[i]->value->kind_case != QDRANT__VALUE__KIND_NULL_VALUE &&
        entries[i]->value->kind_case != QDRANT__VALUE__KIND__NOT_SET)
      /* Entries of one map under two names; only their packed form, which is the same, is looked at. */
      kept[n_kept++] = (Qdrant__CollectionConfig__MetadataEntry *)(void *)entries[i];
  config->n_metadata = n_kept;
  config->metadata = kept;
  return 1;
}

static int update_plain(draft *made, const Qdrant__UpdateCollection *request) {
  int is_done = 1;
  if (request->optimizers_config != NULL)
    is_done = update_optimizer(made, request->optimizers_config);
  if (is_done && request->params != NULL)
    is_done = update_params(made, request->params);
  if (is_done && request->hnsw_config != NULL) {
    made->config.hnsw_config = qd_message_merge(made->config.hnsw_config, request->hnsw_config, made->arena);
    is_done = made->config.hnsw_config != NULL;
  }
  if (is_done && request->quantization_config != NULL)
    made->config.quantization_config = read_quantization(made, request->quantization_config, &is_done);
  if (is_done && request->strict_mode_config != NULL)
    is_done = update_strict_mode(made, request->strict_mode_config);
  return is_done && update_metadata(made, request->n_metadata, request->metadata);
}

qdrant_status qd_config_update(const qd_config *old, const Qdrant__UpdateCollection *request, qd_arena *scratch,
    qd_config **config, qdrant_error *err) {
  draft made;
  begin_draft(&made, old, scratch);
  qdrant_status status = update_plain(&made, request) ? QDRANT_OK : fail_memory(err);
  if (status == QDRANT_OK && request->vectors_config != NULL)
    status = update_dense(&made, request->vectors_config, err);
  if (status == QDRANT_OK && request->sparse_vectors_config != NULL)
    status = update_sparse(&made, request->sparse_vectors_config, err);
  return status == QDRANT_OK ? qd_config_new(&made.config, config, err) : status;
}

static int add_dense(draft *made, const char *name, const Qdrant__VectorParams *params) {
  Qdrant__VectorParamsMap *map = open_dense(made, 1);
  dense_entry *entry = map != NULL ? qd_arena_alloc(made->arena, sizeof *entry) : NULL;
  if (entry == NULL)
    return 0;
  qdrant__vector_params_map__map_entry__init(entry);
  entry->key = (char *)name;
  entry->value = (Qdrant__VectorParams *)params;
  map->map[map->n_map++] = entry;
  return close_dense(made, map);
}

static int add_sparse(draft *made, const char *name, const Qdrant__SparseVectorParams *params) {
  Qdrant__SparseVectorConfig *map = open_sparse(made, 1);
  sparse_entry *entry = map != NULL ? qd_arena_alloc(made->arena, sizeof *entry) : NULL;
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
  draft made;
  begin_draft(&made, old, scratch);
  int is_done = dense != NULL ? add_dense(&made, name, dense) : add_sparse(&made, name, sparse);
  return is_done ? qd_config_new(&made.config, config, err) : fail_memory(err);
}

static int remove_dense(draft *made, const char *name) {
  Qdrant__VectorParamsMap *map = open_dense(made, 0);
  size_t n_kept = 0;
  if (map == NULL)
    return 0;
  for (size_t i = 0; i < map->n_map; i++)
    if (strcmp(map->map[i]->key, name) != 0)
      map->map[n_kept++] = map->map[i];
  map->n_map = n_kept;
  return close_dense(made, map);
}

static int remove_sparse(draft *made, const char *name) {
  Qdrant__SparseVectorConfig *map = open_sparse(made, 0);
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
  draft made;
  begin_draft(&made, old, scratch);
  int is_done = remove_dense(&made, name) && (made.params.sparse_vectors_config == NULL || remove_sparse(&made, name));
  return is_done ? qd_config_new(&made.config, config, err) : fail_memory(err);
}
