#include "memory/config.h"

#include "core/alloc.h"
#include "core/error.h"
#include "memory/clone.h"

#include <string.h>

/* Gives a setting its default unless the request had it. */
#define QD_DEFAULT(message, field, value)                                                                              \
  ((message)->field = (message)->has_##field ? (message)->field : (value), (message)->has_##field = 1)

/* The engine has no index, no files and one shard; it repeats the settings so that a program sees what it would see on
 * a server. */

static void fill_hnsw(Qdrant__HnswConfigDiff *hnsw) {
  QD_DEFAULT(hnsw, m, 16);
  QD_DEFAULT(hnsw, ef_construct, 100);
  QD_DEFAULT(hnsw, full_scan_threshold, 10000);
  QD_DEFAULT(hnsw, max_indexing_threads, 0);
  QD_DEFAULT(hnsw, on_disk, 0);
}

void qd_config_fill_threads(Qdrant__OptimizersConfigDiff *optimizer, Qdrant__MaxOptimizationThreads *threads) {
  if (optimizer->has_deprecated_max_optimization_threads) {
    threads->variant_case = QDRANT__MAX_OPTIMIZATION_THREADS__VARIANT_VALUE;
    threads->value = optimizer->deprecated_max_optimization_threads;
    optimizer->max_optimization_threads = threads;
  } else if (optimizer->max_optimization_threads == NULL) {
    threads->variant_case = QDRANT__MAX_OPTIMIZATION_THREADS__VARIANT_SETTING;
    threads->setting = QDRANT__MAX_OPTIMIZATION_THREADS__SETTING__Auto;
    optimizer->max_optimization_threads = threads;
  } else if (optimizer->max_optimization_threads->variant_case == QDRANT__MAX_OPTIMIZATION_THREADS__VARIANT_VALUE) {
    optimizer->has_deprecated_max_optimization_threads = 1;
    optimizer->deprecated_max_optimization_threads = optimizer->max_optimization_threads->value;
  }
}

static void fill_optimizer(Qdrant__OptimizersConfigDiff *optimizer, Qdrant__MaxOptimizationThreads *threads) {
  QD_DEFAULT(optimizer, deleted_threshold, 0.2);
  QD_DEFAULT(optimizer, vacuum_min_vector_number, 1000);
  QD_DEFAULT(optimizer, default_segment_number, 0);
  QD_DEFAULT(optimizer, indexing_threshold, 10000);
  QD_DEFAULT(optimizer, flush_interval_sec, 5);
  qd_config_fill_threads(optimizer, threads);
}

static void fill_wal(Qdrant__WalConfigDiff *wal) {
  QD_DEFAULT(wal, wal_capacity_mb, 32);
  QD_DEFAULT(wal, wal_segments_ahead, 0);
  QD_DEFAULT(wal, wal_retain_closed, 1);
}

static void fill_params(
    Qdrant__CollectionParams *params, Qdrant__VectorsConfig *no_vectors, const Qdrant__CreateCollection *request) {
  params->has_shard_number = params->has_replication_factor = params->has_write_consistency_factor = 1;
  params->has_on_disk_payload = 1;
  params->shard_number = request->has_shard_number ? request->shard_number : 1;
  params->replication_factor = request->has_replication_factor ? request->replication_factor : 1;
  params->write_consistency_factor = request->has_write_consistency_factor ? request->write_consistency_factor : 1;
  params->on_disk_payload = request->has_on_disk_payload ? request->on_disk_payload : 1;
  params->has_sharding_method = request->has_sharding_method;
  params->sharding_method = request->sharding_method;
  params->vectors_config = request->vectors_config != NULL ? request->vectors_config : no_vectors;
  params->sparse_vectors_config = request->sparse_vectors_config;
  params->payload = request->payload;
  params->id_tracker = request->id_tracker;
}

qdrant_status qd_config_make(const Qdrant__CreateCollection *request, qd_config **config, qdrant_error *err) {
  Qdrant__HnswConfigDiff hnsw = QDRANT__HNSW_CONFIG_DIFF__INIT;
  Qdrant__OptimizersConfigDiff optimizer = QDRANT__OPTIMIZERS_CONFIG_DIFF__INIT;
  Qdrant__MaxOptimizationThreads threads = QDRANT__MAX_OPTIMIZATION_THREADS__INIT;
  Qdrant__WalConfigDiff wal = QDRANT__WAL_CONFIG_DIFF__INIT;
  Qdrant__CollectionParams params = QDRANT__COLLECTION_PARAMS__INIT;
  Qdrant__VectorsConfig no_vectors = QDRANT__VECTORS_CONFIG__INIT;
  Qdrant__VectorParamsMap no_params = QDRANT__VECTOR_PARAMS_MAP__INIT;
  Qdrant__CollectionConfig whole = QDRANT__COLLECTION_CONFIG__INIT;
  no_vectors.config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP;
  no_vectors.params_map = &no_params;
  hnsw = request->hnsw_config != NULL ? *request->hnsw_config : hnsw;
  optimizer = request->optimizers_config != NULL ? *request->optimizers_config : optimizer;
  wal = request->wal_config != NULL ? *request->wal_config : wal;
  fill_hnsw(&hnsw);
  fill_optimizer(&optimizer, &threads);
  fill_wal(&wal);
  fill_params(&params, &no_vectors, request);
  whole.params = &params;
  whole.hnsw_config = &hnsw;
  whole.optimizer_config = &optimizer;
  whole.wal_config = &wal;
  whole.quantization_config = request->quantization_config;
  whole.strict_mode_config = request->strict_mode_config;
  whole.n_metadata = request->n_metadata;
  /* Entries of one map under two names; only their packed form, which is the same, is looked at. */
  whole.metadata = (Qdrant__CollectionConfig__MetadataEntry **)request->metadata;
  return qd_config_new(&whole, config, err);
}

qdrant_status qd_config_new(const Qdrant__CollectionConfig *message, qd_config **config, qdrant_error *err) {
  qd_config *made = qd_zalloc(sizeof *made);
  if (made != NULL) {
    atomic_init(&made->n_refs, 1);
    made->arena = qd_arena_new(0);
    made->message = made->arena != NULL ? qd_message_clone(message, made->arena) : NULL;
  }
  if (made != NULL && made->message != NULL) {
    *config = made;
    return QDRANT_OK;
  }
  qd_config_unref(made);
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection's settings");
}

qd_config *qd_config_ref(qd_config *config) {
  atomic_fetch_add_explicit(&config->n_refs, 1, memory_order_relaxed);
  return config;
}

void qd_config_unref(qd_config *config) {
  if (config == NULL || atomic_fetch_sub_explicit(&config->n_refs, 1, memory_order_acq_rel) > 1)
    return;
  qd_arena_free(config->arena);
  qd_free(config);
}

const Qdrant__VectorParams *qd_config_dense(const qd_config *config, const char *name) {
  const Qdrant__VectorsConfig *vectors = config->message->params->vectors_config;
  if (vectors == NULL)
    return NULL;
  if (vectors->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS)
    return *name == '\0' ? vectors->params : NULL;
  if (vectors->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP)
    for (size_t i = 0; i < vectors->params_map->n_map; i++)
      if (strcmp(vectors->params_map->map[i]->key, name) == 0)
        return vectors->params_map->map[i]->value;
  return NULL;
}

const Qdrant__SparseVectorParams *qd_config_sparse(const qd_config *config, const char *name) {
  const Qdrant__SparseVectorConfig *vectors = config->message->params->sparse_vectors_config;
  for (size_t i = 0; vectors != NULL && i < vectors->n_map; i++)
    if (strcmp(vectors->map[i]->key, name) == 0)
      return vectors->map[i]->value;
  return NULL;
}
