#ifndef QD_SNAPSHOT_CHECKSUM_H
#define QD_SNAPSHOT_CHECKSUM_H

#include "client/client.h"
#include "core/arena.h"
#include "qdrant/snapshot.h"

/* The SHA-256 that the server lists for a snapshot, in arena; *checksum is NULL when it lists none. Not OK: what
 * listing answered. */
qdrant_status qd_snapshot_checksum(qdrant_client *client, const qdrant_snapshot_place *place, const char *name,
    const qdrant_call_options *options, qd_arena *arena, const char **checksum, qdrant_error *err);

#endif
