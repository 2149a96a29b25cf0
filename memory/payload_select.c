#include "memory/payload.h"

#include "core/error.h"

#include <string.h>

/* Copies a payload into a reply and leaves out what was not selected. Where the walk is: items[0 .. n_items), keys and
 * `[]`. */
typedef struct walk {
  const qd_payload_selector *selector;
  qd_arena *arena;
  qd_path_item items[2 * QD_PAYLOAD_MAX_DEPTH];
  size_t n_items;
} walk;

static qdrant_status read_paths(
    size_t n, char *const *texts, qd_arena *arena, qd_payload_selector *selector, qdrant_error *err) {
  qd_path *paths = qd_arena_alloc(arena, (n > 0 ? n : 1) * sizeof *paths);
  if (paths == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a payload selector");
  for (size_t i = 0; i < n; i++) {
    qdrant_status status = qd_path_parse(texts[i], arena, &paths[i], err);
    if (status != QDRANT_OK)
      return status;
  }
  selector->paths = paths;
  selector->n_paths = n;
  return QDRANT_OK;
}

qdrant_status qd_payload_selector_read(const Qdrant__WithPayloadSelector *message, qd_payload_mode by_default,
    qd_arena *arena, qd_payload_selector *selector, qdrant_error *err) {
  *selector = (qd_payload_selector){.mode = by_default};
  if (message == NULL)
    return QDRANT_OK;
  switch (message->selector_options_case) {
  case QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE:
    selector->mode = message->enable ? QD_PAYLOAD_ALL : QD_PAYLOAD_NONE;
    return QDRANT_OK;
  case QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_INCLUDE:
    selector->mode = QD_PAYLOAD_INCLUDE;
    return read_paths(message->include->n_fields, message->include->fields, arena, selector, err);
  case QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_EXCLUDE:
    selector->mode = QD_PAYLOAD_EXCLUDE;
    return read_paths(message->exclude->n_fields, message->exclude->fields, arena, selector, err);
  default: return qd_fail(err, QDRANT_INVALID_ARGUMENT, "No PayloadSelector");
  }
}

static size_t common_items(const walk *at, const qd_path *path) {
  size_t n = path->n_items < at->n_items ? path->n_items : at->n_items;
  for (size_t i = 0; i < n; i++)
    if (!qd_path_item_equals(&at->items[i], &path->items[i]))
      return i;
  return n;
}

/* An included path selects what is on the way to it and all below it; an excluded one drops itself and all below it. */
static int is_selected(const walk *at) {
  const qd_payload_selector *selector = at->selector;
  for (size_t i = 0; i < selector->n_paths; i++) {
    const qd_path *path = &selector->paths[i];
    size_t n_common = common_items(at, path);
    if (selector->mode == QD_PAYLOAD_INCLUDE && (n_common == path->n_items || n_common == at->n_items))
      return 1;
    if (selector->mode == QD_PAYLOAD_EXCLUDE && n_common == path->n_items)
      return 0;
  }
  return selector->mode != QD_PAYLOAD_INCLUDE;
}

static Qdrant__Value *select_value(walk *at, const Qdrant__Value *value);

static int copy_text(qd_arena *arena, const ProtobufCBinaryData *text, ProtobufCBinaryData *copy) {
  copy->len = text->len;
  copy->data = qd_arena_alloc(arena, text->len > 0 ? text->len : 1);
  if (copy->data != NULL && text->len > 0)
    memcpy(copy->data, text->data, text->len);
  return copy->data != NULL;
}

static qd_payload_entry *select_entry(
    walk *at, const qd_payload_entry *entry, const ProtobufCMessageDescriptor *entry_type) {
  qd_payload_entry *copy = qd_arena_alloc(at->arena, sizeof *copy);
  if (copy == NULL)
    return NULL;
  protobuf_c_message_init(entry_type, copy);
  copy->has_key = 1;
  copy->value = select_value(at, entry->value);
  return copy->value != NULL && copy_text(at->arena, &entry->key, &copy->key) ? copy : NULL;
}

/* Copies the selected entries of an object. 0 when out of memory. */
static int select_entries(walk *at, const Qdrant__Struct *fields, const ProtobufCMessageDescriptor *entry_type,
    size_t *n_entries, qd_payload_entry ***entries) {
  qd_payload_entry **copies = qd_arena_alloc(at->arena, (fields->n_fields + 1) * sizeof *copies);
  if (copies == NULL)
    return 0;
  size_t n = 0;
  for (size_t i = 0; i < fields->n_fields; i++) {
    const ProtobufCBinaryData *key = &fields->fields[i]->key;
    at->items[at->n_items++] = (qd_path_item){QD_PATH_KEY, (const char *)key->data, key->len, 0};
    if (is_selected(at)) {
      copies[n] = select_entry(at, fields->fields[i], entry_type);
      if (copies[n++] == NULL)
        return 0;
    }
    at->n_items--;
  }
  *n_entries = n;
  *entries = copies;
  return 1;
}

static Qdrant__Struct *select_struct(walk *at, const Qdrant__Struct *fields) {
  Qdrant__Struct *copy = qd_arena_alloc(at->arena, sizeof *copy);
  if (copy == NULL)
    return NULL;
  qdrant__struct__init(copy);
  int is_done = select_entries(at, fields, &qdrant__struct__fields_entry__descriptor, &copy->n_fields, &copy->fields);
  return is_done ? copy : NULL;
}

static int select_elements(walk *at, const Qdrant__ListValue *list, Qdrant__ListValue *copy) {
  for (size_t i = 0; i < list->n_values; i++) {
    Qdrant__Value *value = select_value(at, list->values[i]);
    if (value == NULL)
      return 0;
    copy->values[copy->n_values++] = value;
  }
  return 1;
}

static Qdrant__ListValue *select_list(walk *at, const Qdrant__ListValue *list) {
  Qdrant__ListValue *copy = qd_arena_alloc(at->arena, sizeof *copy);
  if (copy == NULL)
    return NULL;
  qdrant__list_value__init(copy);
  copy->values = qd_arena_alloc(at->arena, (list->n_values + 1) * sizeof *copy->values);
  if (copy->values == NULL)
    return NULL;
  at->items[at->n_items++] = (qd_path_item){.kind = QD_PATH_EACH};
  int is_done = !is_selected(at) || select_elements(at, list, copy);
  at->n_items--;
  return is_done ? copy : NULL;
}

static Qdrant__Value *select_value(walk *at, const Qdrant__Value *value) {
  Qdrant__Value *copy = qd_arena_alloc(at->arena, sizeof *copy);
  if (copy == NULL)
    return NULL;
  *copy = *value;
  int is_done = 1;
  if (value->kind_case == QDRANT__VALUE__KIND_STRING_VALUE)
    is_done = copy_text(at->arena, &value->string_value, &copy->string_value);
  else if (value->kind_case == QDRANT__VALUE__KIND_STRUCT_VALUE)
    is_done = (copy->struct_value = select_struct(at, value->struct_value)) != NULL;
  else if (value->kind_case == QDRANT__VALUE__KIND_LIST_VALUE)
    is_done = (copy->list_value = select_list(at, value->list_value)) != NULL;
  return is_done ? copy : NULL;
}

qdrant_status qd_payload_reply(const Qdrant__Struct *payload, const qd_payload_selector *selector,
    const ProtobufCMessageDescriptor *entry_type, qd_arena *arena, size_t *n_entries, qd_payload_entry ***entries,
    qdrant_error *err) {
  *n_entries = 0;
  *entries = NULL;
  if (payload == NULL || selector->mode == QD_PAYLOAD_NONE)
    return QDRANT_OK;
  walk at;
  at.selector = selector;
  at.arena = arena;
  at.n_items = 0;
  if (!select_entries(&at, payload, entry_type, n_entries, entries))
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a reply's payload");
  return QDRANT_OK;
}
