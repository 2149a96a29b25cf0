#include "core/json_tree.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/json_check.h"
#include "core/json_number.h"
#include "core/json_string.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* The text was checked before: what is left to go wrong is memory, and numbers beyond a double. */
typedef struct builder {
  const char *at;
  const char *end;
  qd_arena *arena;
  qd_json_node *open; /* nodes of the arrays and objects that are not closed yet; the builder's own */
  size_t n_open;
  size_t capacity;
  qdrant_status status;
} builder;

static int fail_build(builder *in, qdrant_status status) {
  in->status = status;
  return 0;
}

static int push(builder *in, const qd_json_node *node) {
  if (in->n_open == in->capacity) {
    size_t capacity = in->capacity == 0 ? 256 : in->capacity * 2;
    qd_json_node *open = qd_realloc(in->open, capacity * sizeof *open);
    if (open == NULL)
      return fail_build(in, QDRANT_NO_MEMORY);
    in->open = open;
    in->capacity = capacity;
  }
  in->open[in->n_open++] = *node;
  return 1;
}

static void skip_space(builder *in) {
  while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
    in->at++;
}

static int build_text(builder *in, qd_json_node *node) {
  size_t n;
  node->kind = QD_JSON_TEXT;
  node->text = qd_json_string_read(&in->at, in->arena, &n);
  node->n = (uint32_t)n;
  return node->text != NULL || fail_build(in, QDRANT_NO_MEMORY);
}

static int build_number(builder *in, qd_json_node *node) {
  qdrant_status status = qd_json_number_read(&in->at, in->end, node);
  return status == QDRANT_OK || fail_build(in, status);
}

static int build_value(builder *in, qd_json_node *node);

/* The same key twice in n members. Payloads have few keys or, rarely, many: then those are sorted out by a table. */
static uint64_t hash_key(const qd_json_node *key) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < key->n; i++)
    hash = (hash ^ (unsigned char)key->text[i]) * UINT64_C(1099511628211);
  return hash ^ hash >> 32;
}

