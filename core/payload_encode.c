#include "core/payload_encode.h"

#include "core/datetime.h"
#include "core/value_fields.h"
#include "core/wire.h"

#include <string.h>

static const char *row_text(const qdrant_payload_column *column, size_t row, size_t *n_bytes) {
  int64_t start = qd_text_offset(column, row);
  *n_bytes = (size_t)(qd_text_offset(column, row + 1) - start);
  return *n_bytes == 0 ? "" : (const char *)column->values + start;
}

/* Content of the message Value. */
static size_t value_bytes(const qdrant_payload_column *column, size_t row) {
  size_t n_text;
  switch (column->kind) {
  case QDRANT_PAYLOAD_KEYWORD: row_text(column, row, &n_text); return qd_field_bytes(QD_VALUE_STRING, n_text);
  case QDRANT_PAYLOAD_INTEGER: return 1 + qd_varint_bytes((uint64_t)((const int64_t *)column->values)[row]);
  case QDRANT_PAYLOAD_FLOAT: return 1 + sizeof(double);
  case QDRANT_PAYLOAD_BOOL: return 2;
  case QDRANT_PAYLOAD_DATETIME:
    return qd_field_bytes(QD_VALUE_STRING, qd_datetime_bytes(((const int64_t *)column->values)[row]));
  case QDRANT_PAYLOAD_JSON: break;
  }
  return 0;
}

static uint8_t *write_value(const qdrant_payload_column *column, size_t row, uint8_t *out) {
  switch (column->kind) {
  case QDRANT_PAYLOAD_KEYWORD: {
    size_t n_text;
    const char *text = row_text(column, row, &n_text);
    return qd_put_bytes(out, QD_VALUE_STRING, text, n_text);
  }
  case QDRANT_PAYLOAD_INTEGER:
    return qd_put_varint_field(out, QD_VALUE_INTEGER, (uint64_t)((const int64_t *)column->values)[row]);
  case QDRANT_PAYLOAD_FLOAT: return qd_put_double_field(out, QD_VALUE_DOUBLE, ((const double *)column->values)[row]);
  case QDRANT_PAYLOAD_BOOL: return qd_put_varint_field(out, QD_VALUE_BOOL, qd_bit(column->values, row) != 0);
  case QDRANT_PAYLOAD_DATETIME: {
    int64_t microseconds = ((const int64_t *)column->values)[row];
    out = qd_put_head(out, QD_VALUE_STRING, qd_datetime_bytes(microseconds));
    return qd_datetime_write(out, microseconds);
  }
  case QDRANT_PAYLOAD_JSON: break;
  }
  return out;
}

static size_t entry_bytes(const qd_payload_plan *plan, size_t n_value) {
  return qd_field_bytes(QD_ENTRY_KEY, plan->key_bytes) + qd_field_bytes(QD_ENTRY_VALUE, n_value);
}

size_t qd_payload_measure(const qd_payload_plan *plan, size_t row) {
  if (!qd_payload_is_present(plan->column, row))
    return 0;
  if (plan->column->kind == QDRANT_PAYLOAD_JSON)
    return plan->json[row - plan->first].n_bytes;
  return qd_field_bytes(QD_POINT_PAYLOAD, entry_bytes(plan, value_bytes(plan->column, row)));
}

uint8_t *qd_payload_write(const qd_payload_plan *plan, size_t row, uint8_t *out) {
  if (!qd_payload_is_present(plan->column, row))
    return out;
  if (plan->column->kind == QDRANT_PAYLOAD_JSON) {
    const qd_json_entries *entries = &plan->json[row - plan->first];
    return qd_put_copy(out, entries->bytes, entries->n_bytes);
  }
  size_t n_value = value_bytes(plan->column, row);
  out = qd_put_head(out, QD_POINT_PAYLOAD, entry_bytes(plan, n_value));
  out = qd_put_bytes(out, QD_ENTRY_KEY, plan->column->key, plan->key_bytes);
  out = qd_put_head(out, QD_ENTRY_VALUE, n_value);
  return write_value(plan->column, row, out);
}
