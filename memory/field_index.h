#ifndef QD_FIELD_INDEX_H
#define QD_FIELD_INDEX_H

#include "core/arena.h"
#include "memory/path.h"
#include "qdrant/error.h"
#include "qdrant/pb/collections.pb-c.h"

#include <pthread.h>

/* A payload index. The engine scans, so that an index is no more than what was declared: it allows a key to be ordered
 * by and counted, and says how its texts are cut into words. */
typedef struct qd_field_index {
  const char *key; /* as it was written */
  qd_path path;
  const Qdrant__PayloadSchemaInfo *schema; /* data_type, and params when there were any */
} qd_field_index;

/* The indexes of one collection. Thread-safe. */
typedef struct qd_field_index_list qd_field_index_list;

qd_field_index_list *qd_field_index_list_new(void); /* NULL when out of memory */
void qd_field_index_list_free(qd_field_index_list *list);

/* Declares an index, in place of another of the same key. params may be NULL. INVALID_ARGUMENT for a key that is no
 * path, NO_MEMORY. */
qdrant_status qd_field_index_put(qd_field_index_list *list, const char *key, Qdrant__PayloadSchemaType type,
    const Qdrant__PayloadIndexParams *params, qdrant_error *err);

/* 1, or 0 when the path has no index. */
int qd_field_index_remove(qd_field_index_list *list, const qd_path *path);

/* Copies of all indexes, in arena: they stay as they are whatever becomes of the list. 0 when out of memory. */
int qd_field_index_list_copy(qd_field_index_list *list, qd_arena *arena, const qd_field_index **indexes, size_t *n);

/* The index of a path among n, or NULL. */
const qd_field_index *qd_field_index_find(const qd_field_index *indexes, size_t n, const qd_path *path);

#endif
