#include "core/position_set.h"

#include "core/alloc.h"

#include <string.h>

int qd_position_set_reset(qd_position_set *set, size_t n) {
  unsigned log2_used = 4;
  while (((size_t)1 << log2_used) < 2 * n)
    log2_used++;
  size_t n_used = (size_t)1 << log2_used;
  if (n_used > set->capacity) {
    uint32_t *slots = qd_alloc_array(n_used, sizeof *slots);
    if (slots == NULL)
      return 0;
    qd_free(set->slots);
    set->slots = slots;
    set->capacity = n_used;
  }
  set->shift = 64 - log2_used;
  memset(set->slots, 0, n_used * sizeof *set->slots);
  return 1;
}

void qd_position_set_free(qd_position_set *set) {
  qd_free(set->slots);
  *set = (qd_position_set){0};
}
