#ifndef QD_SIPHASH_H
#define QD_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4: a hash that nobody can aim collisions at who does not know its key. */
typedef struct qd_siphash_key {
  uint64_t low;
  uint64_t high;
} qd_siphash_key;

uint64_t qd_siphash(qd_siphash_key key, const void *data, size_t n_bytes);

#endif