static int keys_are_equal(const qd_json_node *a, const qd_json_node *b) {
  return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

/* Position of the key among the first n members, n when it is not there. */
static size_t find_key(const qd_json_node *members, size_t n, const qd_json_node *key) {
  size_t i = 0;
  while (i < n && !keys_are_equal(&members[2 * i], key))
    i++;
  return i;
}

static size_t find_by_hash(
    uint32_t *slots, size_t n_slots, const qd_json_node *members, size_t n_kept, const qd_json_node *key) {
  size_t slot = hash_key(key) & (n_slots - 1);
  while (slots[slot] != 0 && !keys_are_equal(&members[2 * (slots[slot] - 1)], key))
    slot = (slot + 1) & (n_slots - 1);
  if (slots[slot] == 0) {
    slots[slot] = (uint32_t)n_kept + 1;
    return n_kept;
  }
  return slots[slot] - 1;
}

enum { FEW_KEYS = 16 };

/* Of equal keys the last value stays, at the place of the first. Returns how many are left; SIZE_MAX without memory. */
static size_t drop_equal_keys(qd_json_node *members, size_t n) {
  size_t n_slots = 64;
  while (n > FEW_KEYS && n_slots < 2 * n)
    n_slots *= 2;
  uint32_t *slots = n > FEW_KEYS ? qd_zalloc(n_slots * sizeof *slots) : NULL;
  if (n > FEW_KEYS && slots == NULL)
    return SIZE_MAX;
  size_t n_kept = 0;
  for (size_t i = 0; i < n; i++) {
    const qd_json_node *key = &members[2 * i];
    size_t at = slots == NULL ? find_key(members, n_kept, key) : find_by_hash(slots, n_slots, members, n_kept, key);
    memmove(&members[2 * at], key, 2 * sizeof *members);
    n_kept += at == n_kept;
  }
  qd_free(slots);
  return n_kept;
}

/* Moves what was pushed since first into the arena. */
static int close_nested(builder *in, size_t first, qd_json_node *node) {
  size_t n_nodes = in->n_open - first;
  qd_json_node *items = qd_arena_alloc(in->arena, n_nodes * sizeof *items);
  if (items == NULL)
    return fail_build(in, QDRANT_NO_MEMORY);
  if (n_nodes > 0)
    memcpy(items, in->open + first, n_nodes * sizeof *items);
  in->n_open = first;
  size_t n = node->kind == QD_JSON_OBJECT ? drop_equal_keys(items, n_nodes / 2) : n_nodes;
  if (n == SIZE_MAX)
    return fail_build(in, QDRANT_NO_MEMORY);
  node->n = (uint32_t)n;
  node->items = items;
  return 1;
}

static int build_member(builder *in) {
  qd_json_node key;
  skip_space(in);
  if (!build_text(in, &key) || !push(in, &key))
    return 0;
  skip_space(in);
  in->at++; /* the colon */
  return 1;
}

static int build_nested(builder *in, qd_json_node *node) {
  char closing = *in->at == '{' ? '}' : ']';
  node->kind = closing == '}' ? QD_JSON_OBJECT : QD_JSON_ARRAY;
  size_t first = in->n_open;
  in->at++;
  skip_space(in);
  while (*in->at != closing) {
    qd_json_node item;
    if (closing == '}' && !build_member(in))
      return 0;
    if (!build_value(in, &item) || !push(in, &item))
      return 0;
    in->at += *in->at == ',';
  }
  in->at++;
  return close_nested(in, first, node);
}

static int build_word(builder *in, qd_json_kind kind, size_t n_bytes, qd_json_node *node) {
  *node = (qd_json_node){.kind = kind};
  in->at += n_bytes;
  return 1;
}

/* A value and the space around it. */
static int build_value(builder *in, qd_json_node *node) {
  skip_space(in);
  int is_built;
  switch (*in->at) {
  case '{':
  case '[': is_built = build_nested(in, node); break;
  case '"': is_built = build_text(in, node); break;
  case 't': is_built = build_word(in, QD_JSON_TRUE, 4, node); break;
  case 'f': is_built = build_word(in, QD_JSON_FALSE, 5, node); break;
  case 'n': is_built = build_word(in, QD_JSON_NULL, 4, node); break;
  default: is_built = build_number(in, node);
  }
  skip_space(in);
  return is_built;
}

static qdrant_status report(qdrant_status status, size_t n_bytes, qdrant_error *err) {
  if (status == QDRANT_NO_MEMORY)
    return qd_fail(err, status, "no memory to parse %zu bytes of JSON", n_bytes);
  return qd_fail(err, status, "JSON has a number beyond what a double holds (about 1.8e308)");
}

qdrant_status qd_json_tree_parse(
    const char *text, size_t n_bytes, qd_arena *arena, const qd_json_node **root, qdrant_error *err) {
  *root = NULL;
  if (n_bytes > INT_MAX)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "JSON of %zu bytes is longer than %d", n_bytes, INT_MAX);
  qdrant_status status = qd_json_check(text, n_bytes, err);
  if (status != QDRANT_OK)
    return status;
  builder in = {.at = text, .end = text + n_bytes, .arena = arena};
  qd_json_node *node = qd_arena_alloc(arena, sizeof *node);
  if (node == NULL)
    in.status = QDRANT_NO_MEMORY;
  else if (build_value(&in, node))
    *root = node;
  qd_free(in.open);
  return in.status == QDRANT_OK ? QDRANT_OK : report(in.status, n_bytes, err);
}

const char *qd_json_kind_name(qd_json_kind kind) {
  static const char *const names[] = {
      [QD_JSON_NULL] = "null",
      [QD_JSON_FALSE] = "boolean",
      [QD_JSON_TRUE] = "boolean",
      [QD_JSON_INT] = "int",
      [QD_JSON_UINT] = "int",
      [QD_JSON_DOUBLE] = "double",
      [QD_JSON_TEXT] = "string",
      [QD_JSON_ARRAY] = "array",
      [QD_JSON_OBJECT] = "object",
  };
  return names[kind];
}

const qd_json_node *qd_json_get(const qd_json_node *node, const char *key) {
  for (size_t i = 0; node->kind == QD_JSON_OBJECT && i < node->n; i++)
    if (qd_json_text_is(qd_json_key(node, i), key))
      return qd_json_member(node, i);
  return NULL;
}

int qd_json_text_is(const qd_json_node *node, const char *text) {
  /* Most keys that are compared differ at once. */
  if (node->kind != QD_JSON_TEXT || node->text[0] != text[0])
    return 0;
  return node->n == strlen(text) && memcmp(node->text, text, node->n) == 0;
}
