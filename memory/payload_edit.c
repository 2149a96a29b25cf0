#include "memory/payload_edit.h"

#include "core/error.h"

#include <string.h>

/* What a change makes is a tree in an arena that shares all it can with the payload and the request; it is copied into
 * a block at the end. Functions that make something answer NULL when out of memory. */

static int is_key(const ProtobufCBinaryData *name, const void *key, size_t n_bytes) {
  return name->len == n_bytes && (n_bytes == 0 || memcmp(name->data, key, n_bytes) == 0);
}

/* Of entries with equal keys the last one counts. */
static qd_payload_entry *last_entry(size_t n, qd_payload_entry *const *entries, const ProtobufCBinaryData *key) {
  while (n-- > 0)
    if (is_key(&entries[n]->key, key->data, key->len))
      return entries[n];
  return NULL;
}

static int is_null(const Qdrant__Value *value) {
  return value == NULL || value->kind_case == QDRANT__VALUE__KIND__NOT_SET ||
         value->kind_case == QDRANT__VALUE__KIND_NULL_VALUE;
}

static Qdrant__Struct *struct_of(const Qdrant__Value *value) {
  return value != NULL && value->kind_case == QDRANT__VALUE__KIND_STRUCT_VALUE ? value->struct_value : NULL;
}

static Qdrant__ListValue *list_of(const Qdrant__Value *value) {
  return value != NULL && value->kind_case == QDRANT__VALUE__KIND_LIST_VALUE ? value->list_value : NULL;
}

static Qdrant__Value *wrap_struct(Qdrant__Struct *fields, qd_arena *arena) {
  Qdrant__Value *value = fields != NULL ? qd_arena_alloc(arena, sizeof *value) : NULL;
  if (value == NULL)
    return NULL;
  qdrant__value__init(value);
  value->kind_case = QDRANT__VALUE__KIND_STRUCT_VALUE;
  value->struct_value = fields;
  return value;
}

/* An object with room for n_more fields after those of old, which may be NULL. */
static Qdrant__Struct *copy_struct(const Qdrant__Struct *old, size_t n_more, qd_arena *arena) {
  size_t n_old = old != NULL ? old->n_fields : 0;
  Qdrant__Struct *copy = qd_arena_alloc(arena, sizeof *copy);
  if (copy == NULL)
    return NULL;
  qdrant__struct__init(copy);
  copy->fields = qd_arena_alloc(arena, (n_old + n_more + 1) * sizeof *copy->fields);
  if (copy->fields == NULL)
    return NULL;
  if (n_old > 0)
    memcpy(copy->fields, old->fields, n_old * sizeof *copy->fields);
  copy->n_fields = n_old;
  return copy;
}

static void drop_field(Qdrant__Struct *fields, const void *key, size_t n_bytes) {
  size_t n_kept = 0;
  for (size_t i = 0; i < fields->n_fields; i++)
    if (!is_key(&fields->fields[i]->key, key, n_bytes))
      fields->fields[n_kept++] = fields->fields[i];
  fields->n_fields = n_kept;
}

/* The object with one field replaced or added. */
static Qdrant__Value *put_field(
    const Qdrant__Struct *old, const qd_path_item *key, Qdrant__Value *value, qd_arena *arena) {
  Qdrant__Struct *fields = value != NULL ? copy_struct(old, 1, arena) : NULL;
  qd_payload_entry *entry = fields != NULL ? qd_arena_alloc(arena, sizeof *entry) : NULL;
  if (entry == NULL)
    return NULL;
  qdrant__struct__fields_entry__init(entry);
  entry->has_key = 1;
  entry->key = (ProtobufCBinaryData){.len = key->n_bytes, .data = (uint8_t *)key->key};
  entry->value = value;
  drop_field(fields, key->key, key->n_bytes);
  fields->fields[fields->n_fields++] = entry;
  return wrap_struct(fields, arena);
}

static Qdrant__Value *merge_entries(
    const Qdrant__Struct *old, size_t n_entries, qd_payload_entry *const *entries, qd_arena *arena) {
  Qdrant__Struct *fields = copy_struct(old, n_entries, arena);
  if (fields == NULL)
    return NULL;
  size_t n_kept = 0;
  for (size_t i = 0; i < fields->n_fields; i++)
    if (last_entry(n_entries, entries, &fields->fields[i]->key) == NULL)
      fields->fields[n_kept++] = fields->fields[i];
  for (size_t i = 0; i < n_entries; i++)
    if (last_entry(n_entries, entries, &entries[i]->key) == entries[i] && !is_null(entries[i]->value))
      fields->fields[n_kept++] = entries[i];
  fields->n_fields = n_kept;
  return wrap_struct(fields, arena);
}

/* A change of the values at the end of a path. It is given the value there, or NULL, and makes the new one. */
typedef struct edit_rule {
  Qdrant__Value *(*make)(const struct edit_rule *rule, const Qdrant__Value *old);
  int makes_way;            /* what is missing on the way to the place is made */
  const qd_path_item *last; /* removal: what to take out of the value */
  size_t n_entries;
  qd_payload_entry *const *entries;
  qd_arena *arena;
} edit_rule;

static Qdrant__Value *change_at(
    const edit_rule *rule, const qd_path_item *items, size_t n_items, const Qdrant__Value *old);

