#ifndef QD_PAYLOAD_ENCODE_H
#define QD_PAYLOAD_ENCODE_H

#include "core/arena.h"
#include "core/vectors_encode.h"

/* Payload columns as entries of PointStruct.payload. */

#define QD_POINT_PAYLOAD 3

/* Entries of one row of a JSON column, encoded when they were checked. */
typedef struct qd_json_entries {
  const uint8_t *bytes;
  size_t n_bytes;
} qd_json_entries;

typedef struct qd_payload_plan {
  const qdrant_payload_column *column;
  size_t first; /* row of json[0] */
  size_t key_bytes;
  const qd_json_entries *json; /* JSON: one a row, in the arena */
} qd_payload_plan;

#define QD_PAYLOAD_LABEL_BYTES 100
void qd_payload_label(const qdrant_payload_column *column, char label[QD_PAYLOAD_LABEL_BYTES]);

/* Keys of all columns against each other, then every value. INVALID_ARGUMENT names the row, the column, the rule and
 * the value. */
qdrant_status qd_payload_check(
    const qdrant_payload_column *columns, size_t n_columns, const qd_rows *rows, qdrant_error *err);

/* For checked columns; parses and encodes JSON, whose faults show here. *plans: one a column, in arena. */
qdrant_status qd_payload_plan_make(const qdrant_payload_column *columns, size_t n_columns, const qd_rows *rows,
    qd_arena *arena, qd_payload_plan **plans, qdrant_error *err);

/* Size of a row's entries (0: it has none), and their bytes: returns where they end. */
size_t qd_payload_measure(const qd_payload_plan *plan, size_t row);
uint8_t *qd_payload_write(const qd_payload_plan *plan, size_t row, uint8_t *out);

/* Byte position in values where row begins; offsets has one more entry than there are rows. */
static inline int64_t qd_text_offset(const qdrant_payload_column *column, size_t row) {
  if (column->offset_bits == 64)
    return ((const int64_t *)column->offsets)[row];
  return ((const int32_t *)column->offsets)[row];
}

static inline int qd_payload_is_present(const qdrant_payload_column *column, size_t row) {
  return column->validity == NULL || qd_bit(column->validity, row);
}

#endif
