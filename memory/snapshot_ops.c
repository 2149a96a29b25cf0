#include "memory/job.h"
#include "memory/registry.h"
#include "memory/snapshot_store.h"
#include "qdrant/pb/snapshots.pb-c.h"

#include <unistd.h>

/* The six RPCs of Snapshots. */

static Qdrant__SnapshotDescription *describe(qd_job *job, qd_snapshot_file *file) {
  Qdrant__SnapshotDescription *described = qd_job_message(job, &qdrant__snapshot_description__descriptor);
  Qdrant__Timestamp *created = qd_job_message(job, &qdrant__timestamp__descriptor);
  if (described == NULL || created == NULL)
    return NULL;
  created->has_seconds = created->has_nanos = 1;
  created->seconds = file->created_s;
  described->name = (char *)file->name;
  described->creation_time = created;
  described->has_size = 1;
  described->size = file->n_bytes;
  if (file->checksum[0] == '\0')
    return described;
  described->checksum = qd_arena_strndup(job->arena, file->checksum, sizeof file->checksum - 1);
  return described->checksum != NULL ? described : NULL;
}

/* Writes a new file and describes it. collection: whose snapshot it is, by its own name; NULL: of all. */
static qdrant_status create(qd_job *job, const char *collection) {
  Qdrant__CreateSnapshotResponse *reply = (Qdrant__CreateSnapshotResponse *)job->reply;
  qd_snapshot_file file;
  qdrant_status status =
      qd_snapshot_store_choose(qd_engine_snapshots(job->engine), collection, job->arena, &file, job->err);
  if (status != QDRANT_OK)
    return status;
  status = qd_engine_save(job->engine, collection, file.path, job->deadline_ns, job->err);
  if (status == QDRANT_OK)
    status = qd_snapshot_store_seal(&file, job->arena, job->err);
  if (status == QDRANT_OK && (reply->snapshot_description = describe(job, &file)) == NULL)
    status = qd_job_fail_memory(job);
  if (status != QDRANT_OK)
    unlink(file.path);
  return status;
}

qdrant_status qd_job_snapshots_create(qd_job *job) {
  const Qdrant__CreateSnapshotRequest *request = (const Qdrant__CreateSnapshotRequest *)job->request;
  qd_collection *collection;
  qdrant_status status = qd_job_collection(job, request->collection_name, &collection);
  if (status != QDRANT_OK)
    return status;
  status = create(job, collection->name);
  qd_collection_unref(collection);
  return status;
}

qdrant_status qd_job_snapshots_create_full(qd_job *job) {
  return create(job, NULL);
}

static qdrant_status list(qd_job *job, const char *collection) {
  Qdrant__ListSnapshotsResponse *reply = (Qdrant__ListSnapshotsResponse *)job->reply;
  qd_snapshot_file *files;
  size_t n;
  qdrant_status status =
      qd_snapshot_store_list(qd_engine_snapshots(job->engine), collection, job->arena, &files, &n, job->err);
  if (status != QDRANT_OK)
    return status;
  reply->snapshot_descriptions = qd_arena_alloc(job->arena, (n + 1) * sizeof *reply->snapshot_descriptions);
  if (reply->snapshot_descriptions == NULL)
    return qd_job_fail_memory(job);
  for (; reply->n_snapshot_descriptions < n; reply->n_snapshot_descriptions++) {
    Qdrant__SnapshotDescription *described = describe(job, &files[reply->n_snapshot_descriptions]);
    if (described == NULL)
      return qd_job_fail_memory(job);
    reply->snapshot_descriptions[reply->n_snapshot_descriptions] = described;
  }
  return QDRANT_OK;
}

qdrant_status qd_job_snapshots_list(qd_job *job) {
  const Qdrant__ListSnapshotsRequest *request = (const Qdrant__ListSnapshotsRequest *)job->request;
  qd_collection *collection;
  qdrant_status status = qd_job_collection(job, request->collection_name, &collection);
  if (status != QDRANT_OK)
    return status;
  status = list(job, collection->name);
  qd_collection_unref(collection);
  return status;
}

qdrant_status qd_job_snapshots_list_full(qd_job *job) {
  return list(job, NULL);
}

qdrant_status qd_job_snapshots_delete(qd_job *job) {
  const Qdrant__DeleteSnapshotRequest *request = (const Qdrant__DeleteSnapshotRequest *)job->request;
  qd_collection *collection;
  qdrant_status status = qd_job_collection(job, request->collection_name, &collection);
  if (status != QDRANT_OK)
    return status;
  status = qd_snapshot_store_delete(
      qd_engine_snapshots(job->engine), collection->name, request->snapshot_name, job->arena, job->err);
  qd_collection_unref(collection);
  return status;
}

qdrant_status qd_job_snapshots_delete_full(qd_job *job) {
  const Qdrant__DeleteFullSnapshotRequest *request = (const Qdrant__DeleteFullSnapshotRequest *)job->request;
  return qd_snapshot_store_delete(qd_engine_snapshots(job->engine), NULL, request->snapshot_name, job->arena, job->err);
}
