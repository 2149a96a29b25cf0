#ifndef QD_COLUMN_H
#define QD_COLUMN_H

#include <stddef.h>
#include <stdint.h>

/* Something of every slot, in chunks each twice as large as the one before. An item never moves, so that readers need
 * no lock while slots are added behind those they know. */
typedef struct qd_column {
  size_t item_bytes;
  size_t n_chunks;
  uint8_t *chunks[26]; /* each begins a cache line */
  void *blocks[26];    /* what to free */
} qd_column;

enum { QD_FIRST_CHUNK_BITS = 6, QD_FIRST_CHUNK_SLOTS = 1 << QD_FIRST_CHUNK_BITS };

#define QD_NO_SLOT UINT32_MAX
#define QD_MAX_SLOTS ((UINT64_C(1) << 32) - QD_FIRST_CHUNK_SLOTS)

/* The chunk a slot lies in, and the first slot of a chunk. */
static inline size_t qd_chunk_of(size_t slot) {
  return (size_t)(63 - __builtin_clzll((unsigned long long)slot + QD_FIRST_CHUNK_SLOTS)) - QD_FIRST_CHUNK_BITS;
}

static inline size_t qd_chunk_first(size_t chunk) {
  return ((size_t)QD_FIRST_CHUNK_SLOTS << chunk) - QD_FIRST_CHUNK_SLOTS;
}

/* Slots in runs of 64, of which a word has a bit each. No run lies in two chunks. */
enum { QD_RUN_SLOTS = 64 };

/* Room for n_slots slots; new items are zero. 0 when out of memory; what is there stays. */
int qd_column_reserve(qd_column *column, size_t n_slots);
void qd_column_free(qd_column *column);

static inline void *qd_column_at(const qd_column *column, size_t slot) {
  size_t chunk = qd_chunk_of(slot);
  return column->chunks[chunk] + (slot - qd_chunk_first(chunk)) * column->item_bytes;
}

#endif
