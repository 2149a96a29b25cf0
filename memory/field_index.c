#include "memory/field_index.h"

#include "core/alloc.h"
#include "core/error.h"
#include "memory/clone.h"

#include <string.h>

/* One declaration and the memory it lies in. */
typedef struct owned_index {
  qd_arena *arena;
  qd_field_index index;
} owned_index;

struct qd_field_index_list {
  pthread_mutex_t lock; /* guards the rest; nothing else is locked while it is held */
  owned_index *items;
  size_t n;
  size_t capacity;
};

qd_field_index_list *qd_field_index_list_new(void) {
  qd_field_index_list *list = qd_zalloc(sizeof *list);
  if (list == NULL)
    return NULL;
  if (pthread_mutex_init(&list->lock, NULL) != 0) {
    qd_free(list);
    return NULL;
  }
  return list;
}

void qd_field_index_list_free(qd_field_index_list *list) {
  if (list == NULL)
    return;
  for (size_t i = 0; i < list->n; i++)
    qd_arena_free(list->items[i].arena);
  pthread_mutex_destroy(&list->lock);
  qd_free(list->items);
  qd_free(list);
}

static qdrant_status copy_index(const qd_field_index *index, qd_arena *arena, qd_field_index *copy, qdrant_error *err) {
  *copy = (qd_field_index){
      .key = qd_arena_strndup(arena, index->key, strlen(index->key)), .schema = qd_message_clone(index->schema, arena)};
  if (copy->key == NULL || copy->schema == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a payload index");
  return qd_path_parse(copy->key, arena, &copy->path, err);
}

/* The place of a path's index; the list's end when it has none. The lock is held. */
static size_t find_place(const qd_field_index_list *list, const qd_path *path) {
  size_t at = 0;
  while (at < list->n && !qd_path_equals(&list->items[at].index.path, path))
    at++;
  return at;
}

static int reserve_place(qd_field_index_list *list) {
  enum { FIRST_CAPACITY = 8 };
  if (list->n < list->capacity)
    return 1;
  size_t capacity = list->capacity > 0 ? 2 * list->capacity : FIRST_CAPACITY;
  owned_index *items = qd_realloc(list->items, capacity * sizeof *items);
  if (items == NULL)
    return 0;
  list->items = items;
  list->capacity = capacity;
  return 1;
}

/* Takes over the index's arena when it returns 1. */
static int put_index(qd_field_index_list *list, const owned_index *made) {
  pthread_mutex_lock(&list->lock);
  size_t at = find_place(list, &made->index.path);
  int is_replaced = at < list->n;
  int is_done = is_replaced || reserve_place(list);
  qd_arena *old = is_replaced ? list->items[at].arena : NULL;
  if (is_done)
    list->items[at] = *made;
  list->n += is_done && !is_replaced;
  pthread_mutex_unlock(&list->lock);
  qd_arena_free(old);
  return is_done;
}

qdrant_status qd_field_index_put(qd_field_index_list *list, const char *key, Qdrant__PayloadSchemaType type,
    const Qdrant__PayloadIndexParams *params, qdrant_error *err) {
  Qdrant__PayloadSchemaInfo schema = QDRANT__PAYLOAD_SCHEMA_INFO__INIT;
  schema.has_data_type = 1;
  schema.data_type = type;
  schema.params = (Qdrant__PayloadIndexParams *)(uintptr_t)params;
  owned_index made = {.arena = qd_arena_new(0)};
  if (made.arena == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a payload index");
  qdrant_status status = copy_index(&(qd_field_index){.key = key, .schema = &schema}, made.arena, &made.index, err);
  if (status == QDRANT_OK && !put_index(list, &made))
    status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a payload index");
  if (status != QDRANT_OK)
    qd_arena_free(made.arena);
  return status;
}

int qd_field_index_remove(qd_field_index_list *list, const qd_path *path) {
  pthread_mutex_lock(&list->lock);
  size_t at = find_place(list, path);
  int is_there = at < list->n;
  qd_arena *old = is_there ? list->items[at].arena : NULL;
  if (is_there)
    list->items[at] = list->items[--list->n];
  pthread_mutex_unlock(&list->lock);
  qd_arena_free(old);
  return is_there;
}

int qd_field_index_list_copy(qd_field_index_list *list, qd_arena *arena, const qd_field_index **indexes, size_t *n) {
  *n = 0;
  pthread_mutex_lock(&list->lock);
  qd_field_index *copies = qd_arena_alloc(arena, (list->n + 1) * sizeof *copies);
  while (copies != NULL && *n < list->n && copy_index(&list->items[*n].index, arena, &copies[*n], NULL) == QDRANT_OK)
    (*n)++;
  int is_done = copies != NULL && *n == list->n;
  pthread_mutex_unlock(&list->lock);
  *indexes = copies;
  return is_done;
}

const qd_field_index *qd_field_index_find(const qd_field_index *indexes, size_t n, const qd_path *path) {
  for (size_t i = 0; i < n; i++)
    if (qd_path_equals(&indexes[i].path, path))
      return &indexes[i];
  return NULL;
}
