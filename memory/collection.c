#include "memory/collection.h"

#include "core/alloc.h"
#include "core/error.h"
#include "memory/config.h"

#include <string.h>

/* Fields under construction; those before n are initialised. */
typedef struct field_list {
  qd_vector_field *items;
  size_t n;
} field_list;

static qdrant_status add_dense(
    field_list *fields, const char *name, const Qdrant__VectorParams *params, qdrant_error *err) {
  /* An entry of a map without a value has the empty one, which the rules did not see. */
  if (params == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "Validation error in body: [vectors_config.config.map.[].size: value 0 invalid, must be from 1 to 65536]");
  qdrant_status status = qd_vector_field_init_dense(&fields->items[fields->n], name, params, err);
  fields->n += status == QDRANT_OK;
  return status;
}

static qdrant_status add_dense_fields(field_list *fields, const Qdrant__VectorsConfig *config, qdrant_error *err) {
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
    field_list *fields, const Qdrant__SparseVectorConfig *config, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; config != NULL && i < config->n_map && status == QDRANT_OK; i++) {
    status = qd_vector_field_init_sparse(&fields->items[fields->n], config->map[i]->key, config->map[i]->value, err);
    fields->n += status == QDRANT_OK;
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

static void free_fields(field_list *fields) {
  for (size_t i = 0; i < fields->n; i++)
    qd_vector_field_free(&fields->items[i], 0);
  qd_free(fields->items);
}

static qdrant_status make_fields(const Qdrant__CreateCollection *request, field_list *fields, qdrant_error *err) {
  size_t capacity = count_fields(request);
  *fields = (field_list){.items = qd_alloc_array(capacity > 0 ? capacity : 1, sizeof *fields->items)};
  if (fields->items == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection's vectors");
  qdrant_status status = add_dense_fields(fields, request->vectors_config, err);
  if (status == QDRANT_OK)
    status = add_sparse_fields(fields, request->sparse_vectors_config, err);
  if (status != QDRANT_OK)
    free_fields(fields);
  return status;
}

static qdrant_status make_settings(
    qd_collection *collection, const Qdrant__CreateCollection *request, qdrant_error *err) {
  collection->arena = qd_arena_new(0);
  collection->indexes = qd_field_index_list_new();
  if (collection->arena == NULL || collection->indexes == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection");
  collection->name = qd_arena_strndup(collection->arena, request->collection_name, strlen(request->collection_name));
  if (collection->name == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection's name");
  return qd_config_make(request, collection->arena, &collection->config, err);
}

/* Readers that keep coming must not keep a writer out for ever. */
static int init_lock(pthread_rwlock_t *lock) {
  pthread_rwlockattr_t attributes;
  if (pthread_rwlockattr_init(&attributes) != 0)
    return 0;
  int is_done = pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0 &&
                pthread_rwlock_init(lock, &attributes) == 0;
  pthread_rwlockattr_destroy(&attributes);
  return is_done;
}

qdrant_status qd_collection_new(
    const Qdrant__CreateCollection *request, qd_collection **collection, qdrant_error *err) {
  field_list fields;
  qd_collection *made = qd_zalloc(sizeof *made);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection");
  qdrant_status status = make_settings(made, request, err);
  if (status == QDRANT_OK)
    status = make_fields(request, &fields, err);
  if (status == QDRANT_OK && !init_lock(&made->lock)) {
    free_fields(&fields);
    status = qd_fail(err, QDRANT_NO_MEMORY, "no lock for a collection is to be had");
  }
  if (status != QDRANT_OK) {
    qd_field_index_list_free(made->indexes);
    qd_arena_free(made->arena);
    qd_free(made);
    return status;
  }
  qd_point_store_init(&made->store, fields.items, fields.n);
  atomic_init(&made->n_refs, 1);
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
  pthread_rwlock_destroy(&collection->lock);
  qd_field_index_list_free(collection->indexes);
  qd_arena_free(collection->arena);
  qd_free(collection);
}

void qd_collection_begin_write(qd_collection *collection) {
  pthread_rwlock_wrlock(&collection->lock);
}

void qd_collection_end_write(qd_collection *collection) {
  pthread_rwlock_unlock(&collection->lock);
}

qd_view qd_collection_writer_view(const qd_collection *collection) {
  return (qd_view){&collection->store, collection->store.n_slots, collection->store.n_points};
}

void qd_collection_begin_read(qd_collection *collection, qd_view *view) {
  pthread_rwlock_rdlock(&collection->lock);
  *view = qd_collection_writer_view(collection);
}

void qd_collection_end_read(qd_collection *collection, qd_view *view) {
  *view = (qd_view){0};
  pthread_rwlock_unlock(&collection->lock);
}

void qd_collection_count_operation(qd_collection *collection, int has_waited, Qdrant__UpdateResult *result) {
  result->has_operation_id = 1;
  result->operation_id = ++collection->n_operations;
  result->has_status = 1;
  result->status = has_waited ? QDRANT__UPDATE_STATUS__Completed : QDRANT__UPDATE_STATUS__Acknowledged;
}

qd_vector_field *qd_collection_field(const qd_collection *collection, const char *name, qdrant_error *err) {
  qd_vector_field *field = qd_point_store_field(&collection->store, name);
  if (field == NULL)
    qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: Not existing vector name error: %s", name);
  return field;
}
