#include "core/alloc.h"
#include "core/error.h"
#include "memory/job.h"
#include "memory/payload.h"
#include "memory/vector_read.h"

#include <string.h>

/* A vector of a staged point, ready for its field. */
typedef struct staged_vector {
  qd_vector_field *field;
  const float *values;    /* DENSE: in the request */
  qd_vector_block *block; /* SPARSE, MULTI: owned */
} staged_vector;

/* A point of the request, checked and with all memory it needs but its slot. */
typedef struct staged_point {
  qd_id id;
  Qdrant__Struct *payload; /* owned; NULL without one */
  staged_vector *vectors;
  size_t n_vectors;
  int is_skipped; /* the update mode or filter leaves it out */
} staged_point;

typedef struct batch {
  staged_point *points;
  size_t n;
  const qd_filter *filter;
  Qdrant__UpdateMode mode;
} batch;

/* What was not handed to the store. */
static void free_batch(batch *staged) {
  for (size_t i = 0; i < staged->n; i++) {
    qd_free(staged->points[i].payload);
    for (size_t j = 0; j < staged->points[i].n_vectors; j++)
      qd_free(staged->points[i].vectors[j].block);
  }
}

static qdrant_status read_id_and_payload(qd_job *job, const Qdrant__PointStruct *message, staged_point *point) {
  if (message->vectors == NULL)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Expected some vectors");
  if (message->id == NULL)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Empty ID is not allowed");
  qdrant_status status = qd_id_read(message->id, &point->id, job->err);
  if (status != QDRANT_OK)
    return status;
  return qd_payload_copy(
      message->n_payload, (qd_payload_entry *const *)(void *)message->payload, &point->payload, job->err);
}

/* What does not depend on the collection: the server refuses it even where there is none. */
static qdrant_status read_points(qd_job *job, const Qdrant__UpsertPoints *request, batch *staged) {
  *staged = (batch){.mode = request->has_update_mode ? request->update_mode : QDRANT__UPDATE_MODE__Upsert};
  qdrant_status status = qd_filter_prepare(request->update_filter, job->arena, &staged->filter, job->err);
  if (status != QDRANT_OK)
    return status;
  staged->points = qd_arena_zalloc(job->arena, (request->n_points + 1) * sizeof *staged->points);
  if (staged->points == NULL)
    return qd_job_fail_memory(job);
  for (; staged->n < request->n_points && status == QDRANT_OK; staged->n++)
    status = read_id_and_payload(job, request->points[staged->n], &staged->points[staged->n]);
  return status;
}

static qdrant_status stage_vector(qd_job *job, const qd_collection *collection, const char *name,
    const Qdrant__Vector *message, size_t at, staged_point *point) {
  static const Qdrant__Vector no_vector = QDRANT__VECTOR__INIT;
  qd_vector vector;
  qd_vector_place place = {*name != '\0' ? QD_VECTOR_NAMED : QD_VECTOR_UNNAMED, at};
  qdrant_status status = qd_vector_read(message != NULL ? message : &no_vector, &place, job->arena, &vector, job->err);
  if (status != QDRANT_OK)
    return status;
  qd_vector_field *field = qd_collection_field(collection, name, job->err);
  if (field == NULL)
    return QDRANT_INVALID_ARGUMENT;
  status = qd_vector_field_check_value(field, &vector, job->err);
  if (status != QDRANT_OK)
    return status;
  staged_vector *staged = &point->vectors[point->n_vectors];
  *staged = (staged_vector){.field = field, .values = vector.values};
  if (field->kind != QDRANT_DENSE) {
    staged->block = qd_vector_block_new(field, &vector);
    if (staged->block == NULL)
      return qd_job_fail_memory(job);
  }
  point->n_vectors++;
  return QDRANT_OK;
}

