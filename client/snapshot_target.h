#ifndef QD_SNAPSHOT_TARGET_H
#define QD_SNAPSHOT_TARGET_H

#include "core/arena.h"
#include "qdrant/snapshot.h"

/* The URL of a place's snapshots, ended by NUL, in arena: the place's own path and what comes after it. NULL when out
 * of memory. place has been checked. */
const char *qd_snapshot_target(
    const qdrant_snapshot_place *place, const char *before_name, const char *name, const char *query, qd_arena *arena);

/* Reads the caller's struct and checks it. is_storage_allowed: the whole storage has such a call. */
qdrant_status qd_snapshot_place_read(
    const qdrant_snapshot_place *given, int is_storage_allowed, qdrant_snapshot_place *place, qdrant_error *err);

#endif
