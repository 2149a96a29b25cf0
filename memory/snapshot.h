#ifndef QD_SNAPSHOT_H
#define QD_SNAPSHOT_H

#include "memory/alias_list.h"
#include "memory/collection.h"

/* Collections in a file and back: settings, indexes, points with their vectors as they are stored, numbers of
 * operations. */

/* Writes collections, each as it is when its turn comes, and aliases, which may be NULL. Writers go on meanwhile. The
 * file has its name only when it is whole. INTERNAL names the file that cannot be written, DEADLINE_EXCEEDED,
 * NO_MEMORY. */
qdrant_status qd_snapshot_write(const char *path, qd_collection *const *collections, size_t n,
    const qd_alias_list *aliases, int64_t deadline_ns, qdrant_error *err);

/* What is in a snapshot: a reference to each collection, and the aliases. */
typedef struct qd_snapshot {
  qd_collection **items;
  size_t n;
  size_t capacity;
  qd_alias_list aliases;
} qd_snapshot;

/* Reads a file. name is given to the collection in it if that is one; NULL: those it had. NOT_FOUND, INVALID_ARGUMENT
 * for a file that is no snapshot, is cut or damaged; NO_MEMORY. *snapshot is empty then. */
qdrant_status qd_snapshot_read(const char *path, const char *name, qd_snapshot *snapshot, qdrant_error *err);
void qd_snapshot_free(qd_snapshot *snapshot);

#endif
