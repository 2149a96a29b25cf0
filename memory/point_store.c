#include "memory/point_store.h"

#include "core/alloc.h"

#include <string.h>

static qd_version *version_at(const qd_point_store *store, uint32_t slot) {
  return qd_column_at(&store->versions, slot);
}

static qd_lifetime *lifetime_at(const qd_point_store *store, uint32_t slot) {
  return qd_column_at(&store->lifetimes, slot);
}

static qd_version_links *links_at(const qd_point_store *store, uint32_t slot) {
  return qd_column_at(&store->links, slot);
}

/* The commit that what is being written will be shown with. */
static uint64_t next_commit(const qd_point_store *store) {
  return store->shown.commit + 1;
}

static uint64_t died_at(const qd_point_store *store, uint32_t slot) {
  return atomic_load_explicit(&lifetime_at(store, slot)->died, memory_order_relaxed);
}

/* Readers that keep coming must not keep the writer out for ever. */
static int init_order_lock(pthread_rwlock_t *lock) {
  pthread_rwlockattr_t attributes;
  if (pthread_rwlockattr_init(&attributes) != 0)
    return 0;
  int is_done = pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0 &&
                pthread_rwlock_init(lock, &attributes) == 0;
  pthread_rwlockattr_destroy(&attributes);
  return is_done;
}

int qd_point_store_init(qd_point_store *store, qd_field_list *fields) {
  *store = (qd_point_store){.versions.item_bytes = sizeof(qd_version),
      .lifetimes.item_bytes = sizeof(qd_lifetime),
      .runs.item_bytes = sizeof(qd_run),
      .links.item_bytes = sizeof(qd_version_links),
      .free = QD_NO_SLOT,
      .first_dead = QD_NO_SLOT,
      .last_dead = QD_NO_SLOT};
  if (!init_order_lock(&store->order_lock))
    return 0;
  if (pthread_mutex_init(&store->shown_lock, NULL) != 0) {
    pthread_rwlock_destroy(&store->order_lock);
    return 0;
  }
  qd_id_tree_init(&store->order);
  store->fields = fields;
  store->shown.fields = qd_field_list_ref(fields);
  return 1;
}

/* Whether the next version of the point has the same payload. */
static int shares_payload(const qd_point_store *store, uint32_t slot) {
  uint32_t newer = links_at(store, slot)->newer;
  return newer != QD_NO_SLOT && version_at(store, newer)->payload == version_at(store, slot)->payload;
}

void qd_point_store_free(qd_point_store *store) {
  for (size_t slot = 0; slot < store->n_slots; slot++)
    if (!shares_payload(store, (uint32_t)slot))
      qd_free(version_at(store, (uint32_t)slot)->payload);
  qd_field_list_unref(store->fields);
  qd_field_list_unref(store->shown.fields);
  qd_id_tree_free(&store->order);
  qd_column_free(&store->versions);
  qd_column_free(&store->lifetimes);
  qd_column_free(&store->runs);
  qd_column_free(&store->links);
  pthread_rwlock_destroy(&store->order_lock);
  pthread_mutex_destroy(&store->shown_lock);
}

static int reserve_columns(qd_point_store *store, size_t n_slots) {
  if (!qd_column_reserve(&store->versions, n_slots) || !qd_column_reserve(&store->lifetimes, n_slots) ||
      !qd_column_reserve(&store->runs, n_slots / QD_RUN_SLOTS) || !qd_column_reserve(&store->links, n_slots) ||
      !qd_id_tree_reserve(&store->order, n_slots))
    return 0;
  for (size_t i = 0; i < store->fields->n; i++)
    if (!qd_vector_field_reserve(store->fields->items[i], n_slots))
      return 0;
  return 1;
}

static size_t n_left(const qd_point_store *store) {
  return store->n_free + (store->capacity - store->n_slots);
}

static int post_vectors(qd_point_store *store) {
  for (size_t i = 0; i < store->fields->n; i++)
    if (!qd_vector_field_post(store->fields->items[i]))
      return 0;
  return 1;
}

