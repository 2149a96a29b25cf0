#ifndef QD_TIMESTAMP_H
#define QD_TIMESTAMP_H

#include "qdrant/pb/timestamp.pb-c.h"

#include <stddef.h>

#define QD_TIMESTAMP_MAX_BYTES 32

/* RFC 3339 in UTC, ended by NUL: with nine digits of a fraction, or six, or none, as many as it needs. Returns how many
 * bytes; 0 when the time is outside the years 1 to 9999. */
size_t qd_timestamp_write(const Qdrant__Timestamp *at, char out[QD_TIMESTAMP_MAX_BYTES]);

#endif
