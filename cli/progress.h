#ifndef QD_CLI_PROGRESS_H
#define QD_CLI_PROGRESS_H

#include <stdint.h>

/* A bar on standard error, drawn only when that is a terminal, at most ten times a second. */
typedef struct qd_progress {
  const char *label;
  uint64_t total;  /* 0: not known, only the number is shown */
  int64_t next_ns; /* when it may be drawn again */
  int is_drawn;    /* something is on the line */
  int is_terminal;
} qd_progress;

void qd_progress_begin(qd_progress *progress, const char *label, uint64_t total);
void qd_progress_set(qd_progress *progress, uint64_t done);
/* Takes the bar away. */
void qd_progress_end(qd_progress *progress);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t qd_clock_now(void);

#endif
