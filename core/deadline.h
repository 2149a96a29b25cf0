#ifndef QD_DEADLINE_H
#define QD_DEADLINE_H

#include <stdint.h>

/* Deadlines are absolute CLOCK_MONOTONIC nanoseconds; relative times exist only in public options. */
int64_t qd_now_ns(void);
int64_t qd_deadline_in_ms(int64_t timeout_ms);    /* from now; saturates */
int64_t qd_deadline_left_ns(int64_t deadline_ns); /* 0 when it has passed */
int qd_deadline_has_passed(int64_t deadline_ns);

#define QD_NS_PER_MS INT64_C(1000000)
#define QD_NS_PER_S INT64_C(1000000000)
#define QD_MAX_TIMEOUT_MS INT64_C(86400000)

#endif
