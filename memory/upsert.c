#include "core/alloc.h"
#include "core/error.h"
#include "memory/payload.h"
#include "memory/staged.h"
#include "memory/strict.h"
#include "memory/write.h"

/* A point of the request, checked and with all memory it needs but its slot. */
typedef struct staged_point {
  qd_id id;
  Qdrant__Struct *payload; /* owned; NULL without one */
  qd_staged_vectors vectors;
  int is_skipped; /* the update mode or filter leaves it out */
} staged_point;

typedef struct batch {
  staged_point *points;
  size_t n;
  const qd_filter *filter;
  Qdrant__UpdateMode mode;
  qdrant_error refusal; /* of vectors; the operation has its number by then */
} batch;

/* What was not handed to the store. */
static void free_batch(batch *staged) {
  for (size_t i = 0; i < staged->n; i++) {
    qd_free(staged->points[i].payload);
    qd_staged_vectors_free(&staged->points[i].vectors);
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
  qdrant_status status = qd_job_filter(job, request->update_filter, &staged->filter);
  if (status != QDRANT_OK)
    return status;
  staged->points = qd_arena_zalloc(job->arena, (request->n_points + 1) * sizeof *staged->points);
  if (staged->points == NULL)
    return qd_job_fail_memory(job);
  for (; staged->n < request->n_points && status == QDRANT_OK; staged->n++)
    status = read_id_and_payload(job, request->points[staged->n], &staged->points[staged->n]);
  return status;
}

static qdrant_status stage_points(
    qd_job *job, const qd_field_list *fields, const Qdrant__UpsertPoints *request, batch *staged) {
  qd_staging staging = {.job = job, .fields = fields, .is_upsert = 1};
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < staged->n && status == QDRANT_OK; i++)
    status = qd_staged_vectors_read(&staging, request->points[i]->vectors, i, &staged->points[i].vectors);
  qd_error_copy(&staged->refusal, &staging.refusal);
  return status;
}

/* Decides which points are left out, all by the state before the request. */
static void choose_points(const qd_view *view, batch *staged) {
  if (staged->mode == QDRANT__UPDATE_MODE__Upsert && staged->filter == NULL)
    return;
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

/* All memory but the slots is there. A point that is there is replaced as a whole. */
static qdrant_status apply_upsert(qd_job *job, qd_collection *collection, void *user, uint64_t number) {
  batch *staged = user;
  if (staged->refusal.status != QDRANT_OK)
    return qd_error_pass(job->err, &staged->refusal);
  if (!qd_point_store_reserve(&collection->store, staged->n))
    return qd_job_fail_memory(job);
  qd_view view = qd_collection_writer_view(collection);
  choose_points(&view, staged);
  for (size_t i = 0; i < staged->n; i++) {
    staged_point *point = &staged->points[i];
    if (point->is_skipped)
      continue;
    uint32_t slot = qd_point_store_add(&collection->store, &point->id, number);
    qd_staged_vectors_put(&point->vectors, &collection->store, slot);
    qd_point_store_put_payload(&collection->store, slot, point->payload);
    point->payload = NULL;
  }
  return QDRANT_OK;
}

qdrant_status qd_write_upsert(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__UpsertPoints *request = (const Qdrant__UpsertPoints *)message;
  qd_write_place place = {
      &request->base, request->collection_name, request->shard_key_selector, request->n_points == 0, request->wait};
  qd_collection *collection = NULL;
  qd_field_list *fields = NULL;
  batch staged;
  qdrant_status status = read_points(job, request, &staged);
  if (status == QDRANT_OK)
    status = qd_job_collection(job, request->collection_name, &collection);
  if (status == QDRANT_OK)
    status = qd_strict_check(job, collection, message);
  if (status == QDRANT_OK) {
    fields = qd_point_store_hold_fields(&collection->store);
    status = stage_points(job, fields, request, &staged);
  }
  if (status == QDRANT_OK)
    status = qd_write_run_in(job, collection, &place, apply_upsert, &staged, result);
  free_batch(&staged);
  qd_field_list_unref(fields);
  qd_collection_unref(collection);
  return status;
}

qdrant_status qd_job_points_upsert(qd_job *job) {
  return qd_write_alone(job, qd_write_upsert);
}
