#ifndef QD_POSITION_SET_H
#define QD_POSITION_SET_H

#include <stddef.h>
#include <stdint.h>

/* Finds equal items among up to QD_POSITION_SET_MAX of them: a table of positions, so that the items stay where they
 * are. */
typedef struct qd_position_set {
  uint32_t *slots; /* position + 1; 0: free */
  size_t capacity; /* a power of two */
  unsigned shift;  /* 64 - log2(capacity in use) */
} qd_position_set;

#define QD_POSITION_SET_MAX (UINT32_C(1) << 30)

/* Empties the set and makes room for n items. 0 when out of memory. Begin with a zeroed struct; qd_position_set_free at
 * the end. */
int qd_position_set_reset(qd_position_set *set, size_t n);
void qd_position_set_free(qd_position_set *set);

/* Spreads numbers that differ in few bits, low or high, over the top bits. */
static inline uint64_t qd_hash_u64(uint64_t value) {
  value ^= value >> 32;
  return value * UINT64_C(0x9e3779b97f4a7c15);
}

/* Where an item with that hash belongs; the caller goes on with qd_position_set_next until the slot is 0 or holds an
 * equal item. */
static inline size_t qd_position_set_slot(const qd_position_set *set, uint64_t hash) {
  return (size_t)(hash >> set->shift);
}

static inline size_t qd_position_set_next(const qd_position_set *set, size_t slot) {
  return (slot + 1) & ((size_t)(UINT64_MAX >> set->shift));
}

#endif
