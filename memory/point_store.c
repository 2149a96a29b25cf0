#include "memory/point_store.h"

#include "core/alloc.h"

#include <string.h>

void qd_point_store_init(qd_point_store *store, qd_vector_field *fields, size_t n_fields) {
  *store = (qd_point_store){.fields = fields, .n_fields = n_fields};
  qd_id_tree_init(&store->order);
}

void qd_point_store_free(qd_point_store *store) {
  for (size_t slot = 0; slot < store->n_slots; slot++)
    qd_free(store->payloads[slot]);
  for (size_t i = 0; i < store->n_fields; i++)
    qd_vector_field_free(&store->fields[i], store->n_slots);
  qd_free(store->fields);
  qd_free(store->ids);
  qd_free(store->versions);
  qd_free(store->payloads);
  qd_free(store->is_live);
  qd_free(store->free_slots);
  qd_id_tree_free(&store->order);
}

qd_vector_field *qd_point_store_field(const qd_point_store *store, const char *name) {
  for (size_t i = 0; i < store->n_fields; i++)
    if (strcmp(store->fields[i].name, name) == 0)
      return &store->fields[i];
  return NULL;
}

static int grow(void *array_of_pointers, size_t n, size_t item_bytes) {
  void *array;
  memcpy(&array, array_of_pointers, sizeof array);
  array = qd_realloc(array, n * item_bytes);
  if (array == NULL)
    return 0;
  memcpy(array_of_pointers, &array, sizeof array);
  return 1;
}

/* Arrays that have grown before another could not are merely larger than they need to be. */
static int grow_arrays(qd_point_store *store, size_t capacity) {
  if (!grow(&store->ids, capacity, sizeof *store->ids) || !grow(&store->versions, capacity, sizeof *store->versions) ||
      !grow(&store->payloads, capacity, sizeof *store->payloads) || !grow(&store->is_live, capacity, 1) ||
      !grow(&store->free_slots, capacity, sizeof *store->free_slots) || !qd_id_tree_reserve(&store->order, capacity))
    return 0;
  store->order.ids = store->ids;
  for (size_t i = 0; i < store->n_fields; i++)
    if (!qd_vector_field_reserve(&store->fields[i], store->n_slots, capacity))
      return 0;
  return 1;
}

int qd_point_store_reserve(qd_point_store *store, size_t n_writes) {
  enum { FIRST_CAPACITY = 64 };
  if (n_writes > QD_NO_SLOT - store->n_points)
    return 0;
  size_t wanted = store->n_points + n_writes;
  if (wanted <= store->capacity)
    return 1;
  size_t capacity = store->capacity + store->capacity / 2;
  if (capacity < wanted)
    capacity = wanted;
  if (capacity < FIRST_CAPACITY)
    capacity = FIRST_CAPACITY;
  int has_grown = grow_arrays(store, capacity);
  store->order.ids = store->ids;
  if (has_grown)
    store->capacity = capacity;
  return has_grown;
}

static void clear_slot(qd_point_store *store, uint32_t slot) {
  qd_point_store_put_payload(store, slot, NULL);
  for (size_t i = 0; i < store->n_fields; i++)
    qd_vector_field_clear(&store->fields[i], slot);
}

static uint32_t take_slot(qd_point_store *store, const qd_id *id) {
  uint32_t slot = store->n_free > 0 ? store->free_slots[--store->n_free] : (uint32_t)store->n_slots++;
  store->ids[slot] = *id;
  store->payloads[slot] = NULL;
  store->is_live[slot] = 1;
  store->n_points++;
  qd_id_tree_insert(&store->order, slot);
  return slot;
}

uint32_t qd_point_store_add(qd_point_store *store, const qd_id *id, uint64_t version) {
  uint32_t slot = qd_id_tree_find(&store->order, id);
  if (slot == QD_NO_SLOT)
    slot = take_slot(store, id);
  else
    clear_slot(store, slot);
  store->versions[slot] = version;
  return slot;
}

uint32_t qd_point_store_edit(qd_point_store *store, uint32_t slot, uint64_t version) {
  store->versions[slot] = version;
  return slot;
}

void qd_point_store_remove(qd_point_store *store, uint32_t slot) {
  qd_id_tree_remove(&store->order, slot);
  clear_slot(store, slot);
  store->is_live[slot] = 0;
  store->n_points--;
  store->free_slots[store->n_free++] = slot;
}

void qd_point_store_put_payload(qd_point_store *store, uint32_t slot, Qdrant__Struct *payload) {
  qd_free(store->payloads[slot]);
  store->payloads[slot] = payload;
}

void qd_point_store_put_dense(qd_point_store *store, uint32_t slot, qd_vector_field *field, const float *values) {
  (void)store;
  qd_vector_field_put_dense(field, slot, values);
}

void qd_point_store_put_block(qd_point_store *store, uint32_t slot, qd_vector_field *field, qd_vector_block *block) {
  (void)store;
  qd_vector_field_put_block(field, slot, block);
}

void qd_point_store_clear_vector(qd_point_store *store, uint32_t slot, qd_vector_field *field) {
  (void)store;
  qd_vector_field_clear(field, slot);
}
