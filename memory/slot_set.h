#ifndef QD_SLOT_SET_H
#define QD_SLOT_SET_H

#include <stddef.h>
#include <stdint.h>

/* Sets of slots: ascending, each once. */

/* Makes a set of n slots where they stand; returns how many different ones there are. */
size_t qd_slot_set_make(uint32_t *slots, size_t n);

int qd_slot_set_has(const uint32_t *slots, size_t n, uint32_t slot);

#endif
