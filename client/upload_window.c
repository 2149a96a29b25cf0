#include "client/upload_window.h"

#include "core/deadline.h"

#define PERIOD_NS (60 * QD_NS_PER_S)
/* Latency above this much more than the least is a sign; below it, it is the noise of a fast server. */
#define NOISE_NS (10 * QD_NS_PER_MS)

void qd_window_init(qd_window *window, uint32_t first, uint32_t max, int adapts) {
  *window = (qd_window){.adapts = adapts, .max = max, .limit = !adapts || first > max ? max : first};
  window->least_ns = INT64_MAX;
  window->least_before_ns = INT64_MAX;
  window->halved_ns = INT64_MIN;
}

/* Small batches are quick: they say nothing about large ones. */
static int has_usual_size(qd_window *window, size_t n_bytes) {
  if (n_bytes / 2 > window->largest_bytes) {
    window->least_ns = INT64_MAX;
    window->least_before_ns = INT64_MAX;
  }
  if (n_bytes > window->largest_bytes)
    window->largest_bytes = n_bytes;
  return n_bytes >= window->largest_bytes / 2;
}

/* Takes a latency into the least and says whether it is long. */
static int is_long(qd_window *window, int64_t latency_ns, int64_t now_ns) {
  if (window->period_ns == 0 || now_ns - window->period_ns > PERIOD_NS) {
    window->least_before_ns = window->least_ns;
    window->least_ns = INT64_MAX;
    window->period_ns = now_ns;
  }
  if (latency_ns < window->least_ns)
    window->least_ns = latency_ns;
  int64_t least_ns = window->least_ns < window->least_before_ns ? window->least_ns : window->least_before_ns;
  return latency_ns - least_ns > (least_ns > NOISE_NS ? least_ns : NOISE_NS);
}

/* What was begun before the last decrease tells of the time before it. */
static void halve(qd_window *window, const qd_window_end *end) {
  window->n_good = 0;
  if (end->started_ns <= window->halved_ns)
    return;
  window->limit = window->limit > 1 ? window->limit / 2 : 1;
  window->halved_ns = end->ended_ns;
}

void qd_window_take(qd_window *window, const qd_window_end *end) {
  if (!window->adapts)
    return;
  int is_slow = end->is_slow;
  if (!is_slow && has_usual_size(window, end->n_bytes))
    is_slow = is_long(window, end->ended_ns - end->started_ns, end->ended_ns);
  if (is_slow) {
    halve(window, end);
  } else if (++window->n_good >= window->limit) {
    window->n_good = 0;
    window->limit += window->limit < window->max;
  }
}
