#ifndef QD_SPARSE_SORT_H
#define QD_SPARSE_SORT_H

#include "core/arena.h"

#include <stdint.h>

/* Puts the n weights of a sparse vector in the order of their indices, where they stand. 0 when out of memory. */
int qd_sparse_sort(uint32_t *indices, float *values, size_t n, qd_arena *arena);

#endif
