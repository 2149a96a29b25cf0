#include "memory/slot_set.h"

#include <stdlib.h>

static int compare_slots(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a;
  uint32_t right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

size_t qd_slot_set_make(uint32_t *slots, size_t n) {
  size_t n_different = 0;
  if (n > 1)
    qsort(slots, n, sizeof *slots, compare_slots);
  for (size_t i = 0; i < n; i++)
    if (n_different == 0 || slots[n_different - 1] != slots[i])
      slots[n_different++] = slots[i];
  return n_different;
}

int qd_slot_set_has(const uint32_t *slots, size_t n, uint32_t slot) {
  return n > 0 && bsearch(&slot, slots, n, sizeof *slots, compare_slots) != NULL;
}
