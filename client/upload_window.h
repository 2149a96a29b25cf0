#ifndef QD_UPLOAD_WINDOW_H
#define QD_UPLOAD_WINDOW_H

#include <stddef.h>
#include <stdint.h>

/* How many batches may be on their way at once: one more after as many ends without a slowdown as are allowed, half
 * after one (AIMD). Pure: times are the caller's. */
typedef struct qd_window {
  int adapts; /* else always max */
  uint32_t max;
  uint32_t limit;
  uint32_t n_good; /* ends since the limit changed */
  int64_t halved_ns;
  size_t largest_bytes; /* of a call so far */
  /* The least latency of this period and the one before it, so that one lucky call does not count for ever. */
  int64_t period_ns; /* when this one began */
  int64_t least_ns;
  int64_t least_before_ns;
} qd_window;

/* The end of a call. */
typedef struct qd_window_end {
  int64_t started_ns;
  int64_t ended_ns;
  size_t n_bytes;
  int is_slow; /* it failed or was repeated because the server is overloaded or away */
} qd_window_end;

/* first: the limit to begin with. */
void qd_window_init(qd_window *window, uint32_t first, uint32_t max, int adapts);

void qd_window_take(qd_window *window, const qd_window_end *end);

#endif
