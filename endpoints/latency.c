#include "endpoints/latency.h"

/* From 16 us to two minutes in steps of a quarter octave. */
enum { FIRST_OCTAVE = 14, PER_OCTAVE = 4, LEAST_KNOWN = 64, HALVED_AT = 2048 };

/* The bucket's octave is the place of the highest bit; the two bits below it say which quarter. */
static int bucket_of(int64_t duration_ns) {
  if (duration_ns < INT64_C(1) << FIRST_OCTAVE)
    return 0;
  int octave = 63 - __builtin_clzll((unsigned long long)duration_ns);
  int quarter = (int)(duration_ns >> (octave - 2)) & (PER_OCTAVE - 1);
  int bucket = (octave - FIRST_OCTAVE) * PER_OCTAVE + quarter;
  return bucket < QD_LATENCY_BUCKETS ? bucket : QD_LATENCY_BUCKETS - 1;
}

static int64_t upper_bound_ns(int bucket) {
  int octave = FIRST_OCTAVE + bucket / PER_OCTAVE;
  return ((int64_t)(PER_OCTAVE + bucket % PER_OCTAVE + 1) << octave) / PER_OCTAVE;
}

static void halve(qd_latency *latency) {
  latency->n = 0;
  for (int i = 0; i < QD_LATENCY_BUCKETS; i++) {
    latency->counts[i] = (uint16_t)(latency->counts[i] / 2);
    latency->n += latency->counts[i];
  }
}

void qd_latency_note(qd_latency *latency, int64_t duration_ns) {
  latency->counts[bucket_of(duration_ns)]++;
  if (++latency->n >= HALVED_AT)
    halve(latency);
}

int64_t qd_latency_p95_ns(const qd_latency *latency) {
  if (latency->n < LEAST_KNOWN)
    return 0;
  uint32_t n_above = latency->n / 20;
  int bucket = QD_LATENCY_BUCKETS - 1;
  for (uint32_t n = latency->counts[bucket]; n <= n_above && bucket > 0; n += latency->counts[bucket])
    bucket--;
  return upper_bound_ns(bucket);
}
