#ifndef QD_DATETIME_H
#define QD_DATETIME_H

#include <stddef.h>
#include <stdint.h>

/* Microseconds since 1970-01-01 UTC as RFC 3339 text: "2024-01-02T03:04:05Z", with ".ffffff" only when there is a
 * fraction. */

#define QD_DATETIME_MIN INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define QD_DATETIME_MAX INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */
#define QD_DATETIME_MAX_BYTES 27

size_t qd_datetime_bytes(int64_t microseconds);

/* Writes qd_datetime_bytes characters and no NUL; returns where they end. */
uint8_t *qd_datetime_write(uint8_t *out, int64_t microseconds);

#endif
