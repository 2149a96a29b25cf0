#ifndef QD_UPLOAD_IDS_H
#define QD_UPLOAD_IDS_H

#include "qdrant/columns.h"
#include "qdrant/error.h"

#include <stddef.h>
#include <stdint.h>

struct Qdrant__PointId;

/* Which unfinished batches have points of which ids. Ids are known by a key of 64 bits; two that share one only make
 * batches wait for each other in vain. Numbers next to each other share a slot: uploads mostly count their points. */
typedef struct qd_id_slot {
  uint64_t group; /* keys but for their low bits */
  uint64_t owner; /* a batch's sequence + 1; 0: the slot is free */
  uint64_t bits;  /* the keys of the group that owner has */
} qd_id_slot;

typedef struct qd_upload_ids {
  qd_id_slot *slots; /* owned */
  size_t capacity;   /* a power of two; at most half of them are in use */
  size_t n;
  qd_id_slot *recent; /* where the last key was put; NULL: none */
  int has_others;     /* other batches have keys of that group */
} qd_upload_ids;

/* The key of an id; a number is its own. */
uint64_t qd_upload_key_uuid(const uint8_t uuid[16]);
/* INVALID_ARGUMENT when the message has no id or one that is no UUID. */
qdrant_status qd_upload_key_message(const struct Qdrant__PointId *id, uint64_t *key, qdrant_error *err);

/* Makes room for n more keys. 0 when out of memory. Begin with a zeroed struct. */
int qd_upload_ids_reserve(qd_upload_ids *ids, size_t n);

/* Gives the key to owner too and answers who had it: owner itself, or the latest other one; 0: nobody. There is room.
 */
uint64_t qd_upload_ids_put(qd_upload_ids *ids, uint64_t key, uint64_t owner);

/* Takes one key, or all of some, from owner. */
void qd_upload_ids_drop(qd_upload_ids *ids, uint64_t key, uint64_t owner);
void qd_upload_ids_drop_all(qd_upload_ids *ids, const uint64_t *keys, size_t n, uint64_t owner);

void qd_upload_ids_free(qd_upload_ids *ids);

#endif
