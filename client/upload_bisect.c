#include "client/upload_bisect.h"

void qd_bisect_begin(qd_bisect *bisect, uint32_t n) {
  bisect->waiting[0] = (qd_part){0, n};
  bisect->n_waiting = 1;
}

int qd_bisect_next(qd_bisect *bisect, qd_part *part) {
  if (bisect->n_waiting == 0)
    return 0;
  *part = bisect->waiting[--bisect->n_waiting];
  return 1;
}

void qd_bisect_cut(qd_bisect *bisect, qd_part part) {
  uint32_t half = part.n / 2;
  bisect->waiting[bisect->n_waiting++] = (qd_part){part.first + half, part.n - half};
  bisect->waiting[bisect->n_waiting++] = (qd_part){part.first, half};
}
