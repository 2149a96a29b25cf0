#include "memory/collection.h"

#include "core/alloc.h"
#include "core/error.h"

#include <string.h>

static qdrant_status add_dense(
    qd_field_list *fields, const char *name, const Qdrant__VectorParams *params, qdrant_error *err) {
  qd_vector_field *field;
  /* An entry of a map without a value has the empty one, which the rules did not see. */
  if (params == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "Validation error in body: [vectors_config.config.map.[].size: value 0 invalid, must be from 1 to 65536]");
  qdrant_status status = qd_vector_field_new_dense(name, params, &field, err);
  if (status == QDRANT_OK)
    qd_field_list_add(fields, field);
  return status;
}

static qdrant_status add_dense_fields(qd_field_list *fields, const Qdrant__VectorsConfig *config, qdrant_error *err) {
  if (config == NULL)
    return QDRANT_OK;
  if (config->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS)
    return add_dense(fields, "", config->params, err);
  qdrant_status status = QDRANT_OK;
  if (config->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP)
    for (size_t i = 0; i < config->params_map->n_map && status == QDRANT_OK; i++)
      status = add_dense(fields, config->params_map->map[i]->key, config->params_map->map[i]->value, err);
  return status;
}

static qdrant_status add_sparse_fields(
    qd_field_list *fields, const Qdrant__SparseVectorConfig *config, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; config != NULL && i < config->n_map && status == QDRANT_OK; i++) {
    qd_vector_field *field;
    status = qd_vector_field_new_sparse(config->map[i]->key, config->map[i]->value, &field, err);
    if (status == QDRANT_OK)
      qd_field_list_add(fields, field);
  }
  return status;
}

static size_t count_fields(const Qdrant__CreateCollection *request) {
  const Qdrant__VectorsConfig *dense = request->vectors_config;
  size_t n = request->sparse_vectors_config != NULL ? request->sparse_vectors_config->n_map : 0;
  if (dense != NULL && dense->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP)
    return n + dense->params_map->n_map;
  return n + 1;
}

static qdrant_status make_fields(const Qdrant__CreateCollection *request, qd_field_list **fields, qdrant_error *err) {
  qd_field_list *made = qd_field_list_new(count_fields(request));
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection's vectors");
  qdrant_status status = add_dense_fields(made, request->vectors_config, err);
  if (status == QDRANT_OK)
    status = add_sparse_fields(made, request->sparse_vectors_config, err);
  if (status == QDRANT_OK)
    *fields = made;
  else
    qd_field_list_unref(made);
  return status;
}

static int is_strict(const qd_config *config) {
  return config->message->strict_mode_config != NULL && config->message->strict_mode_config->enabled;
}

static uint64_t rate_limit(const qd_config *config, qd_rate rate) {
  const Qdrant__StrictModeConfig *strict = config->message->strict_mode_config;
  if (!is_strict(config))
    return 0;
  if (rate == QD_RATE_READS)
    return strict->has_read_rate_limit ? strict->read_rate_limit : 0;
  return strict->has_write_rate_limit ? strict->write_rate_limit : 0;
}

