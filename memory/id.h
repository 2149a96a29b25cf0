#ifndef QD_ID_H
#define QD_ID_H

#include "core/arena.h"
#include "qdrant/error.h"
#include "qdrant/pb/qdrant_common.pb-c.h"

/* A point's id: a number (high is 0) or a UUID, whose bytes are high and low in the order of its text. */
typedef struct qd_id {
  uint64_t high;
  uint64_t low;
  uint8_t is_uuid;
} qd_id;

#define QD_ID_TEXT_BYTES 37

/* The server's order: numbers before UUIDs, each ascending. */
int qd_id_compare(const qd_id *a, const qd_id *b);

/* Reads an id of a request. INVALID_ARGUMENT in the server's words when it is unset or no UUID. */
qdrant_status qd_id_read(const Qdrant__PointId *message, qd_id *id, qdrant_error *err);

/* Reads n ids into an array of the arena. */
qdrant_status qd_ids_read(size_t n, Qdrant__PointId *const *messages, qd_arena *arena, qd_id **ids, qdrant_error *err);

/* NULL when out of memory. */
Qdrant__PointId *qd_id_message(const qd_id *id, qd_arena *arena);

void qd_id_text(const qd_id *id, char text[QD_ID_TEXT_BYTES]);

/* The bytes by which the server sorts ids into slices: a number's, the lowest first, or a UUID's. Returns how many. */
enum { QD_ID_HASHED_BYTES = 16 };
size_t qd_id_write_hashed(const qd_id *id, uint8_t bytes[QD_ID_HASHED_BYTES]);

/* Spreads ids over 64 bits; equal ids give equal values. */
uint64_t qd_id_hash(const qd_id *id);

#endif
