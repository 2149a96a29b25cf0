#include "memory/job.h"

#include "core/deadline.h"
#include "core/error.h"
#include "memory/registry.h"
#include "memory/strict.h"

#include <inttypes.h>
#include <string.h>

qdrant_status(qd_job_fail_memory)(qd_job *job) {
  return qd_fail(job->err, QDRANT_NO_MEMORY, "out of memory in %s", job->rpc->name);
}

qdrant_status qd_job_check_deadline(qd_job *job, size_t n_done) {
  enum { POINTS_BETWEEN_LOOKS = 1024 };
  if (n_done % POINTS_BETWEEN_LOOKS != POINTS_BETWEEN_LOOKS - 1 || !qd_deadline_has_passed(job->deadline_ns))
    return QDRANT_OK;
  return qd_fail(job->err, QDRANT_DEADLINE_EXCEEDED, "Timeout error: the deadline passed during %s", job->rpc->name);
}

void *qd_job_message(qd_job *job, const ProtobufCMessageDescriptor *type) {
  void *message = qd_arena_alloc(job->arena, type->sizeof_message);
  if (message != NULL)
    protobuf_c_message_init(type, message);
  return message;
}

qdrant_status qd_job_collection(qd_job *job, const char *name, qd_collection **collection) {
  return qd_registry_get(qd_engine_registry(job->engine), name, collection, job->err);
}

qdrant_status qd_job_check_shard(qd_job *job, const Qdrant__ShardKeySelector *selector, const char *problem) {
  if (selector == NULL || selector->n_shard_keys == 0)
    return QDRANT_OK;
  const Qdrant__ShardKey *key = selector->shard_keys[0];
  if (key->key_case == QDRANT__SHARD_KEY__KEY_NUMBER)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "%s: Shard key %" PRIu64 " not found", problem, key->number);
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "%s: Shard key \"%s\" not found", problem,
      key->key_case == QDRANT__SHARD_KEY__KEY_KEYWORD ? key->keyword : "");
}

qdrant_status qd_job_check_write_shard(
    qd_job *job, const qd_collection *collection, const Qdrant__ShardKeySelector *selector) {
  if (collection->is_custom_sharded && (selector == NULL || selector->n_shard_keys == 0))
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Wrong input: Shard key not specified");
  return qd_job_check_shard(job, selector, "Wrong input");
}

qdrant_status qd_job_filter(qd_job *job, const Qdrant__Filter *message, const qd_filter **filter) {
  return qd_filter_prepare(message, job->arena, filter, &job->texts, job->err);
}

qdrant_status qd_job_bind_filters(qd_job *job, const qd_collection *collection) {
  const qd_field_index *indexes;
  size_t n;
  if (job->texts == NULL)
    return QDRANT_OK;
  if (!qd_field_index_list_copy(collection->indexes, job->arena, &indexes, &n))
    return qd_job_fail_memory(job);
  return qd_filter_texts_bind(job->texts, indexes, n, job->arena, job->err);
}

qdrant_status qd_job_find_index(
    qd_job *job, const qd_collection *collection, const qd_path *path, const qd_field_index **index) {
  const qd_field_index *indexes;
  size_t n;
  *index = NULL;
  if (!qd_field_index_list_copy(collection->indexes, job->arena, &indexes, &n))
    return qd_job_fail_memory(job);
  *index = qd_field_index_find(indexes, n, path);
  return QDRANT_OK;
}

/* A collection that is looked up besides has nothing to do with the filters. */
static int is_asked_about(const qd_job *job, const char *name) {
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(job->rpc->request, "collection_name");
  return field != NULL &&
         strcmp(*(const char *const *)(const void *)((const uint8_t *)job->request + field->offset), name) == 0;
}

static qdrant_status check_asked_about(qd_job *job, qd_collection *collection) {
  qdrant_status status = qd_strict_check(job, collection, job->request);
  return status == QDRANT_OK ? qd_job_bind_filters(job, collection) : status;
}

qdrant_status qd_job_read(qd_job *job, const char *name, const Qdrant__ShardKeySelector *selector, qd_reader *reader) {
  qdrant_status status = qd_job_collection(job, name, &reader->collection);
  if (status != QDRANT_OK)
    return status;
  status = qd_job_check_shard(job, selector, "Bad request");
  if (status == QDRANT_OK && is_asked_about(job, name))
    status = check_asked_about(job, reader->collection);
  if (status != QDRANT_OK) {
    qd_collection_unref(reader->collection);
    return status;
  }
  qd_collection_begin_read(reader->collection, &reader->view);
  reader->view.helpers = qd_engine_helpers(job->engine);
  return QDRANT_OK;
}

void qd_job_end_read(qd_reader *reader) {
  qd_collection_end_read(reader->collection, &reader->view);
  qd_collection_unref(reader->collection);
}
