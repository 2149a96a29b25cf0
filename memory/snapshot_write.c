#include "core/error.h"
#include "core/rpc.h"
#include "memory/reply.h"
#include "memory/snapshot.h"
#include "memory/snapshot_file.h"

#include <string.h>

/* A snapshot being written. The job is one that nobody asked for: points are made for it as for a reply. */
typedef struct writing {
  qd_snapshot_writer *file;
  qd_job job;
} writing;

static qdrant_status write_points(writing *to, const qd_view *view) {
  qd_reply_parts parts = {.payload = {.mode = QD_PAYLOAD_ALL}, .vectors = {.has_all = 1}};
  qdrant_status status = QDRANT_OK;
  size_t n_done = 0;
  for (uint32_t slot = qd_view_first(view, NULL); slot != QD_NO_SLOT && status == QDRANT_OK;
       slot = qd_view_next(view, slot)) {
    Qdrant__ScoredPoint *point = qd_reply_scored(&to->job, view, slot, &parts);
    if (point == NULL)
      return QDRANT_NO_MEMORY;
    point->has_version = 1;
    point->version = qd_view_version(view, slot);
    status = qd_snapshot_writer_put_message(to->file, QD_RECORD_POINT, point, to->job.err);
    qd_arena_reset(to->job.arena);
    if (status == QDRANT_OK)
      status = qd_job_check_deadline(&to->job, n_done++);
  }
  return status;
}

static qdrant_status write_indexes(writing *to, qd_collection *collection) {
  const qd_field_index *indexes;
  size_t n;
  if (!qd_field_index_list_copy(collection->indexes, to->job.arena, &indexes, &n))
    return qd_job_fail_memory(&to->job);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++) {
    Qdrant__CollectionInfo__PayloadSchemaEntry entry = QDRANT__COLLECTION_INFO__PAYLOAD_SCHEMA_ENTRY__INIT;
    entry.key = (char *)indexes[i].key;
    entry.value = (Qdrant__PayloadSchemaInfo *)indexes[i].schema;
    status = qd_snapshot_writer_put_message(to->file, QD_RECORD_INDEX, &entry, to->job.err);
  }
  return status;
}

/* A writer is kept out for a moment, so that settings, indexes and points are of one state. */
static qdrant_status write_settings(writing *to, qd_collection *collection, qd_view *view) {
  qdrant_error *err = to->job.err;
  pthread_mutex_lock(&collection->write_lock);
  qdrant_status status =
      qd_snapshot_writer_put(to->file, QD_RECORD_COLLECTION, collection->name, strlen(collection->name), err);
  if (status == QDRANT_OK)
    status = qd_snapshot_writer_put_message(to->file, QD_RECORD_CONFIG, collection->config->message, err);
  if (status == QDRANT_OK)
    status = qd_snapshot_writer_put_number(to->file, QD_RECORD_OPERATIONS, collection->n_operations, err);
  if (status == QDRANT_OK)
    status = write_indexes(to, collection);
  qd_collection_begin_read(collection, view);
  pthread_mutex_unlock(&collection->write_lock);
  return status;
}

static qdrant_status write_collection(writing *to, qd_collection *collection) {
  qd_view view;
  qdrant_status status = write_settings(to, collection, &view);
  if (status == QDRANT_OK)
    status = write_points(to, &view);
  qd_collection_end_read(collection, &view);
  return status;
}

static qdrant_status write_aliases(writing *to, const qd_alias_list *aliases) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; aliases != NULL && i < aliases->n && status == QDRANT_OK; i++) {
    Qdrant__AliasDescription described = QDRANT__ALIAS_DESCRIPTION__INIT;
    described.alias_name = aliases->items[i].name;
    described.collection_name = aliases->items[i].collection;
    status = qd_snapshot_writer_put_message(to->file, QD_RECORD_ALIAS, &described, to->job.err);
  }
  return status;
}

qdrant_status qd_snapshot_write(const char *path, qd_collection *const *collections, size_t n,
    const qd_alias_list *aliases, int64_t deadline_ns, qdrant_error *err) {
  writing to = {.job = {.rpc = qd_rpc_row(QDRANT_RPC_SNAPSHOTS_CREATE), .deadline_ns = deadline_ns, .err = err}};
  to.job.arena = qd_arena_new(0);
  qdrant_status status = to.job.arena != NULL ? qd_snapshot_writer_open(path, &to.file, err)
                                              : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a snapshot");
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = write_collection(&to, collections[i]);
  if (status == QDRANT_OK)
    status = write_aliases(&to, aliases);
  if (status == QDRANT_OK)
    status = qd_snapshot_writer_finish(to.file, err);
  qd_snapshot_writer_free(to.file);
  qd_arena_free(to.job.arena);
  return status;
}
