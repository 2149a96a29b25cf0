#include "core/alloc.h"
#include "core/error.h"
#include "memory/payload_edit.h"
#include "memory/selection.h"
#include "memory/write.h"

#include <assert.h>
#include <stddef.h>

static_assert(sizeof(Qdrant__SetPayloadPoints__PayloadEntry) == sizeof(qd_payload_entry) &&
                  offsetof(Qdrant__SetPayloadPoints__PayloadEntry, key) == offsetof(qd_payload_entry, key) &&
                  offsetof(Qdrant__SetPayloadPoints__PayloadEntry, value) == offsetof(qd_payload_entry, value),
    "entries of a payload map have one layout");

typedef enum operation_kind { SET, OVERWRITE, REMOVE, CLEAR } operation_kind;

/* One of the four operations, read from its request. */
typedef struct operation {
  operation_kind kind;
  qd_selection selection;
  size_t n_entries; /* SET, OVERWRITE */
  qd_payload_entry *const *entries;
  const qd_path *key; /* SET: where to; may be NULL */
  qd_path *paths;     /* REMOVE */
  size_t n_paths;
} operation;

static qdrant_status make_payload(
    qd_job *job, const operation *of, const Qdrant__Struct *old, qd_arena *scratch, Qdrant__Struct **made) {
  switch (of->kind) {
  case SET: return qd_payload_merge(old, of->key, of->n_entries, of->entries, scratch, made, job->err);
  case OVERWRITE: return qd_payload_copy(of->n_entries, of->entries, made, job->err);
  case REMOVE: return qd_payload_remove(old, of->paths, of->n_paths, scratch, made, job->err);
  default: *made = NULL; return QDRANT_OK;
  }
}

/* The new payloads of all points, before any of them is changed. made has room for them and starts out empty. */
static qdrant_status make_payloads(
    qd_job *job, const operation *of, const qd_view *view, const qd_slots *slots, Qdrant__Struct **made) {
  qd_arena *scratch = qd_arena_new(0);
  qdrant_status status = scratch != NULL ? QDRANT_OK : qd_job_fail_memory(job);
  for (size_t i = 0; i < slots->n && status == QDRANT_OK; i++) {
    status = make_payload(job, of, qd_view_payload(view, slots->items[i]), scratch, &made[i]);
    qd_arena_reset(scratch);
  }
  qd_arena_free(scratch);
  return status;
}

static int put_payloads(qd_point_store *store, const qd_slots *slots, Qdrant__Struct **made, uint64_t version) {
  for (size_t i = 0; i < slots->n; i++) {
    if (!qd_point_store_reserve_next(store))
      return 0;
    uint32_t slot = qd_point_store_edit(store, slots->items[i], version);
    qd_point_store_put_payload(store, slot, made[i]);
    made[i] = NULL;
  }
  return 1;
}

static qdrant_status apply_operation(qd_job *job, qd_collection *collection, void *user, uint64_t number) {
  const operation *of = user;
  qd_view view = qd_collection_writer_view(collection);
  qd_slots slots;
  qdrant_status status = qd_selection_find(job, &of->selection, &view, &slots);
  if (status != QDRANT_OK)
    return status;
  Qdrant__Struct **made = qd_arena_zalloc(job->arena, (slots.n + 1) * sizeof *made);
  if (made == NULL || !qd_point_store_reserve_many(&collection->store, slots.n))
    return qd_job_fail_memory(job);
  status = make_payloads(job, of, &view, &slots, made);
  if (status == QDRANT_OK && !put_payloads(&collection->store, &slots, made, number))
    status = qd_job_fail_memory(job);
  if (status == QDRANT_OK && slots.missing != NULL)
    status = qd_selection_fail_missing(slots.missing, job->err);
  for (size_t i = 0; i < slots.n; i++)
    qd_free(made[i]);
  return status;
}

