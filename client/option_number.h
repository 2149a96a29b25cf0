#ifndef QD_OPTION_NUMBER_H
#define QD_OPTION_NUMBER_H

#include "qdrant/error.h"

#include <stdint.h>

#define QD_HOUR_MS INT64_C(3600000)
#define QD_NO_OFF INT64_MIN

/* A number's default (given 0), its range, and what -1 stands for (QD_NO_OFF: -1 is not allowed). */
typedef struct qd_number_rule {
  const char *name;
  int64_t fallback;
  int64_t min;
  int64_t max;
  int64_t off;
} qd_number_rule;

/* Fills *value by the rule; else status names the option, the value and the range. */
qdrant_status qd_option_number(
    const qd_number_rule *rule, int64_t given, int64_t *value, qdrant_status status, qdrant_error *err);

#endif
