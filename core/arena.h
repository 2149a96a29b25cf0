#ifndef QD_ARENA_H
#define QD_ARENA_H

#include "qdrant/build.h"

#include <protobuf-c/protobuf-c.h>

/* The public arena is the library's own: blocks that double up to a limit, freed together. One thread at a time. */
typedef struct qdrant_arena qd_arena;

qd_arena *qd_arena_new(size_t first_block_bytes);
void *qd_arena_alloc(qd_arena *arena, size_t n_bytes); /* aligned to 16, not zeroed; NULL when out of memory */
void *qd_arena_zalloc(qd_arena *arena, size_t n_bytes);
char *qd_arena_strndup(qd_arena *arena, const char *text, size_t n_bytes);
/* An array of n pointers with one more at its end: grown where it lies if this function made it, else a copy with room.
 * items may be NULL when n is 0. NULL when out of memory. */
void **qd_arena_append(qd_arena *arena, void **items, size_t n, void *item);
int qd_arena_has_failed(const qd_arena *arena); /* an allocation failed since the last reset */
void qd_arena_reset(qd_arena *arena);           /* keeps the largest block */
void qd_arena_free(qd_arena *arena);            /* NULL is fine */

/* For protobuf_c_message_unpack: its free does nothing. Lives as long as the arena. */
ProtobufCAllocator *qd_arena_allocator(qd_arena *arena);

/* Arenas kept for reuse: a fresh one costs more than what is put into it (page faults). Thread-safe. Arenas above
 * max_kept_bytes are not kept. */
typedef struct qd_arena_pool qd_arena_pool;
qd_arena_pool *qd_arena_pool_new(size_t max_arenas, size_t max_kept_bytes);
qd_arena *qd_arena_pool_take(qd_arena_pool *pool);
void qd_arena_pool_give(qd_arena_pool *pool, qd_arena *arena);
/* Reference-counted, since replies outlive their client. */
qd_arena_pool *qd_arena_pool_ref(qd_arena_pool *pool);
void qd_arena_pool_unref(qd_arena_pool *pool);

#endif
