#ifndef QD_VECTORS_ENCODE_H
#define QD_VECTORS_ENCODE_H

#include "qdrant/columns.h"
#include "qdrant/error.h"

/* Vector columns as the contents of DenseVector, SparseVector and MultiDenseVector, which upserts and queries share. */

/* Which rows of a column are meant, and what an error calls them: "point 3" is row first + 3 when number is 0. */
typedef struct qd_rows {
  const char *item;
  size_t first;
  size_t n;
  size_t number; /* of row first */
} qd_rows;

static inline size_t qd_row_number(const qd_rows *rows, size_t row) {
  return row - rows->first + rows->number;
}

/* More floats or weights than this in one vector cannot be meant: no message could hold them. */
#define QD_MAX_VECTOR_FLOATS (INT64_C(1) << 28)
#define QD_MAX_DIM UINT32_C(65536)

/* Room for "vector \"name\"" or "the unnamed vector"; long names are cut. */
#define QD_VECTOR_LABEL_BYTES 100
void qd_vector_label(const qdrant_vector_column *column, char label[QD_VECTOR_LABEL_BYTES]);

/* NULL and "" both mean the unnamed vector. */
int qd_vector_is_named(const qdrant_vector_column *column);

/* Everything but floats. INVALID_ARGUMENT names the row, the column, the rule and the value. */
qdrant_status qd_vector_check(const qdrant_vector_column *column, const qd_rows *rows, qdrant_error *err);

/* A checked column and what is constant in its encoding. */
typedef struct qd_vector_plan {
  const qdrant_vector_column *column;
  size_t first;          /* row of index_bytes[0] */
  size_t stride;         /* DENSE */
  size_t row_bytes;      /* DENSE, MULTI: content of one row's DenseVector */
  uint32_t *index_bytes; /* SPARSE: size of each row's packed indices */
} qd_vector_plan;

/* index_bytes: room for rows->n numbers when the column is SPARSE, else NULL; stays the caller's. */
void qd_vector_plan_make(
    const qdrant_vector_column *column, const qd_rows *rows, uint32_t *index_bytes, qd_vector_plan *plan);

static inline int qd_bit(const uint8_t *bits, size_t i) {
  return bits[i / 8] >> (i % 8) & 1;
}

static inline int qd_vector_is_present(const qd_vector_plan *plan, size_t row) {
  return plan->column->validity == NULL || qd_bit(plan->column->validity, row);
}

/* Size of a row's content, and its bytes: returns where they end, NULL when a float is not finite. */
size_t qd_vector_measure(const qd_vector_plan *plan, size_t row);
uint8_t *qd_vector_write(const qd_vector_plan *plan, size_t row, uint8_t *out);

/* A DENSE row in two parts: what is the same in every row (returns where it ends), then its floats, as qd_vector_write.
 */
uint8_t *qd_vector_write_floats_head(const qd_vector_plan *plan, uint8_t *out);
uint8_t *qd_vector_write_floats(const qd_vector_plan *plan, size_t row, uint8_t *out);

static inline size_t qd_vector_floats_bytes(const qd_vector_plan *plan) {
  return plan->column->dim * sizeof(float);
}

/* OK when the row is absent or all its floats are finite. */
qdrant_status qd_vector_check_floats(const qd_vector_plan *plan, const qd_rows *rows, size_t row, qdrant_error *err);

#endif
