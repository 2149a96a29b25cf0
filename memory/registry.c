#include "memory/registry.h"

#include "core/alloc.h"
#include "core/error.h"

#include <string.h>

int qd_registry_init(qd_registry *registry) {
  *registry = (qd_registry){0};
  return pthread_rwlock_init(&registry->lock, NULL) == 0;
}

void qd_registry_free(qd_registry *registry) {
  for (size_t i = 0; i < registry->n; i++)
    qd_collection_unref(registry->items[i]);
  qd_free(registry->items);
  qd_alias_list_free(&registry->aliases);
  pthread_rwlock_destroy(&registry->lock);
}

/* Where the name is, or would be. */
static size_t find_place(const qd_registry *registry, const char *name, int *is_there) {
  size_t low = 0;
  size_t high = registry->n;
  *is_there = 0;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(name, registry->items[middle]->name);
    if (order == 0) {
      *is_there = 1;
      return middle;
    }
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

int qd_registry_has(const qd_registry *registry, const char *name) {
  int is_there;
  find_place(registry, name, &is_there);
  return is_there;
}

qd_collection *qd_registry_find(qd_registry *registry, const char *name) {
  int is_there;
  pthread_rwlock_rdlock(&registry->lock);
  const char *meant = qd_alias_list_find(&registry->aliases, name);
  size_t place = find_place(registry, meant != NULL ? meant : name, &is_there);
  qd_collection *found = is_there ? qd_collection_ref(registry->items[place]) : NULL;
  pthread_rwlock_unlock(&registry->lock);
  return found;
}

qdrant_status qd_registry_fail_missing(const char *name, qdrant_error *err) {
  return qd_fail(err, QDRANT_NOT_FOUND, "Not found: Collection `%s` doesn't exist!", name);
}

qdrant_status qd_registry_fail_existing(const char *name, qdrant_error *err) {
  return qd_fail(err, QDRANT_ALREADY_EXISTS, "Wrong input: Collection `%s` already exists!", name);
}

qdrant_status qd_registry_get(qd_registry *registry, const char *name, qd_collection **collection, qdrant_error *err) {
  *collection = qd_registry_find(registry, name);
  return *collection != NULL ? QDRANT_OK : qd_registry_fail_missing(name, err);
}

static int reserve_one(qd_registry *registry) {
  if (registry->n < registry->capacity)
    return 1;
  size_t capacity = registry->capacity == 0 ? 8 : 2 * registry->capacity;
  qd_collection **items = qd_realloc(registry->items, capacity * sizeof *items);
  if (items == NULL)
    return 0;
  registry->items = items;
  registry->capacity = capacity;
  return 1;
}

static void insert_at(qd_registry *registry, size_t place, qd_collection *collection) {
  memmove(registry->items + place + 1, registry->items + place, (registry->n - place) * sizeof *registry->items);
  registry->items[place] = collection;
  registry->n++;
}

static qdrant_status add_locked(qd_registry *registry, qd_collection *collection, qdrant_error *err) {
  int is_there;
  size_t place = find_place(registry, collection->name, &is_there);
  if (is_there)
    return qd_registry_fail_existing(collection->name, err);
  if (qd_alias_list_find(&registry->aliases, collection->name) != NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Can't create collection with name %s. Alias with the same name already exists", collection->name);
  if (!reserve_one(registry))
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a collection");
  insert_at(registry, place, collection);
  return QDRANT_OK;
}

qdrant_status qd_registry_add(qd_registry *registry, qd_collection *collection, qdrant_error *err) {
  pthread_rwlock_wrlock(&registry->lock);
  qdrant_status status = add_locked(registry, collection, err);
  pthread_rwlock_unlock(&registry->lock);
  return status;
}

int qd_registry_put(qd_registry *registry, qd_collection *collection) {
  int is_there;
  qd_collection *replaced = NULL;
  pthread_rwlock_wrlock(&registry->lock);
  size_t place = find_place(registry, collection->name, &is_there);
  int is_done = is_there || reserve_one(registry);
  if (is_there) {
    replaced = registry->items[place];
    registry->items[place] = collection;
  } else if (is_done) {
    insert_at(registry, place, collection);
    qd_alias_list_remove(&registry->aliases, collection->name);
  }
  pthread_rwlock_unlock(&registry->lock);
  qd_collection_unref(replaced);
  return is_done;
}

int qd_registry_copy_aliases(qd_registry *registry, qd_alias_list *aliases) {
  int is_done = 1;
  *aliases = (qd_alias_list){0};
  pthread_rwlock_rdlock(&registry->lock);
  for (size_t i = 0; i < registry->aliases.n && is_done; i++)
    is_done = qd_alias_list_put(aliases, registry->aliases.items[i].name, registry->aliases.items[i].collection);
  pthread_rwlock_unlock(&registry->lock);
  if (!is_done)
    qd_alias_list_free(aliases);
  return is_done;
}

int qd_registry_put_aliases(qd_registry *registry, const qd_alias_list *aliases) {
  int is_done = 1;
  pthread_rwlock_wrlock(&registry->lock);
  for (size_t i = 0; i < aliases->n && is_done; i++)
    if (!qd_registry_has(registry, aliases->items[i].name))
      is_done = qd_alias_list_put(&registry->aliases, aliases->items[i].name, aliases->items[i].collection);
  pthread_rwlock_unlock(&registry->lock);
  return is_done;
}

int qd_registry_remove(qd_registry *registry, const char *name) {
  int is_there;
  qd_collection *removed = NULL;
  pthread_rwlock_wrlock(&registry->lock);
  size_t place = find_place(registry, name, &is_there);
  if (is_there) {
    removed = registry->items[place];
    qd_alias_list_drop(&registry->aliases, name);
    registry->n--;
    memmove(registry->items + place, registry->items + place + 1, (registry->n - place) * sizeof *registry->items);
  }
  pthread_rwlock_unlock(&registry->lock);
  qd_collection_unref(removed);
  return is_there;
}

int qd_registry_list(qd_registry *registry, qd_arena *arena, qd_collection ***collections, size_t *n) {
  pthread_rwlock_rdlock(&registry->lock);
  qd_collection **listed = qd_arena_alloc(arena, (registry->n + 1) * sizeof *listed);
  *n = listed != NULL ? registry->n : 0;
  for (size_t i = 0; i < *n; i++)
    listed[i] = qd_collection_ref(registry->items[i]);
  pthread_rwlock_unlock(&registry->lock);
  *collections = listed;
  return listed != NULL;
}
