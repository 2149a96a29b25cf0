#include "core/arena.h"
#include "core/error.h"
#include "memory/engine.h"
#include "memory/registry.h"
#include "memory/snapshot.h"

/* The engine's face for snapshot files. */

int qd_engine_set_snapshot_directory(qd_engine *engine, const char *directory) {
  return qd_snapshot_store_set_directory(qd_engine_snapshots(engine), directory);
}

static qdrant_status save_one(
    qd_registry *registry, const char *name, const char *path, int64_t deadline_ns, qdrant_error *err) {
  qd_collection *collection;
  qdrant_status status = qd_registry_get(registry, name, &collection, err);
  if (status != QDRANT_OK)
    return status;
  status = qd_snapshot_write(path, &collection, 1, NULL, deadline_ns, err);
  qd_collection_unref(collection);
  return status;
}

static qdrant_status save_all(qd_registry *registry, const char *path, int64_t deadline_ns, qdrant_error *err) {
  qd_collection **collections;
  size_t n = 0;
  qd_alias_list aliases = {0};
  qd_arena *arena = qd_arena_new(0);
  int is_ready = arena != NULL && qd_registry_copy_aliases(registry, &aliases) &&
                 qd_registry_list(registry, arena, &collections, &n);
  qdrant_status status = is_ready ? qd_snapshot_write(path, collections, n, &aliases, deadline_ns, err)
                                  : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a snapshot");
  for (size_t i = 0; i < n; i++)
    qd_collection_unref(collections[i]);
  qd_alias_list_free(&aliases);
  qd_arena_free(arena);
  return status;
}

qdrant_status qd_engine_save(
    qd_engine *engine, const char *collection, const char *path, int64_t deadline_ns, qdrant_error *err) {
  qd_registry *registry = qd_engine_registry(engine);
  return collection != NULL ? save_one(registry, collection, path, deadline_ns, err)
                            : save_all(registry, path, deadline_ns, err);
}

qdrant_status qd_engine_recover(qd_engine *engine, const char *path, const char *name, qdrant_error *err) {
  qd_registry *registry = qd_engine_registry(engine);
  qd_snapshot snapshot;
  qdrant_status status = qd_snapshot_read(path, name, &snapshot, err);
  if (status != QDRANT_OK)
    return status;
  int is_done = 1;
  while (snapshot.n > 0 && is_done) {
    is_done = qd_registry_put(registry, snapshot.items[snapshot.n - 1]);
    snapshot.n -= (size_t)is_done;
  }
  is_done = is_done && qd_registry_put_aliases(registry, &snapshot.aliases);
  qd_snapshot_free(&snapshot);
  return is_done ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a snapshot's collections");
}
