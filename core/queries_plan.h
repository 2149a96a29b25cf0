#ifndef QD_QUERIES_PLAN_H
#define QD_QUERIES_PLAN_H

#include "core/queries_encode.h"
#include "core/vectors_encode.h"

/* What the files of queries_encode.h share. */

/* Rows of queries [first, first + n) of a batch. */
qd_rows qd_query_rows(const qdrant_query_batch *queries, size_t first, size_t n);

/* Checks of those rows and of all that is the same for every query; floats are left to the encoder, selectors and the
 * common filter to qd_fixed_pack. */
qdrant_status qd_queries_check_rows(
    const char *collection, const qdrant_query_batch *queries, const qd_rows *rows, qdrant_error *err);

/* What is the same in every QueryPoints of a batch, and what follows the last of them, packed once. */
typedef struct qd_fixed {
  uint8_t *bytes; /* front, back, tail; owned */
  size_t n_front; /* fields before the filter that each query may have for itself, the common filter with them */
  size_t n_back;  /* fields after it */
  size_t n_tail;  /* fields of QueryBatchPoints */
} qd_fixed;

/* On failure there is nothing to free. */
qdrant_status qd_fixed_pack(const qdrant_query_batch *queries, qd_fixed *fixed, qdrant_error *err);
void qd_fixed_free(qd_fixed *fixed);

#endif
