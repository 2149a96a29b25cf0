#ifndef QD_CLI_PROGRESS_H
#define QD_CLI_PROGRESS_H

#include <stdint.h>

struct qdrant_upload_progress;

/* A bar on standard error, drawn only when that is a terminal, at most ten times a second. */
typedef struct qd_progress {
  const char *label;
  uint64_t total;  /* 0: not known */
  int64_t next_ns; /* when it may be drawn again */
  int is_drawn;    /* something is on the line */
  int is_terminal;
} qd_progress;

/* Draws the empty bar. */
void qd_progress_begin(qd_progress *progress, const char *label, uint64_t total);

/* Points and their rate, bytes a second, time left. n_before: points done before this upload. fraction: how much of it
 * has been read, for a bar when the total is not known; -1: not known either. */
void qd_progress_set(
    qd_progress *progress, const struct qdrant_upload_progress *upload, uint64_t n_before, double fraction);

/* Takes the bar away. */
void qd_progress_end(qd_progress *progress);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t qd_clock_now(void);

#endif
