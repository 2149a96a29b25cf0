#include "core/error.h"
#include "memory/selection.h"
#include "memory/staged.h"
#include "memory/write.h"

/* Points/UpdateVectors: the vectors of one point of the request. */
typedef struct vector_update {
  qd_id id;
  const Qdrant__Vectors *message;
  qd_staged_vectors vectors;
  uint32_t slot; /* QD_NO_SLOT: left out */
} vector_update;

typedef struct vector_updates {
  vector_update *items;
  size_t n;
  const qd_filter *filter;
  const qd_id *missing; /* the first id without a point, or NULL */
} vector_updates;

static qdrant_status read_update(qd_job *job, const Qdrant__PointVectors *message, vector_update *update) {
  *update = (vector_update){.message = message->vectors, .slot = QD_NO_SLOT};
  if (message->id == NULL)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "id is expected");
  qdrant_status status = qd_id_read(message->id, &update->id, job->err);
  if (status == QDRANT_OK && message->vectors == NULL)
    status = qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "vectors is expected");
  return status;
}

static qdrant_status read_updates(qd_job *job, const Qdrant__UpdatePointVectors *request, vector_updates *updates) {
  *updates = (vector_updates){.items = qd_arena_alloc(job->arena, (request->n_points + 1) * sizeof *updates->items)};
  qdrant_status status = updates->items != NULL ? QDRANT_OK : qd_job_fail_memory(job);
  for (; updates->n < request->n_points && status == QDRANT_OK; updates->n++)
    status = read_update(job, request->points[updates->n], &updates->items[updates->n]);
  if (status == QDRANT_OK)
    status = qd_job_filter(job, request->update_filter, &updates->filter);
  return status;
}

/* Finds a point; the filter leaves out those that do not match, and lets those pass that are not there. */
static void choose_slot(const qd_view *view, vector_updates *updates, vector_update *update) {
  uint32_t slot = qd_view_find(view, &update->id);
  if (slot != QD_NO_SLOT && qd_view_matches(view, slot, updates->filter))
    update->slot = slot;
  if (slot == QD_NO_SLOT && updates->missing == NULL)
    updates->missing = &update->id;
}

static qdrant_status stage_updates(qd_job *job, qd_collection *collection, vector_updates *updates) {
  qd_view view = qd_collection_writer_view(collection);
  qd_staging staging = {.job = job, .fields = view.fields};
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < updates->n && status == QDRANT_OK; i++) {
    vector_update *update = &updates->items[i];
    choose_slot(&view, updates, update);
    if (update->slot != QD_NO_SLOT)
      status = qd_staged_vectors_read(&staging, update->message, i, &update->vectors);
  }
  return status == QDRANT_OK && staging.refusal.status != QDRANT_OK ? qd_error_pass(job->err, &staging.refusal)
                                                                    : status;
}

/* A point named twice may have got another slot the first time. */
static void put_updates(qd_collection *collection, vector_updates *updates, uint64_t number) {
  qd_view view = qd_collection_writer_view(collection);
  for (size_t i = 0; i < updates->n; i++) {
    vector_update *update = &updates->items[i];
    if (update->slot == QD_NO_SLOT)
      continue;
    uint32_t slot = qd_point_store_edit(&collection->store, qd_view_find(&view, &update->id), number);
    qd_staged_vectors_put(&update->vectors, &collection->store, slot);
  }
}

static qdrant_status apply_updates(qd_job *job, qd_collection *collection, void *user, uint64_t number) {
  vector_updates *updates = user;
  qdrant_status status = stage_updates(job, collection, updates);
  if (status == QDRANT_OK && !qd_point_store_reserve(&collection->store, updates->n))
    status = qd_job_fail_memory(job);
  if (status == QDRANT_OK)
    put_updates(collection, updates, number);
  for (size_t i = 0; i < updates->n; i++)
    qd_staged_vectors_free(&updates->items[i].vectors);
  return status == QDRANT_OK && updates->missing != NULL ? qd_selection_fail_missing(updates->missing, job->err)
                                                         : status;
}

qdrant_status qd_write_update_vectors(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__UpdatePointVectors *request = (const Qdrant__UpdatePointVectors *)message;
  vector_updates updates;
  qdrant_status status = read_updates(job, request, &updates);
  if (status != QDRANT_OK)
    return status;
  qd_write_place place = {
      &request->base, request->collection_name, request->shard_key_selector, request->n_points == 0, request->wait};
  return qd_write_run(job, &place, apply_updates, &updates, result);
}

/* Points/DeleteVectors: names of vectors, taken from the selected points. */
typedef struct vector_removal {
  qd_selection selection;
  size_t n_names;
  char *const *names;
  qd_vector_field **fields; /* room for n_names */
} vector_removal;

static qdrant_status find_fields(qd_job *job, const qd_collection *collection, vector_removal *removal) {
  for (size_t i = 0; i < removal->n_names; i++) {
    removal->fields[i] = qd_collection_field(collection, removal->names[i], job->err);
    if (removal->fields[i] == NULL)
      return QDRANT_INVALID_ARGUMENT;
  }
  return QDRANT_OK;
}

static int clear_vectors(qd_point_store *store, const qd_slots *slots, const vector_removal *removal, uint64_t number) {
  for (size_t i = 0; i < slots->n; i++) {
    if (!qd_point_store_reserve_next(store))
      return 0;
    uint32_t slot = qd_point_store_edit(store, slots->items[i], number);
    for (size_t j = 0; j < removal->n_names; j++)
      qd_vector_field_clear(removal->fields[j], slot);
  }
  return 1;
}

static qdrant_status apply_removal(qd_job *job, qd_collection *collection, void *user, uint64_t number) {
  vector_removal *removal = user;
  qd_point_store *store = &collection->store;
  qd_view view = qd_collection_writer_view(collection);
  qd_slots slots;
  qdrant_status status = qd_selection_find(job, &removal->selection, &view, &slots);
  if (status == QDRANT_OK && slots.n > 0)
    status = find_fields(job, collection, removal);
  if (status == QDRANT_OK &&
      (!qd_point_store_reserve_many(store, slots.n) || !clear_vectors(store, &slots, removal, number)))
    status = qd_job_fail_memory(job);
  if (status == QDRANT_OK && slots.missing != NULL)
    status = qd_selection_fail_missing(slots.missing, job->err);
  return status;
}

qdrant_status qd_write_delete_vectors(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__DeletePointVectors *request = (const Qdrant__DeletePointVectors *)message;
  vector_removal removal;
  qdrant_status status =
      qd_selection_read(job, request->points_selector, "points_selector is expected", &removal.selection);
  if (status == QDRANT_OK && request->vectors == NULL)
    status = qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "vectors is expected");
  if (status != QDRANT_OK)
    return status;
  removal.n_names = request->vectors->n_names;
  removal.names = request->vectors->names;
  removal.fields = qd_arena_alloc(job->arena, (removal.n_names + 1) * sizeof(qd_vector_field *));
  if (removal.fields == NULL)
    return qd_job_fail_memory(job);
  qd_write_place place = {&request->base, request->collection_name, request->shard_key_selector,
      qd_selection_is_empty(&removal.selection), request->wait};
  return qd_write_run(job, &place, apply_removal, &removal, result);
}

qdrant_status qd_job_points_update_vectors(qd_job *job) {
  return qd_write_alone(job, qd_write_update_vectors);
}

qdrant_status qd_job_points_delete_vectors(qd_job *job) {
  return qd_write_alone(job, qd_write_delete_vectors);
}
