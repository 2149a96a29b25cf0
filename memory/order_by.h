#ifndef QD_ORDER_BY_H
#define QD_ORDER_BY_H

#include "memory/field_index.h"
#include "memory/job.h"

/* Points in the order of a number or a moment in their payload. A point stands in it once for each of its values. */

typedef struct qd_order_value {
  int is_float;
  int64_t integer; /* a moment is microseconds since 1970 */
  double number;
} qd_order_value;

typedef struct qd_order_by {
  const char *key;
  qd_path path;
  int is_descending;
  int has_start;
  qd_order_value start; /* the first value that counts */
} qd_order_by;

/* Reads the part of a request, which must outlive it. INVALID_ARGUMENT in the server's words. */
qdrant_status qd_order_by_read(const Qdrant__OrderBy *message, qd_arena *arena, qd_order_by *order, qdrant_error *err);

/* One place in the order. */
typedef struct qd_ordered_point {
  qd_order_value value;
  qd_id id;
  uint32_t slot;
} qd_ordered_point;

/* The first `limit` places among points that match filter, in the job's arena. INVALID_ARGUMENT when the key has no
 * index by range, DEADLINE_EXCEEDED, NO_MEMORY. */
qdrant_status qd_order_by_run(qd_job *job, const qd_reader *reader, const qd_order_by *order, const qd_filter *filter,
    size_t limit, qd_ordered_point **points, size_t *n);

/* -1, 0 or 1; integers and floats compare exactly. */
int qd_order_value_compare(const qd_order_value *a, const qd_order_value *b);

qd_order_value qd_order_value_read(const Qdrant__OrderValue *message);
/* NULL when out of memory. */
Qdrant__OrderValue *qd_order_value_message(qd_job *job, const qd_order_value *value);

#endif
