#ifndef QD_MOMENT_H
#define QD_MOMENT_H

#include <stddef.h>
#include <stdint.h>

/* A point in time, UTC. */
typedef struct qd_moment {
  int64_t seconds; /* since 1970-01-01 */
  int32_t nanos;   /* 0 to 999999999 */
} qd_moment;

/* Reads the forms the server takes in payloads: RFC 3339, a blank for the T, no zone (UTC), an offset without colon, no
 * seconds, a date alone. 1, or 0 when the text is none of them. */
int qd_moment_parse(const char *text, size_t n_bytes, qd_moment *moment);

int qd_moment_compare(const qd_moment *a, const qd_moment *b);

/* Days since 1970-01-01 in the Gregorian calendar; month and day count from 1. */
int64_t qd_days_since_epoch(int year, int month, int day);

#endif