int qd_point_store_reserve(qd_point_store *store, size_t n_writes) {
  if (!post_vectors(store))
    return 0;
  if (n_left(store) >= n_writes)
    return 1;
  qd_point_store_reclaim(store);
  if (n_left(store) >= n_writes)
    return 1;
  size_t n_missing = n_writes - n_left(store);
  if (n_missing > QD_MAX_SLOTS - store->capacity)
    return 0;
  size_t n_slots = qd_chunk_first(qd_chunk_of(store->capacity + n_missing - 1) + 1);
  if (!reserve_columns(store, n_slots))
    return 0;
  store->capacity = n_slots;
  return 1;
}

/* Tells the slot's run. */
static void mark_live(qd_point_store *store, uint32_t slot, int is_live) {
  qd_run *run = qd_column_at(&store->runs, slot / QD_RUN_SLOTS);
  uint64_t bit = UINT64_C(1) << slot % QD_RUN_SLOTS;
  uint64_t others = atomic_load_explicit(&run->live, memory_order_relaxed) & ~bit;
  atomic_store_explicit(&run->changed, next_commit(store), memory_order_relaxed);
  atomic_store_explicit(&run->live, is_live ? others | bit : others, memory_order_release);
}

enum { WRITES_AT_ONCE = 4096 };

int qd_point_store_reserve_many(qd_point_store *store, size_t n_writes) {
  return qd_point_store_reserve(store, n_writes < WRITES_AT_ONCE ? n_writes : WRITES_AT_ONCE);
}

int qd_point_store_reserve_next(qd_point_store *store) {
  if (n_left(store) > 0)
    return 1;
  qd_point_store_commit(store);
  return qd_point_store_reserve(store, WRITES_AT_ONCE);
}

/* An empty slot, which readers do not see before the next commit. */
static uint32_t take_slot(qd_point_store *store, const qd_id *id, uint64_t operation) {
  uint32_t slot = store->free;
  if (slot != QD_NO_SLOT) {
    store->free = links_at(store, slot)->next;
    store->n_free--;
  } else {
    slot = (uint32_t)store->n_slots++;
  }
  qd_id_tree_set_id(&store->order, slot, id);
  *version_at(store, slot) = (qd_version){.operation = operation};
  *links_at(store, slot) = (qd_version_links){QD_NO_SLOT, QD_NO_SLOT, QD_NO_SLOT};
  atomic_store_explicit(&lifetime_at(store, slot)->born, next_commit(store), memory_order_relaxed);
  atomic_store_explicit(&lifetime_at(store, slot)->died, UINT64_MAX, memory_order_release);
  mark_live(store, slot, 1);
  return slot;
}

static void put_in_order(qd_point_store *store, uint32_t slot, uint32_t older) {
  pthread_rwlock_wrlock(&store->order_lock);
  if (older == QD_NO_SLOT) {
    qd_id_tree_insert(&store->order, slot);
  } else {
    qd_id_tree_replace(&store->order, older, slot);
    links_at(store, slot)->older = older;
    links_at(store, older)->newer = slot;
  }
  pthread_rwlock_unlock(&store->order_lock);
}

static void bury(qd_point_store *store, uint32_t slot) {
  atomic_store_explicit(&lifetime_at(store, slot)->died, next_commit(store), memory_order_release);
  mark_live(store, slot, 0);
  if (store->last_dead != QD_NO_SLOT)
    links_at(store, store->last_dead)->next = slot;
  else
    store->first_dead = slot;
  store->last_dead = slot;
}

static int is_alive(const qd_point_store *store, uint32_t slot) {
  return died_at(store, slot) == UINT64_MAX;
}

/* Whether a live slot was written since the last commit, so that it may still change. */
static int is_unshown(const qd_point_store *store, uint32_t slot) {
  return atomic_load_explicit(&lifetime_at(store, slot)->born, memory_order_relaxed) == next_commit(store);
}