/* The list with a change in one element or in each; what is no list becomes an empty one if the change makes way. */
static Qdrant__Value *change_elements(
    const edit_rule *rule, const qd_path_item *items, size_t n_items, const Qdrant__Value *old) {
  const Qdrant__ListValue *list = list_of(old);
  if (list == NULL && !rule->makes_way)
    return (Qdrant__Value *)old;
  size_t n = list != NULL ? list->n_values : 0;
  Qdrant__ListValue *copy = qd_arena_alloc(rule->arena, sizeof *copy);
  Qdrant__Value *value = qd_arena_alloc(rule->arena, sizeof *value);
  Qdrant__Value **values = qd_arena_alloc(rule->arena, (n + 1) * sizeof *values);
  if (copy == NULL || value == NULL || values == NULL)
    return NULL;
  qdrant__list_value__init(copy);
  qdrant__value__init(value);
  value->kind_case = QDRANT__VALUE__KIND_LIST_VALUE;
  value->list_value = copy;
  copy->values = values;
  for (; copy->n_values < n; copy->n_values++) {
    int is_meant = items->kind == QD_PATH_EACH || items->index == copy->n_values;
    values[copy->n_values] =
        is_meant ? change_at(rule, items + 1, n_items - 1, list->values[copy->n_values]) : list->values[copy->n_values];
    if (values[copy->n_values] == NULL)
      return NULL;
  }
  return value;
}

static Qdrant__Value *change_at(
    const edit_rule *rule, const qd_path_item *items, size_t n_items, const Qdrant__Value *old) {
  if (n_items == 0)
    return rule->make(rule, old);
  if (items->kind != QD_PATH_KEY)
    return change_elements(rule, items, n_items, old);
  const Qdrant__Struct *fields = struct_of(old);
  const Qdrant__Value *below = fields != NULL ? qd_struct_get(fields, items->key, items->n_bytes) : NULL;
  if (below == NULL && !rule->makes_way)
    return (Qdrant__Value *)old;
  return put_field(fields, items, change_at(rule, items + 1, n_items - 1, below), rule->arena);
}

static Qdrant__Value *make_merged(const edit_rule *rule, const Qdrant__Value *old) {
  return merge_entries(struct_of(old), rule->n_entries, rule->entries, rule->arena);
}

static Qdrant__Value *make_without(const edit_rule *rule, const Qdrant__Value *old) {
  const Qdrant__Struct *fields = struct_of(old);
  if (rule->last->kind == QD_PATH_KEY && fields != NULL) {
    Qdrant__Struct *copy = copy_struct(fields, 0, rule->arena);
    if (copy != NULL)
      drop_field(copy, rule->last->key, rule->last->n_bytes);
    return wrap_struct(copy, rule->arena);
  }
  if (rule->last->kind != QD_PATH_EACH || list_of(old) == NULL)
    return (Qdrant__Value *)old;
  Qdrant__ListValue *emptied = qd_arena_alloc(rule->arena, sizeof *emptied);
  Qdrant__Value *value = qd_arena_alloc(rule->arena, sizeof *value);
  if (emptied == NULL || value == NULL)
    return NULL;
  qdrant__list_value__init(emptied);
  *value = *old;
  value->list_value = emptied;
  return value;
}

/* The payload as a value, so that a change starts at the top. */
static Qdrant__Value *root_of(const Qdrant__Struct *payload, qd_arena *arena) {
  return wrap_struct(payload != NULL ? (Qdrant__Struct *)payload : copy_struct(NULL, 0, arena), arena);
}

static qdrant_status finish(const Qdrant__Value *root, Qdrant__Struct **made, qdrant_error *err) {
  *made = NULL;
  if (root == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the change of a payload");
  return qd_payload_copy(root->struct_value->n_fields, root->struct_value->fields, made, err);
}

qdrant_status qd_payload_merge(const Qdrant__Struct *payload, const qd_path *key, size_t n_entries,
    qd_payload_entry *const *entries, qd_arena *scratch, Qdrant__Struct **made, qdrant_error *err) {
  edit_rule merge = {.make = make_merged, .makes_way = 1, .n_entries = n_entries, .entries = entries, .arena = scratch};
  if (key != NULL && key->n_items > QD_PAYLOAD_MAX_DEPTH)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "Wrong input: a payload may be nested %d levels deep", QD_PAYLOAD_MAX_DEPTH);
  Qdrant__Value *root = root_of(payload, scratch);
  if (root != NULL)
    root = change_at(&merge, key != NULL ? key->items : NULL, key != NULL ? key->n_items : 0, root);
  return finish(root, made, err);
}

qdrant_status qd_payload_remove(const Qdrant__Struct *payload, const qd_path *paths, size_t n_paths, qd_arena *scratch,
    Qdrant__Struct **made, qdrant_error *err) {
  Qdrant__Value *root = root_of(payload, scratch);
  for (size_t i = 0; i < n_paths && root != NULL; i++) {
    size_t n_items = paths[i].n_items;
    edit_rule removal = {.make = make_without, .last = &paths[i].items[n_items - 1], .arena = scratch};
    root = change_at(&removal, paths[i].items, n_items - 1, root);
  }
  return finish(root, made, err);
}
