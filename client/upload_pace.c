#include "client/upload_pace.h"

#include "core/deadline.h"

#define SPAN_NS (10 * QD_NS_PER_S)
#define MAX_LEFT_MS 1e15

void qd_rate_cap_take(qd_rate_cap *cap, int64_t now_ns, uint64_t n_points) {
  if (cap->max_points_per_s <= 0)
    return;
  double wait_ns = (double)n_points / cap->max_points_per_s * (double)QD_NS_PER_S;
  int64_t from_ns = cap->due_ns > now_ns ? cap->due_ns : now_ns;
  cap->due_ns = wait_ns < (double)(INT64_MAX / 2) ? from_ns + (int64_t)wait_ns : INT64_MAX;
}

void qd_pace_init(qd_pace *pace, int64_t now_ns) {
  *pace = (qd_pace){.n = 1};
  pace->samples[0].at_ns = now_ns;
}

void qd_pace_note(qd_pace *pace, int64_t now_ns, uint64_t n_points, uint64_t n_bytes) {
  if (now_ns - pace->samples[pace->newest].at_ns < QD_NS_PER_S)
    return;
  pace->newest = (pace->newest + 1) % QD_PACE_SAMPLES;
  pace->samples[pace->newest] = (qd_pace_sample){now_ns, n_points, n_bytes};
  pace->n += pace->n < QD_PACE_SAMPLES;
}

/* The oldest sample of the last ten seconds, or the newest of all when they are older. */
static const qd_pace_sample *find_start(const qd_pace *pace, int64_t now_ns) {
  const qd_pace_sample *start = &pace->samples[pace->newest];
  for (size_t i = 1; i < pace->n; i++) {
    const qd_pace_sample *older = &pace->samples[(pace->newest + QD_PACE_SAMPLES - i) % QD_PACE_SAMPLES];
    if (now_ns - older->at_ns > SPAN_NS + QD_NS_PER_S)
      break;
    start = older;
  }
  return start;
}

qd_rate qd_pace_rate(const qd_pace *pace, int64_t now_ns, uint64_t n_points, uint64_t n_bytes) {
  const qd_pace_sample *start = find_start(pace, now_ns);
  double seconds = (double)(now_ns - start->at_ns) / (double)QD_NS_PER_S;
  if (seconds <= 0)
    return (qd_rate){0, 0};
  return (qd_rate){(double)(n_points - start->n_points) / seconds, (double)(n_bytes - start->n_bytes) / seconds};
}

int64_t qd_pace_left_ms(qd_rate rate, uint64_t n_left) {
  if (n_left == 0)
    return 0;
  double left_ms = rate.points_per_s > 0 ? (double)n_left / rate.points_per_s * 1000 : MAX_LEFT_MS;
  return left_ms < MAX_LEFT_MS ? (int64_t)left_ms : -1;
}