static qdrant_status stage_vectors(
    qd_job *job, const qd_collection *collection, const Qdrant__Vectors *message, size_t at, staged_point *point) {
  int is_named = message->vectors_options_case == QDRANT__VECTORS__VECTORS_OPTIONS_VECTORS;
  size_t n = is_named ? message->vectors->n_vectors : 1;
  point->vectors = qd_arena_alloc(job->arena, (n + 1) * sizeof *point->vectors);
  if (point->vectors == NULL)
    return qd_job_fail_memory(job);
  if (!is_named && message->vectors_options_case != QDRANT__VECTORS__VECTORS_OPTIONS_VECTOR)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Expected some vectors");
  if (!is_named)
    return stage_vector(job, collection, "", message->vector, at, point);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = stage_vector(
        job, collection, message->vectors->vectors[i]->key, message->vectors->vectors[i]->value, at, point);
  return status;
}

static qdrant_status stage_points(
    qd_job *job, const qd_collection *collection, const Qdrant__UpsertPoints *request, batch *staged) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < staged->n && status == QDRANT_OK; i++)
    status = stage_vectors(job, collection, request->points[i]->vectors, i, &staged->points[i]);
  return status;
}

/* Decides which points are left out, all by the state before the request. */
static void choose_points(const qd_view *view, batch *staged) {
  for (size_t i = 0; i < staged->n; i++) {
    staged_point *point = &staged->points[i];
    uint32_t slot = qd_view_find(view, &point->id);
    if (slot == QD_NO_SLOT)
      point->is_skipped = staged->mode == QDRANT__UPDATE_MODE__UpdateOnly;
    else
      point->is_skipped =
          staged->mode == QDRANT__UPDATE_MODE__InsertOnly || !qd_view_matches(view, slot, staged->filter);
  }
}

static void put_vectors(qd_point_store *store, uint32_t slot, staged_point *point) {
  for (size_t i = 0; i < point->n_vectors; i++) {
    staged_vector *vector = &point->vectors[i];
    if (vector->field->kind == QDRANT_DENSE)
      qd_point_store_put_dense(store, slot, vector->field, vector->values);
    else
      qd_point_store_put_block(store, slot, vector->field, vector->block);
    vector->block = NULL;
  }
}

/* Cannot fail: all memory is there. A point that is there is replaced as a whole. */
static void put_points(qd_point_store *store, batch *staged, uint64_t version) {
  for (size_t i = 0; i < staged->n; i++) {
    staged_point *point = &staged->points[i];
    if (point->is_skipped)
      continue;
    uint32_t slot = qd_point_store_add(store, &point->id, version);
    put_vectors(store, slot, point);
    qd_point_store_put_payload(store, slot, point->payload);
    point->payload = NULL;
  }
}

static qdrant_status put_batch(qd_job *job, qd_collection *collection, batch *staged, int has_waited) {
  Qdrant__PointsOperationResponse *reply = (Qdrant__PointsOperationResponse *)job->reply;
  qdrant_status status = qd_job_update_result(job, reply);
  if (status != QDRANT_OK)
    return status;
  qd_collection_begin_write(collection);
  if (qd_point_store_reserve(&collection->store, staged->n)) {
    qd_view view = qd_collection_writer_view(collection);
    choose_points(&view, staged);
    qd_collection_count_operation(collection, has_waited, reply->result);
    put_points(&collection->store, staged, reply->result->operation_id);
  } else {
    status = qd_job_fail_memory(job);
  }
  qd_collection_end_write(collection);
  return status;
}

qdrant_status qd_job_points_upsert(qd_job *job) {
  const Qdrant__UpsertPoints *request = (const Qdrant__UpsertPoints *)job->request;
  qd_collection *collection = NULL;
  batch staged;
  qdrant_status status = read_points(job, request, &staged);
  if (status == QDRANT_OK)
    status = qd_job_collection(job, request->collection_name, &collection);
  if (status == QDRANT_OK && staged.n == 0)
    status = qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Bad request: Empty update request");
  if (status == QDRANT_OK)
    status = qd_job_check_write_shard(job, collection, request->shard_key_selector);
  if (status == QDRANT_OK)
    status = stage_points(job, collection, request, &staged);
  if (status == QDRANT_OK)
    status = put_batch(job, collection, &staged, request->wait);
  free_batch(&staged);
  qd_collection_unref(collection);
  return status;
}
