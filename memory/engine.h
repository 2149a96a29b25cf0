#ifndef QD_ENGINE_H
#define QD_ENGINE_H

#include "core/arena.h"
#include "core/rpc.h"
#include "qdrant/error.h"

/* The embedded engine's face: Qdrant's RPCs on collections in this process's memory. Thread-safe. */
typedef struct qd_engine qd_engine;

qd_engine *qd_engine_new(void); /* NULL when out of memory */
void qd_engine_free(qd_engine *engine);

/* Where snapshots lie, to be said before the first call; without it in a temporary directory that goes with the engine.
 * 0 when out of memory. */
int qd_engine_set_snapshot_directory(qd_engine *engine, const char *directory);

/* The version it says it is, cut after 31 bytes, in place of the newest it knows; to be said before the first call. */
void qd_engine_set_version(qd_engine *engine, const char *version);

/* Writes one collection, or all with their aliases when collection is NULL, into a snapshot file. NOT_FOUND, INTERNAL
 * names the file that cannot be written, DEADLINE_EXCEEDED, NO_MEMORY. */
qdrant_status qd_engine_save(
    qd_engine *engine, const char *collection, const char *path, int64_t deadline_ns, qdrant_error *err);

/* Puts the collections of a snapshot file in place of those of their names. name, which may be NULL, is given to the
 * collection in it if that is one. NOT_FOUND, INVALID_ARGUMENT for a file that is no snapshot or is damaged, NO_MEMORY.
 */
qdrant_status qd_engine_recover(qd_engine *engine, const char *path, const char *name, qdrant_error *err);

/* Carries out one RPC: request is a message of rpc->request, *reply one of rpc->reply in arena. Errors have the status
 * and words of a real server's gRPC port. Reads go on while others read; a write waits for none of them longer than a
 * copy takes. deadline_ns: looked at between pieces of work. */
qdrant_status qd_engine_call(qd_engine *engine, const qd_rpc *rpc, const ProtobufCMessage *request, int64_t deadline_ns,
    qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err);

#endif
