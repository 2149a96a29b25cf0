#include "codec/timestamp.h"

#include "core/datetime.h"

#include <stdio.h>

enum { MICROSECONDS_PER_S = 1000000, NANOS_PER_S = 1000000000 };

size_t qd_timestamp_write(const Qdrant__Timestamp *at, char out[QD_TIMESTAMP_MAX_BYTES]) {
  int64_t seconds = at->seconds;
  if (seconds < QD_DATETIME_MIN / MICROSECONDS_PER_S || seconds > QD_DATETIME_MAX / MICROSECONDS_PER_S ||
      at->nanos < 0 || at->nanos >= NANOS_PER_S)
    return 0;
  int is_exact = at->nanos % 1000 == 0;
  int64_t microseconds = seconds * MICROSECONDS_PER_S + (is_exact ? at->nanos / 1000 : 0);
  char *end = (char *)qd_datetime_write((uint8_t *)out, microseconds);
  if (!is_exact) /* in place of the Z */
    end += snprintf(end - 1, QD_TIMESTAMP_MAX_BYTES - (size_t)(end - 1 - out), ".%09dZ", at->nanos) - 1;
  *end = '\0';
  return (size_t)(end - out);
}
