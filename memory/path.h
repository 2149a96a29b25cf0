#ifndef QD_PATH_H
#define QD_PATH_H

#include "core/arena.h"
#include "qdrant/error.h"
#include "qdrant/pb/json_with_int.pb-c.h"

/* A payload key as the server reads it: `a.b`, `a[].b` (every element), `a[2]`, `"with.dots".b`. */
typedef enum qd_path_kind { QD_PATH_KEY, QD_PATH_INDEX, QD_PATH_EACH } qd_path_kind;

typedef struct qd_path_item {
  qd_path_kind kind;
  const char *key; /* KEY: n_bytes of text, not ended by NUL, within the parsed text */
  size_t n_bytes;
  uint64_t index; /* INDEX */
} qd_path_item;

typedef struct qd_path {
  const qd_path_item *items; /* the first is a KEY */
  size_t n_items;
} qd_path;

/* Parses text, which must outlive the path; items lie in arena. INVALID_ARGUMENT in the server's words. */
qdrant_status qd_path_parse(const char *text, qd_arena *arena, qd_path *path, qdrant_error *err);

/* The path with `[]` at its end, unless it is there already. */
qdrant_status qd_path_each(const qd_path *path, qd_arena *arena, qd_path *each, qdrant_error *err);

/* The path `below` within what is at `above`, which may be NULL. */
qdrant_status qd_path_join(
    const qd_path *above, const qd_path *below, qd_arena *arena, qd_path *joined, qdrant_error *err);

int qd_path_item_equals(const qd_path_item *a, const qd_path_item *b);
int qd_path_equals(const qd_path *a, const qd_path *b);

/* Asked with each value at a path; not 0 ends the walk. */
typedef int (*qd_path_visit)(void *user, const Qdrant__Value *value);

/* Shows visit every value at path below root (NULL: an empty payload). Returns what visit returned last, 0 when there
 * was no value. */
int qd_path_walk(const qd_path *path, const Qdrant__Struct *root, qd_path_visit visit, void *user);

/* The same, but a list at the path gives way to its elements. */
int qd_path_walk_elements(const qd_path *path, const Qdrant__Struct *root, qd_path_visit visit, void *user);

/* The value of a key; NULL when there is none. */
const Qdrant__Value *qd_struct_get(const Qdrant__Struct *fields, const char *key, size_t n_bytes);

#endif