static void clear_vectors(qd_point_store *store, uint32_t slot) {
  for (size_t i = 0; i < store->fields->n; i++)
    qd_vector_field_clear(store->fields->items[i], slot);
}

uint32_t qd_point_store_add(qd_point_store *store, const qd_id *id, uint64_t operation) {
  uint32_t older = qd_id_tree_find(&store->order, id);
  int is_there = older != QD_NO_SLOT && is_alive(store, older);
  if (is_there && is_unshown(store, older)) {
    clear_vectors(store, older);
    qd_point_store_put_payload(store, older, NULL);
    version_at(store, older)->operation = operation;
    return older;
  }
  uint32_t slot = take_slot(store, id, operation);
  put_in_order(store, slot, older);
  if (is_there)
    bury(store, older);
  else
    store->n_points++;
  return slot;
}

uint32_t qd_point_store_edit(qd_point_store *store, uint32_t slot, uint64_t operation) {
  if (is_unshown(store, slot)) {
    version_at(store, slot)->operation = operation;
    return slot;
  }
  uint32_t copy = take_slot(store, qd_id_tree_id(&store->order, slot), operation);
  version_at(store, copy)->payload = version_at(store, slot)->payload;
  for (size_t i = 0; i < store->fields->n; i++)
    qd_vector_field_copy(store->fields->items[i], slot, copy);
  put_in_order(store, copy, slot);
  bury(store, slot);
  return copy;
}

void qd_point_store_remove(qd_point_store *store, uint32_t slot) {
  bury(store, slot);
  store->n_points--;
}

void qd_point_store_put_payload(qd_point_store *store, uint32_t slot, Qdrant__Struct *payload) {
  qd_version *version = version_at(store, slot);
  uint32_t older = links_at(store, slot)->older;
  if (older == QD_NO_SLOT || version_at(store, older)->payload != version->payload)
    qd_free(version->payload);
  version->payload = payload;
}

int qd_point_store_add_field(qd_point_store *store, qd_vector_field *field) {
  qd_field_list *fields = qd_field_list_copy(store->fields, NULL);
  if (fields == NULL || !qd_vector_field_reserve(field, store->capacity)) {
    qd_field_list_unref(fields);
    return 0;
  }
  qd_field_list_add(fields, field);
  qd_field_list_unref(store->fields);
  store->fields = fields;
  return 1;
}

int qd_point_store_remove_field(qd_point_store *store, const qd_vector_field *field) {
  qd_field_list *fields = qd_field_list_copy(store->fields, field);
  if (fields == NULL)
    return 0;
  qd_field_list_unref(store->fields);
  store->fields = fields;
  return 1;
}

/* Takes the version out of the order. Its older ones have gone before. */
static void take_out_of_order(qd_point_store *store, uint32_t slot) {
  uint32_t newer = links_at(store, slot)->newer;
  pthread_rwlock_wrlock(&store->order_lock);
  if (newer != QD_NO_SLOT)
    links_at(store, newer)->older = QD_NO_SLOT;
  else
    qd_id_tree_remove(&store->order, slot);
  pthread_rwlock_unlock(&store->order_lock);
}

static void free_slot(qd_point_store *store, uint32_t slot) {
  clear_vectors(store, slot);
  if (!shares_payload(store, slot))
    qd_free(version_at(store, slot)->payload);
  version_at(store, slot)->payload = NULL;
  links_at(store, slot)->next = store->free;
  store->free = slot;
  store->n_free++;
}

void qd_point_store_reclaim(qd_point_store *store) {
  uint64_t oldest = qd_point_store_oldest(store);
  while (store->first_dead != QD_NO_SLOT && died_at(store, store->first_dead) <= oldest) {
    uint32_t slot = store->first_dead;
    store->first_dead = links_at(store, slot)->next;
    if (store->first_dead == QD_NO_SLOT)
      store->last_dead = QD_NO_SLOT;
    take_out_of_order(store, slot);
    free_slot(store, slot);
  }
}
