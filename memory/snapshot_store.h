#ifndef QD_SNAPSHOT_STORE_H
#define QD_SNAPSHOT_STORE_H

#include "core/arena.h"
#include "core/sha256.h"
#include "qdrant/error.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/types.h>

/* Where an engine's snapshots lie: a folder for each collection and one for those of all. Beside a snapshot stands its
 * checksum in a file of its own. Thread-safe. */
typedef struct qd_snapshot_store {
  pthread_mutex_t lock; /* of whoever chooses a name, and guards the rest */
  char *directory;      /* owned; NULL: none was needed so far */
  pid_t owner;          /* of a temporary directory, which goes with the engine; 0: it stays */
} qd_snapshot_store;

int qd_snapshot_store_init(qd_snapshot_store *store); /* 0 when it cannot be made */
void qd_snapshot_store_free(qd_snapshot_store *store);
/* Before the store is used. Without it a temporary directory is made when the first snapshot is. 0 when out of memory.
 */
int qd_snapshot_store_set_directory(qd_snapshot_store *store, const char *directory);

typedef struct qd_snapshot_file {
  const char *name;
  const char *path;
  int64_t created_s; /* since 1970 */
  int64_t n_bytes;
  char checksum[QD_SHA256_TEXT_BYTES]; /* "" when its file is not there */
} qd_snapshot_file;

/* collection is NULL for snapshots of all. What they give back lies in arena. INTERNAL names a file or directory that
 * cannot be had, NO_MEMORY. */

/* A name and a path for a new snapshot; `file` is not written by it. */
qdrant_status qd_snapshot_store_choose(
    qd_snapshot_store *store, const char *collection, qd_arena *arena, qd_snapshot_file *file, qdrant_error *err);
/* When the file is written: computes and writes its checksum and fills in the rest. */
qdrant_status qd_snapshot_store_seal(qd_snapshot_file *file, qd_arena *arena, qdrant_error *err);
/* In the order of their names. */
qdrant_status qd_snapshot_store_list(qd_snapshot_store *store, const char *collection, qd_arena *arena,
    qd_snapshot_file **files, size_t *n, qdrant_error *err);
/* NOT_FOUND in the server's words. Only names that a list tells are looked for, whatever is in them. */
qdrant_status qd_snapshot_store_delete(
    qd_snapshot_store *store, const char *collection, const char *name, qd_arena *arena, qdrant_error *err);

#endif
