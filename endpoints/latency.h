#ifndef QD_LATENCY_H
#define QD_LATENCY_H

#include <stdint.h>

/* A running estimate of the 95th percentile of durations: counts in buckets a quarter of an octave wide, which old
 * observations leave by halves. Pure. Zero is empty. */
enum { QD_LATENCY_BUCKETS = 92 };

typedef struct qd_latency {
  uint32_t n; /* sum of counts */
  uint16_t counts[QD_LATENCY_BUCKETS];
} qd_latency;

void qd_latency_note(qd_latency *latency, int64_t duration_ns);

/* At most a fifth too large; 0 while too little is known. */
int64_t qd_latency_p95_ns(const qd_latency *latency);

#endif
