#include "core/error.h"
#include "memory/write.h"

#include <string.h>

/* Points/CreateVectorName and Points/DeleteVectorName. */

/* A vector to be created: one of the two parameters is there. */
typedef struct new_vector {
  const char *name;
  Qdrant__VectorParams dense_params;
  Qdrant__SparseVectorParams sparse_params;
  Qdrant__SparseIndexConfig sparse_index;
  const Qdrant__VectorParams *dense;
  const Qdrant__SparseVectorParams *sparse;
} new_vector;

static qdrant_status check_name(const char *name, qdrant_error *err) {
  enum { MAX_BYTES = 200 };
  static const char forbidden[] = "<>:\"/\\|?*\x1f";
  if (strlen(name) > MAX_BYTES)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Invalid vector name `%s`: vector name must be at most %d bytes long", name, MAX_BYTES);
  for (const char *c = forbidden; *c != '\0'; c++)
    if (strchr(name, *c) != NULL)
      return qd_fail(err, QDRANT_INVALID_ARGUMENT,
          "Wrong input: Invalid vector name `%s`: vector name cannot contain \"%c\" char", name, *c);
  return QDRANT_OK;
}

static void read_dense(const Qdrant__DenseVectorCreationConfig *config, new_vector *made) {
  Qdrant__VectorParams *params = &made->dense_params;
  qdrant__vector_params__init(params);
  params->has_size = 1;
  params->size = config->size;
  params->has_distance = config->has_distance;
  params->distance = config->distance;
  params->multivector_config = config->multivector_config;
  params->has_datatype = config->has_datatype;
  params->datatype = config->datatype;
  made->dense = params;
}

static void read_sparse(const Qdrant__SparseVectorCreationConfig *config, new_vector *made) {
  Qdrant__SparseVectorParams *params = &made->sparse_params;
  qdrant__sparse_vector_params__init(params);
  qdrant__sparse_index_config__init(&made->sparse_index);
  params->has_modifier = config->has_modifier;
  params->modifier = config->modifier;
  made->sparse_index.has_datatype = 1;
  made->sparse_index.datatype = config->datatype;
  params->index = config->has_datatype ? &made->sparse_index : NULL;
  made->sparse = params;
}

static qdrant_status read_vector(const Qdrant__CreateVectorNameRequest *request, new_vector *made, qdrant_error *err) {
  *made = (new_vector){.name = request->vector_name};
  switch (request->vector_config_case) {
  case QDRANT__CREATE_VECTOR_NAME_REQUEST__VECTOR_CONFIG_DENSE_CONFIG: read_dense(request->dense_config, made); break;
  case QDRANT__CREATE_VECTOR_NAME_REQUEST__VECTOR_CONFIG_SPARSE_CONFIG:
    read_sparse(request->sparse_config, made);
    break;
  default: return qd_fail(err, QDRANT_INVALID_ARGUMENT, "vector_config is required (dense_config or sparse_config)");
  }
  return check_name(made->name, err);
}

static int is_same_dense(const Qdrant__VectorParams *a, const Qdrant__VectorParams *b) {
  int has_same_rows = (a->multivector_config != NULL) == (b->multivector_config != NULL);
  return a->size == b->size && a->distance == b->distance && has_same_rows && a->datatype == b->datatype;
}

static int is_same_sparse(const Qdrant__SparseVectorParams *a, const Qdrant__SparseVectorParams *b) {
  Qdrant__Datatype first = a->index != NULL ? a->index->datatype : QDRANT__DATATYPE__Default;
  Qdrant__Datatype second = b->index != NULL ? b->index->datatype : QDRANT__DATATYPE__Default;
  return a->modifier == b->modifier && first == second;
}