static qdrant_status make_settings(
    qd_collection *collection, const Qdrant__CreateCollection *request, qdrant_error *err) {
  collection->name = qd_strdup(request->collection_name);
  collection->indexes = qd_field_index_list_new();
  collection->is_custom_sharded =
      request->has_sharding_method && request->sharding_method == QDRANT__SHARDING_METHOD__Custom;
  if (collection->name == NULL || collection->indexes == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection");
  qdrant_status status = qd_config_make(request, &collection->config, err);
  if (status == QDRANT_OK)
    atomic_init(&collection->is_strict, is_strict(collection->config));
  return status;
}

static int init_locks(qd_collection *collection) {
  if (pthread_mutex_init(&collection->write_lock, NULL) != 0)
    return 0;
  if (pthread_mutex_init(&collection->config_lock, NULL) == 0) {
    if (qd_rate_limits_init(&collection->rates))
      return 1;
    pthread_mutex_destroy(&collection->config_lock);
  }
  pthread_mutex_destroy(&collection->write_lock);
  return 0;
}

static void destroy_locks(qd_collection *collection) {
  qd_rate_limits_destroy(&collection->rates);
  pthread_mutex_destroy(&collection->config_lock);
  pthread_mutex_destroy(&collection->write_lock);
}

static qdrant_status make_store(qd_collection *collection, const Qdrant__CreateCollection *request, qdrant_error *err) {
  qd_field_list *fields = NULL;
  qdrant_status status = make_fields(request, &fields, err);
  if (status != QDRANT_OK)
    return status;
  if (init_locks(collection)) {
    if (qd_point_store_init(&collection->store, fields))
      return QDRANT_OK;
    destroy_locks(collection);
  }
  qd_field_list_unref(fields);
  return qd_fail(err, QDRANT_NO_MEMORY, "no locks for a collection are to be had");
}

/* old may be NULL. A limit that stays has what is left in its bucket. */
static void limit_rates(qd_collection *collection, const qd_config *old, const qd_config *config) {
  for (qd_rate rate = 0; rate < QD_N_RATES; rate++)
    if (rate_limit(config, rate) != (old != NULL ? rate_limit(old, rate) : 0))
      qd_rate_limits_set(&collection->rates, rate, rate_limit(config, rate));
}

static void free_settings(qd_collection *collection) {
  qd_field_index_list_free(collection->indexes);
  qd_config_unref(collection->config);
  qd_free(collection->name);
}

qdrant_status qd_collection_new(
    const Qdrant__CreateCollection *request, qd_collection **collection, qdrant_error *err) {
  qd_collection *made = qd_zalloc(sizeof *made);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection");
  qdrant_status status = make_settings(made, request, err);
  if (status == QDRANT_OK)
    status = make_store(made, request, err);
  if (status != QDRANT_OK) {
    free_settings(made);
    qd_free(made);
    return status;
  }
  atomic_init(&made->n_refs, 1);
  limit_rates(made, NULL, made->config);
  /* A server's new collection has written once before anyone else does. */
  qd_rate_limits_take(&made->rates, QD_RATE_WRITES, 1, NULL);
  *collection = made;
  return QDRANT_OK;
}

qd_collection *qd_collection_ref(qd_collection *collection) {
  atomic_fetch_add_explicit(&collection->n_refs, 1, memory_order_relaxed);
  return collection;
}

void qd_collection_unref(qd_collection *collection) {
  if (collection == NULL || atomic_fetch_sub_explicit(&collection->n_refs, 1, memory_order_acq_rel) > 1)
    return;
  qd_point_store_free(&collection->store);
  destroy_locks(collection);
  free_settings(collection);
  qd_free(collection);
}

qd_config *qd_collection_config(qd_collection *collection) {
  pthread_mutex_lock(&collection->config_lock);
  qd_config *config = qd_config_ref(collection->config);
  pthread_mutex_unlock(&collection->config_lock);
  return config;
}

void qd_collection_put_config(qd_collection *collection, qd_config *config) {
  pthread_mutex_lock(&collection->config_lock);
  qd_config *old = collection->config;
  collection->config = config;
  atomic_store_explicit(&collection->is_strict, is_strict(config), memory_order_relaxed);
  pthread_mutex_unlock(&collection->config_lock);
  limit_rates(collection, old, config);
  qd_config_unref(old);
}

void qd_collection_begin_write(qd_collection *collection) {
  pthread_mutex_lock(&collection->write_lock);
}

void qd_collection_end_write(qd_collection *collection) {
  qd_point_store_commit(&collection->store);
  qd_point_store_reclaim(&collection->store);
  pthread_mutex_unlock(&collection->write_lock);
}

qd_view qd_collection_writer_view(qd_collection *collection) {
  return qd_view_of_writer(&collection->store);
}

void qd_collection_begin_read(qd_collection *collection, qd_view *view) {
  qd_view_begin(view, &collection->store);
}

/* What died while it was read is freed here, since perhaps no write follows that would; when one is at work, by that or
 * the next. */
void qd_collection_end_read(qd_collection *collection, qd_view *view) {
  if (!qd_view_end(view) || pthread_mutex_trylock(&collection->write_lock) != 0)
    return;
  qd_point_store_reclaim(&collection->store);
  pthread_mutex_unlock(&collection->write_lock);
}

void qd_collection_count_operation(qd_collection *collection, int has_waited, Qdrant__UpdateResult *result) {
  result->has_operation_id = 1;
  result->operation_id = ++collection->n_operations;
  result->has_status = 1;
  result->status = has_waited ? QDRANT__UPDATE_STATUS__Completed : QDRANT__UPDATE_STATUS__Acknowledged;
}

qd_vector_field *qd_collection_field(const qd_collection *collection, const char *name, qdrant_error *err) {
  return qd_field_list_get(collection->store.fields, name, err);
}
