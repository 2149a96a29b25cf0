#ifndef QD_UPLOAD_PACE_H
#define QD_UPLOAD_PACE_H

#include <stddef.h>
#include <stdint.h>

/* How fast an upload goes and how fast it may go. Pure: times are the caller's. */

/* At most so many points a second: each batch is due when those before it have had their time. */
typedef struct qd_rate_cap {
  double max_points_per_s; /* 0: no cap */
  int64_t due_ns;          /* of the next batch */
} qd_rate_cap;

/* A batch of n points begins now. */
void qd_rate_cap_take(qd_rate_cap *cap, int64_t now_ns, uint64_t n_points);

#define QD_PACE_SAMPLES 11 /* a second apart: ten seconds */

typedef struct qd_pace_sample {
  int64_t at_ns;
  uint64_t n_points;
  uint64_t n_bytes;
} qd_pace_sample;

/* Points and bytes done over about the last ten seconds. */
typedef struct qd_pace {
  qd_pace_sample samples[QD_PACE_SAMPLES]; /* a ring; the newest is at `newest` */
  size_t newest;
  size_t n;
} qd_pace;

typedef struct qd_rate {
  double points_per_s;
  double bytes_per_s;
} qd_rate;

void qd_pace_init(qd_pace *pace, int64_t now_ns);

/* So much is done by now, altogether. */
void qd_pace_note(qd_pace *pace, int64_t now_ns, uint64_t n_points, uint64_t n_bytes);

/* The rate up to now. */
qd_rate qd_pace_rate(const qd_pace *pace, int64_t now_ns, uint64_t n_points, uint64_t n_bytes);

/* Milliseconds for n_left more points; -1: cannot be told. */
int64_t qd_pace_left_ms(qd_rate rate, uint64_t n_left);

#endif
