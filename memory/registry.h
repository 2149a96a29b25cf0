#ifndef QD_REGISTRY_H
#define QD_REGISTRY_H

#include "memory/alias_list.h"
#include "memory/collection.h"
#include "memory/engine.h"
#include "memory/snapshot_store.h"

/* The engine's collections by name. Thread-safe. */
typedef struct qd_registry {
  pthread_rwlock_t lock; /* guards what follows; no collection's lock is taken while it is held */
  qd_collection **items; /* ascending by name, one reference each */
  size_t n;
  size_t capacity;
  qd_alias_list aliases; /* a collection's name is none of them */
} qd_registry;

/* 0 when it cannot be made. */
int qd_registry_init(qd_registry *registry);
void qd_registry_free(qd_registry *registry);

/* A reference of the caller's own to the collection of a name or an alias, or NULL. */
qd_collection *qd_registry_find(qd_registry *registry, const char *name);
/* The same, or NOT_FOUND in the server's words. */
qdrant_status qd_registry_get(qd_registry *registry, const char *name, qd_collection **collection, qdrant_error *err);

/* Takes the reference on success only. ALREADY_EXISTS, NO_MEMORY. */
qdrant_status qd_registry_add(qd_registry *registry, qd_collection *collection, qdrant_error *err);
/* Puts it in place of the one of its name, if there is one, and takes the reference. 0 when out of memory. */
int qd_registry_put(qd_registry *registry, qd_collection *collection);
/* With the aliases. 1, or 0 when there is none of this very name. */
int qd_registry_remove(qd_registry *registry, const char *name);

/* References to all collections, in an array in arena; the caller unrefs each. 0 when out of memory. */
int qd_registry_list(qd_registry *registry, qd_arena *arena, qd_collection ***collections, size_t *n);

/* Whether there is a collection of this very name; the lock is held. */
int qd_registry_has(const qd_registry *registry, const char *name);
/* NOT_FOUND and ALREADY_EXISTS in the server's words. */
qdrant_status qd_registry_fail_missing(const char *name, qdrant_error *err);
qdrant_status qd_registry_fail_existing(const char *name, qdrant_error *err);

/* A copy of the aliases for the caller to free. 0 when out of memory. */
int qd_registry_copy_aliases(qd_registry *registry, qd_alias_list *aliases);
/* Adds aliases, but those that are names of collections. 0 when out of memory: some may be there. */
int qd_registry_put_aliases(qd_registry *registry, const qd_alias_list *aliases);

/* The engine's registry. */
qd_registry *qd_engine_registry(qd_engine *engine);
/* The engine's snapshots. */
qd_snapshot_store *qd_engine_snapshots(qd_engine *engine);

#endif
