#include "core/error.h"
#include "memory/collection.h"
#include "memory/job.h"
#include "memory/registry.h"
#include "memory/strict.h"

#include <string.h>

qdrant_status qd_job_done(qd_job *job, int result) {
  Qdrant__CollectionOperationResponse *reply = (Qdrant__CollectionOperationResponse *)job->reply;
  reply->has_result = 1;
  reply->result = result;
  return QDRANT_OK;
}

qdrant_status qd_job_collections_create(qd_job *job) {
  const Qdrant__CreateCollection *request = (const Qdrant__CreateCollection *)job->request;
  qd_collection *collection;
  qdrant_status status = qd_strict_check_config(request->strict_mode_config, job->err);
  if (status == QDRANT_OK)
    status = qd_collection_new(request, &collection, job->err);
  if (status != QDRANT_OK)
    return status;
  status = qd_registry_add(qd_engine_registry(job->engine), collection, job->err);
  if (status == QDRANT_OK)
    return qd_job_done(job, 1);
  qd_collection_unref(collection);
  return status;
}

/* The fields of sparse vectors whose modifier is changed. */
static void put_modifiers(qd_collection *collection, const Qdrant__SparseVectorConfig *change) {
  for (size_t i = 0; change != NULL && i < change->n_map; i++) {
    qd_vector_field *field = qd_field_list_find(collection->store.fields, change->map[i]->key);
    if (change->map[i]->value != NULL && change->map[i]->value->has_modifier)
      field->modifier = change->map[i]->value->modifier;
  }
}

static qdrant_status update_collection(
    qd_job *job, qd_collection *collection, const Qdrant__UpdateCollection *request) {
  qd_config *config;
  qd_collection_begin_write(collection);
  qdrant_status status = qd_config_update(collection->config, request, job->arena, &config, job->err);
  if (status == QDRANT_OK) {
    status = qd_strict_check_config(config->message->strict_mode_config, job->err);
    if (status == QDRANT_OK)
      qd_collection_put_config(collection, config);
    else
      qd_config_unref(config);
  }
  if (status == QDRANT_OK)
    put_modifiers(collection, request->sparse_vectors_config);
  qd_collection_end_write(collection);
  return status;
}

qdrant_status qd_job_collections_update(qd_job *job) {
  const Qdrant__UpdateCollection *request = (const Qdrant__UpdateCollection *)job->request;
  qd_collection *collection;
  qdrant_status status = qd_job_collection(job, request->collection_name, &collection);
  if (status != QDRANT_OK)
    return status;
  status = update_collection(job, collection, request);
  qd_collection_unref(collection);
  return status == QDRANT_OK ? qd_job_done(job, 1) : status;
}

qdrant_status qd_job_collections_delete(qd_job *job) {
  const Qdrant__DeleteCollection *request = (const Qdrant__DeleteCollection *)job->request;
  return qd_job_done(job, qd_registry_remove(qd_engine_registry(job->engine), request->collection_name));
}

qdrant_status qd_job_collections_exists(qd_job *job) {
  const Qdrant__CollectionExistsRequest *request = (const Qdrant__CollectionExistsRequest *)job->request;
  Qdrant__CollectionExistsResponse *reply = (Qdrant__CollectionExistsResponse *)job->reply;
  reply->result = qd_job_message(job, &qdrant__collection_exists__descriptor);
  if (reply->result == NULL)
    return qd_job_fail_memory(job);
  qd_collection *collection = qd_registry_find(qd_engine_registry(job->engine), request->collection_name);
  reply->result->has_exists = 1;
  reply->result->exists = collection != NULL;
  qd_collection_unref(collection);
  return QDRANT_OK;
}

static Qdrant__CollectionDescription *describe(qd_job *job, const qd_collection *collection) {
  Qdrant__CollectionDescription *description = qd_job_message(job, &qdrant__collection_description__descriptor);
  if (description == NULL)
    return NULL;
  description->name = qd_arena_strndup(job->arena, collection->name, strlen(collection->name));
  return description->name != NULL ? description : NULL;
}

static int fill_list(qd_job *job, qd_collection *const *collections, size_t n) {
  Qdrant__ListCollectionsResponse *reply = (Qdrant__ListCollectionsResponse *)job->reply;
  reply->collections = qd_arena_alloc(job->arena, (n + 1) * sizeof *reply->collections);
  if (reply->collections == NULL)
    return 0;
  for (; reply->n_collections < n; reply->n_collections++) {
    Qdrant__CollectionDescription *description = describe(job, collections[reply->n_collections]);
    if (description == NULL)
      return 0;
    reply->collections[reply->n_collections] = description;
  }
  return 1;
}

qdrant_status qd_job_collections_list(qd_job *job) {
  qd_collection **collections;
  size_t n;
  if (!qd_registry_list(qd_engine_registry(job->engine), job->arena, &collections, &n))
    return qd_job_fail_memory(job);
  int is_done = fill_list(job, collections, n);
  for (size_t i = 0; i < n; i++)
    qd_collection_unref(collections[i]);
  return is_done ? QDRANT_OK : qd_job_fail_memory(job);
}