/* A payload that cannot be stored is refused before the collection is looked for. */
static qdrant_status check_entries(qd_job *job, const operation *of) {
  Qdrant__Struct *copy;
  qdrant_status status = qd_payload_copy(of->n_entries, of->entries, &copy, job->err);
  if (status == QDRANT_OK)
    qd_free(copy);
  return status;
}

static qdrant_status write_payload(qd_job *job, operation_kind kind, const char *key,
    const Qdrant__SetPayloadPoints *request, Qdrant__UpdateResult *result) {
  operation of = {
      .kind = kind, .n_entries = request->n_payload, .entries = (qd_payload_entry *const *)(void *)request->payload};
  qd_path path;
  qdrant_status status = key != NULL ? qd_path_parse(key, job->arena, &path, job->err) : QDRANT_OK;
  of.key = key != NULL ? &path : NULL;
  if (status == QDRANT_OK)
    status = qd_selection_read(job, request->points_selector, "points_selector is expected", &of.selection);
  if (status == QDRANT_OK)
    status = check_entries(job, &of);
  if (status != QDRANT_OK)
    return status;
  qd_write_place place = {&request->base, request->collection_name, request->shard_key_selector,
      qd_selection_is_empty(&of.selection), request->wait};
  return qd_write_run(job, &place, apply_operation, &of, result);
}

qdrant_status qd_write_set_payload(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__SetPayloadPoints *request = (const Qdrant__SetPayloadPoints *)message;
  return write_payload(job, SET, request->key, request, result);
}

/* The server does not look at the key. */
qdrant_status qd_write_overwrite_payload(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  return write_payload(job, OVERWRITE, NULL, (const Qdrant__SetPayloadPoints *)message, result);
}

qdrant_status qd_write_delete_payload(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__DeletePayloadPoints *request = (const Qdrant__DeletePayloadPoints *)message;
  operation of = {.kind = REMOVE, .n_paths = request->n_keys};
  of.paths = qd_arena_alloc(job->arena, (request->n_keys + 1) * sizeof *of.paths);
  qdrant_status status = of.paths != NULL ? QDRANT_OK : qd_job_fail_memory(job);
  for (size_t i = 0; i < request->n_keys && status == QDRANT_OK; i++)
    status = qd_path_parse(request->keys[i], job->arena, &of.paths[i], job->err);
  if (status == QDRANT_OK)
    status = qd_selection_read(job, request->points_selector, "points_selector is expected", &of.selection);
  if (status != QDRANT_OK)
    return status;
  qd_write_place place = {&request->base, request->collection_name, request->shard_key_selector,
      qd_selection_is_empty(&of.selection), request->wait};
  return qd_write_run(job, &place, apply_operation, &of, result);
}

qdrant_status qd_write_clear_payload(qd_job *job, const ProtobufCMessage *message, Qdrant__UpdateResult *result) {
  const Qdrant__ClearPayloadPoints *request = (const Qdrant__ClearPayloadPoints *)message;
  operation of = {.kind = CLEAR};
  qdrant_status status = qd_selection_read(job, request->points, "PointSelector is missing", &of.selection);
  if (status != QDRANT_OK)
    return status;
  qd_write_place place = {&request->base, request->collection_name, request->shard_key_selector,
      qd_selection_is_empty(&of.selection), request->wait};
  return qd_write_run(job, &place, apply_operation, &of, result);
}

qdrant_status qd_job_points_set_payload(qd_job *job) {
  return qd_write_alone(job, qd_write_set_payload);
}

qdrant_status qd_job_points_overwrite_payload(qd_job *job) {
  return qd_write_alone(job, qd_write_overwrite_payload);
}

qdrant_status qd_job_points_delete_payload(qd_job *job) {
  return qd_write_alone(job, qd_write_delete_payload);
}

qdrant_status qd_job_points_clear_payload(qd_job *job) {
  return qd_write_alone(job, qd_write_clear_payload);
}