/* A vector that is there stays as it is, if it is what is asked for. */
static qdrant_status check_existing(const qd_config *config, const new_vector *made, int *is_there, qdrant_error *err) {
  const Qdrant__VectorParams *dense = qd_config_dense(config, made->name);
  const Qdrant__SparseVectorParams *sparse = qd_config_sparse(config, made->name);
  *is_there = dense != NULL || sparse != NULL;
  if (made->dense != NULL && dense != NULL && !is_same_dense(dense, made->dense))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Vector `%s` already exists with a different configuration", made->name);
  if (made->dense != NULL && dense == NULL && sparse != NULL)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "Wrong input: Vector `%s` already exists as a sparse vector", made->name);
  if (made->sparse != NULL && sparse != NULL && !is_same_sparse(sparse, made->sparse))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Sparse vector `%s` already exists with a different configuration", made->name);
  if (made->sparse != NULL && sparse == NULL && dense != NULL)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "Wrong input: Vector `%s` already exists as a dense vector", made->name);
  return QDRANT_OK;
}

static qdrant_status add_vector(qd_job *job, qd_collection *collection, const new_vector *made) {
  qd_vector_field *field = NULL;
  qd_config *config = NULL;
  qdrant_status status = made->dense != NULL ? qd_vector_field_new_dense(made->name, made->dense, &field, job->err)
                                             : qd_vector_field_new_sparse(made->name, made->sparse, &field, job->err);
  if (status == QDRANT_OK)
    status =
        qd_config_add_vector(collection->config, made->name, made->dense, made->sparse, job->arena, &config, job->err);
  if (status == QDRANT_OK && !qd_point_store_add_field(&collection->store, field))
    status = qd_job_fail_memory(job);
  if (status == QDRANT_OK) {
    qd_collection_put_config(collection, config);
    return QDRANT_OK;
  }
  qd_vector_field_unref(field);
  qd_config_unref(config);
  return status;
}

static qdrant_status remove_vector(qd_job *job, qd_collection *collection, const char *name) {
  qd_vector_field *field = qd_field_list_find(collection->store.fields, name);
  qd_config *config;
  if (field == NULL)
    return QDRANT_OK;
  qdrant_status status = qd_config_remove_vector(collection->config, name, job->arena, &config, job->err);
  if (status != QDRANT_OK)
    return status;
  if (qd_point_store_remove_field(&collection->store, field)) {
    qd_collection_put_config(collection, config);
    return QDRANT_OK;
  }
  qd_config_unref(config);
  return qd_job_fail_memory(job);
}

/* The server counts the change of the settings and that of the points. */
static void count_operations(qd_collection *collection, int has_waited, Qdrant__UpdateResult *result) {
  qd_collection_count_operation(collection, has_waited, result);
  qd_collection_count_operation(collection, has_waited, result);
}

static qdrant_status create_name(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__CreateVectorNameRequest *request = (const Qdrant__CreateVectorNameRequest *)message;
  new_vector made;
  qd_collection *collection;
  int is_there;
  qdrant_status status = read_vector(request, &made, job->err);
  if (status == QDRANT_OK)
    status = qd_job_collection(job, request->collection_name, &collection);
  if (status != QDRANT_OK)
    return status;
  qd_collection_begin_write(collection);
  status = check_existing(collection->config, &made, &is_there, job->err);
  if (status == QDRANT_OK && !is_there)
    status = add_vector(job, collection, &made);
  if (status == QDRANT_OK)
    count_operations(collection, request->wait, result);
  qd_collection_end_write(collection);
  qd_collection_unref(collection);
  return status;
}

static qdrant_status delete_name(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__DeleteVectorNameRequest *request = (const Qdrant__DeleteVectorNameRequest *)message;
  qd_collection *collection;
  qdrant_status status = qd_job_collection(job, request->collection_name, &collection);
  if (status != QDRANT_OK)
    return status;
  qd_collection_begin_write(collection);
  status = remove_vector(job, collection, request->vector_name);
  if (status == QDRANT_OK)
    count_operations(collection, request->wait, result);
  qd_collection_end_write(collection);
  qd_collection_unref(collection);
  return status;
}

qdrant_status qd_job_points_create_vector_name(qd_job *job) {
  return qd_write_alone(job, create_name);
}

qdrant_status qd_job_points_delete_vector_name(qd_job *job) {
  return qd_write_alone(job, delete_name);
}
