#include "memory/path.h"

#include "core/error.h"

#include <string.h>

/* Letters outside ASCII are taken as such: a payload key in any script needs no quotes, as on the server. */
static int is_bare_char(char c) {
  unsigned char byte = (unsigned char)c;
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
         byte == '-' || byte >= 0x80;
}

/* Each reader returns the text after what it read, or NULL when the text is not of its kind. */
static const char *read_bare_key(const char *text, qd_path_item *item) {
  const char *end = text;
  while (is_bare_char(*end))
    end++;
  *item = (qd_path_item){.kind = QD_PATH_KEY, .key = text, .n_bytes = (size_t)(end - text)};
  return end == text ? NULL : end;
}

static const char *read_quoted_key(const char *text, qd_path_item *item) {
  const char *end = text + 1;
  while (*end != '\0' && *end != '"' && *end != '\\')
    end++;
  *item = (qd_path_item){.kind = QD_PATH_KEY, .key = text + 1, .n_bytes = (size_t)(end - text - 1)};
  return *end == '"' ? end + 1 : NULL;
}

static const char *read_key(const char *text, qd_path_item *item) {
  return *text == '"' ? read_quoted_key(text, item) : read_bare_key(text, item);
}

static const char *read_brackets(const char *text, qd_path_item *item) {
  const char *end = text + 1;
  *item = (qd_path_item){.kind = *end == ']' ? QD_PATH_EACH : QD_PATH_INDEX};
  while (*end >= '0' && *end <= '9') {
    uint64_t digit = (uint64_t)(*end++ - '0');
    if (item->index > (UINT64_MAX - digit) / 10)
      return NULL;
    item->index = item->index * 10 + digit;
  }
  return *end == ']' ? end + 1 : NULL;
}

static const char *read_item(const char *text, qd_path_item *item) {
  if (*text == '.')
    return read_key(text + 1, item);
  return *text == '[' ? read_brackets(text, item) : NULL;
}

qdrant_status qd_path_parse(const char *text, qd_arena *arena, qd_path *path, qdrant_error *err) {
  /* Every item but the first begins with a dot or a bracket. */
  size_t max_items = 1;
  for (const char *c = text; *c != '\0'; c++)
    max_items += *c == '.' || *c == '[';
  qd_path_item *items = qd_arena_alloc(arena, max_items * sizeof *items);
  if (items == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a payload path");
  size_t n_items = 1;
  const char *rest = read_key(text, &items[0]);
  while (rest != NULL && *rest != '\0')
    rest = read_item(rest, &items[n_items++]);
  if (rest == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Invalid json path: '%s'", text);
  *path = (qd_path){items, n_items};
  return QDRANT_OK;
}

qdrant_status qd_path_each(const qd_path *path, qd_arena *arena, qd_path *each, qdrant_error *err) {
  if (path->items[path->n_items - 1].kind == QD_PATH_EACH) {
    *each = *path;
    return QDRANT_OK;
  }
  qd_path_item *items = qd_arena_alloc(arena, (path->n_items + 1) * sizeof *items);
  if (items == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a payload path");
  memcpy(items, path->items, path->n_items * sizeof *items);
  items[path->n_items] = (qd_path_item){.kind = QD_PATH_EACH};
  *each = (qd_path){items, path->n_items + 1};
  return QDRANT_OK;
}

qdrant_status qd_path_join(
    const qd_path *above, const qd_path *below, qd_arena *arena, qd_path *joined, qdrant_error *err) {
  *joined = *below;
  if (above == NULL)
    return QDRANT_OK;
  size_t n_items = above->n_items + below->n_items;
  qd_path_item *items = qd_arena_alloc(arena, n_items * sizeof *items);
  if (items == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a payload path");
  memcpy(items, above->items, above->n_items * sizeof *items);
  memcpy(items + above->n_items, below->items, below->n_items * sizeof *items);
  *joined = (qd_path){items, n_items};
  return QDRANT_OK;
}

int qd_path_item_equals(const qd_path_item *a, const qd_path_item *b) {
  if (a->kind != b->kind)
    return 0;
  if (a->kind == QD_PATH_KEY)
    return a->n_bytes == b->n_bytes && memcmp(a->key, b->key, a->n_bytes) == 0;
  return a->kind == QD_PATH_EACH || a->index == b->index;
}

int qd_path_equals(const qd_path *a, const qd_path *b) {
  if (a->n_items != b->n_items)
    return 0;
  for (size_t i = 0; i < a->n_items; i++)
    if (!qd_path_item_equals(&a->items[i], &b->items[i]))
      return 0;
  return 1;
}

const Qdrant__Value *qd_struct_get(const Qdrant__Struct *fields, const char *key, size_t n_bytes) {
  for (size_t i = 0; i < fields->n_fields; i++) {
    const ProtobufCBinaryData *name = &fields->fields[i]->key;
    if (name->len == n_bytes && memcmp(name->data, key, n_bytes) == 0)
      return fields->fields[i]->value;
  }
  return NULL;
}

static int walk_items(
    const qd_path_item *items, size_t n_items, const Qdrant__Value *value, qd_path_visit visit, void *user);

static int walk_elements(
    const qd_path_item *items, size_t n_items, const Qdrant__ListValue *list, qd_path_visit visit, void *user) {
  int answer = 0;
  for (size_t i = 0; i < list->n_values && answer == 0; i++)
    answer = walk_items(items, n_items, list->values[i], visit, user);
  return answer;
}

static int walk_items(
    const qd_path_item *items, size_t n_items, const Qdrant__Value *value, qd_path_visit visit, void *user) {
  if (n_items == 0)
    return visit(user, value);
  if (items->kind == QD_PATH_KEY) {
    if (value->kind_case != QDRANT__VALUE__KIND_STRUCT_VALUE)
      return 0;
    const Qdrant__Value *below = qd_struct_get(value->struct_value, items->key, items->n_bytes);
    return below == NULL ? 0 : walk_items(items + 1, n_items - 1, below, visit, user);
  }
  if (value->kind_case != QDRANT__VALUE__KIND_LIST_VALUE)
    return 0;
  const Qdrant__ListValue *list = value->list_value;
  if (items->kind == QD_PATH_EACH)
    return walk_elements(items + 1, n_items - 1, list, visit, user);
  return items->index < list->n_values ? walk_items(items + 1, n_items - 1, list->values[items->index], visit, user)
                                       : 0;
}

int qd_path_walk(const qd_path *path, const Qdrant__Struct *root, qd_path_visit visit, void *user) {
  if (root == NULL)
    return 0;
  const Qdrant__Value *first = qd_struct_get(root, path->items[0].key, path->items[0].n_bytes);
  return first == NULL ? 0 : walk_items(path->items + 1, path->n_items - 1, first, visit, user);
}

typedef struct element_walk {
  qd_path_visit visit;
  void *user;
} element_walk;

static int visit_elements(void *user, const Qdrant__Value *value) {
  const element_walk *walk = user;
  if (value->kind_case != QDRANT__VALUE__KIND_LIST_VALUE)
    return walk->visit(walk->user, value);
  return walk_elements(NULL, 0, value->list_value, walk->visit, walk->user);
}

int qd_path_walk_elements(const qd_path *path, const Qdrant__Struct *root, qd_path_visit visit, void *user) {
  element_walk walk = {visit, user};
  return qd_path_walk(path, root, visit_elements, &walk);
}
