#include "core/deadline.h"

#include <time.h>

int64_t qd_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * QD_NS_PER_S + now.tv_nsec;
}

int64_t qd_deadline_in_ms(int64_t timeout_ms) {
  int64_t now_ns = qd_now_ns();
  if (timeout_ms <= 0)
    return now_ns;
  if (timeout_ms > (INT64_MAX - now_ns) / QD_NS_PER_MS)
    return INT64_MAX;
  return now_ns + timeout_ms * QD_NS_PER_MS;
}

int64_t qd_deadline_left_ns(int64_t deadline_ns) {
  int64_t now_ns = qd_now_ns();
  return deadline_ns > now_ns ? deadline_ns - now_ns : 0;
}

int qd_deadline_has_passed(int64_t deadline_ns) {
  return qd_deadline_left_ns(deadline_ns) == 0;
}
