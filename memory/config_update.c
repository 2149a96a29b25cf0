#include "core/error.h"
#include "memory/clone.h"
#include "memory/config_draft.h"

#include <string.h>

typedef Qdrant__VectorParamsMap__MapEntry dense_entry;
typedef Qdrant__SparseVectorConfig__MapEntry sparse_entry;

static qdrant_status fail_name(const char *name, qdrant_error *err) {
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: %s", name);
}

/* Gives a setting the change's value if it has one. */
#define QD_CHANGE(settings, change, field)                                                                             \
  ((settings).field = (change)->has_##field ? (change)->field : (settings).field,                                      \
      (settings).has_##field = (settings).has_##field || (change)->has_##field)

/* NULL, too, for Disabled; *is_done is 0 when out of memory. */
static Qdrant__QuantizationConfig *read_quantization(
    const qd_config_draft *made, const Qdrant__QuantizationConfigDiff *diff, int *is_done) {
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
    const qd_config_draft *made, const Qdrant__VectorParams *old, const Qdrant__VectorParamsDiff *diff) {
  Qdrant__VectorParams *params = qd_config_draft_copy(made, old, sizeof *params);
  int is_done = params != NULL;
  if (is_done && diff->hnsw_config != NULL)
    is_done = (params->hnsw_config = qd_message_merge(old->hnsw_config, diff->hnsw_config, made->arena)) != NULL;
  if (is_done && diff->quantization_config != NULL)
    params->quantization_config = read_quantization(made, diff->quantization_config, &is_done);
  if (is_done) {
    QD_CHANGE(*params, diff, on_disk);
    QD_CHANGE(*params, diff, memory);
  }
  return is_done ? params : NULL;
}

static qdrant_status change_dense_entry(const qd_config_draft *made, Qdrant__VectorParamsMap *map, const char *name,
    const Qdrant__VectorParamsDiff *diff, qdrant_error *err) {
  static const Qdrant__VectorParamsDiff nothing = QDRANT__VECTOR_PARAMS_DIFF__INIT;
  for (size_t i = 0; i < map->n_map; i++) {
    if (strcmp(map->map[i]->key, name) != 0)
      continue;
    dense_entry *entry = qd_config_draft_copy(made, map->map[i], sizeof *entry);
    if (entry == NULL)
      return qd_config_fail_memory(err);
    entry->value = change_dense(made, entry->value, diff != NULL ? diff : &nothing);
    map->map[i] = entry;
    return entry->value != NULL ? QDRANT_OK : qd_config_fail_memory(err);
  }
  return fail_name(name, err);
}

static qdrant_status update_dense(qd_config_draft *made, const Qdrant__VectorsConfigDiff *diff, qdrant_error *err) {
  Qdrant__VectorParamsMap *map = qd_config_draft_open_dense(made, 0);
  if (map == NULL)
    return qd_config_fail_memory(err);
  qdrant_status status = QDRANT_OK;
  if (diff->config_case == QDRANT__VECTORS_CONFIG_DIFF__CONFIG_PARAMS)
    status = change_dense_entry(made, map, "", diff->params, err);
  if (diff->config_case == QDRANT__VECTORS_CONFIG_DIFF__CONFIG_PARAMS_MAP)
    for (size_t i = 0; i < diff->params_map->n_map && status == QDRANT_OK; i++)
      status = change_dense_entry(made, map, diff->params_map->map[i]->key, diff->params_map->map[i]->value, err);
  if (status == QDRANT_OK && !qd_config_draft_close_dense(made, map))
    status = qd_config_fail_memory(err);
  return status;
}

static qdrant_status change_sparse_entry(
    const qd_config_draft *made, Qdrant__SparseVectorConfig *map, const sparse_entry *change, qdrant_error *err) {
  for (size_t i = 0; i < map->n_map; i++) {
    if (strcmp(map->map[i]->key, change->key) != 0)
      continue;
    map->map[i] = qd_message_merge(map->map[i], change, made->arena);
    return map->map[i] != NULL ? QDRANT_OK : qd_config_fail_memory(err);
  }
  return fail_name(change->key, err);
}

static qdrant_status update_sparse(qd_config_draft *made, const Qdrant__SparseVectorConfig *diff, qdrant_error *err) {
  Qdrant__SparseVectorConfig *map = qd_config_draft_open_sparse(made, 0);
  qdrant_status status = map != NULL ? QDRANT_OK : qd_config_fail_memory(err);
  for (size_t i = 0; i < diff->n_map && status == QDRANT_OK; i++)
    status = change_sparse_entry(made, map, diff->map[i], err);
  return status;
}

/* The number of threads is said by either of two fields. */
static int update_optimizer(qd_config_draft *made, const Qdrant__OptimizersConfigDiff *diff) {
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

static int update_params(qd_config_draft *made, const Qdrant__CollectionParamsDiff *diff) {
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
static int update_strict_mode(qd_config_draft *made, const Qdrant__StrictModeConfig *diff) {
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
static int update_metadata(qd_config_draft *made, size_t n, Qdrant__UpdateCollection__MetadataEntry *const *entries) {
  Qdrant__CollectionConfig *config = &made->config;
  Qdrant__CollectionConfig__MetadataEntry **kept = qd_config_draft_list(made, NULL, 0, config->n_metadata + n);
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

static int update_plain(qd_config_draft *made, const Qdrant__UpdateCollection *request) {
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
  qd_config_draft made;
  qd_config_draft_begin(&made, old, scratch);
  qdrant_status status = update_plain(&made, request) ? QDRANT_OK : qd_config_fail_memory(err);
  if (status == QDRANT_OK && request->vectors_config != NULL)
    status = update_dense(&made, request->vectors_config, err);
  if (status == QDRANT_OK && request->sparse_vectors_config != NULL)
    status = update_sparse(&made, request->sparse_vectors_config, err);
  return status == QDRANT_OK ? qd_config_new(&made.config, config, err) : status;
}
