#include "core/datetime.h"
#include "core/error.h"
#include "core/payload_encode.h"
#include "core/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void qd_payload_label(const qdrant_payload_column *column, char label[QD_PAYLOAD_LABEL_BYTES]) {
  if (column->key != NULL)
    snprintf(label, QD_PAYLOAD_LABEL_BYTES, "payload \"%.64s\"", column->key);
  else
    snprintf(label, QD_PAYLOAD_LABEL_BYTES, "payload without key");
}

typedef struct checked_column {
  const qdrant_payload_column *column;
  const qd_rows *rows;
  char label[QD_PAYLOAD_LABEL_BYTES];
} checked_column;

static int has_text(const qdrant_payload_column *column) {
  return column->kind == QDRANT_PAYLOAD_KEYWORD || column->kind == QDRANT_PAYLOAD_JSON;
}

static qdrant_status check_offsets(const checked_column *checked, qdrant_error *err) {
  const qdrant_payload_column *column = checked->column;
  const qd_rows *rows = checked->rows;
  if (column->offset_bits != 0 && column->offset_bits != 32 && column->offset_bits != 64) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: offset_bits is %d; it must be 32 or 64", checked->label,
        column->offset_bits);
  }
  if (column->offsets == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: offsets is NULL", checked->label);
  for (size_t i = 0; i < rows->n; i++) {
    int64_t start = qd_text_offset(column, rows->first + i);
    int64_t end = qd_text_offset(column, rows->first + i + 1);
    if (start < 0 || end < start || end - start > INT32_MAX) {
      return qd_fail(err, QDRANT_INVALID_ARGUMENT,
          "%s %zu: %s: offsets go from %" PRId64 " to %" PRId64
          "; they must be >= 0, never fall and span at most %" PRId32 " bytes",
          rows->item, rows->number + i, checked->label, start, end, INT32_MAX);
    }
  }
  int is_empty = qd_text_offset(column, rows->first) == qd_text_offset(column, rows->first + rows->n);
  return column->values == NULL && !is_empty
             ? qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: values is NULL", checked->label)
             : QDRANT_OK;
}

static qdrant_status check_keyword(const checked_column *checked, size_t row, qdrant_error *err) {
  int64_t start = qd_text_offset(checked->column, row);
  size_t n_bytes = (size_t)(qd_text_offset(checked->column, row + 1) - start);
  if (n_bytes == 0)
    return QDRANT_OK;
  const char *text = (const char *)checked->column->values + start;
  size_t n_valid = qd_utf8_valid_bytes(text, n_bytes);
  if (n_valid < n_bytes) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s %zu: %s: text is not UTF-8 at byte %zu (0x%02x)",
        checked->rows->item, qd_row_number(checked->rows, row), checked->label, n_valid, (unsigned char)text[n_valid]);
  }
  return QDRANT_OK;
}

static qdrant_status check_float(const checked_column *checked, size_t row, qdrant_error *err) {
  double value = ((const double *)checked->column->values)[row];
  if (!isfinite(value)) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s %zu: %s is %g; floats must be finite", checked->rows->item,
        qd_row_number(checked->rows, row), checked->label, value);
  }
  return QDRANT_OK;
}

static qdrant_status check_datetime(const checked_column *checked, size_t row, qdrant_error *err) {
  int64_t value = ((const int64_t *)checked->column->values)[row];
  if (value < QD_DATETIME_MIN || value > QD_DATETIME_MAX) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "%s %zu: %s is %" PRId64 " microseconds since 1970; the year must be from 0001 to 9999", checked->rows->item,
        qd_row_number(checked->rows, row), checked->label, value);
  }
  return QDRANT_OK;
}

typedef qdrant_status (*value_check)(const checked_column *checked, size_t row, qdrant_error *err);

/* NULL: any value will do, or it is checked when it is encoded. */
static value_check check_of_kind(qdrant_payload_kind kind) {
  switch (kind) {
  case QDRANT_PAYLOAD_KEYWORD: return check_keyword;
  case QDRANT_PAYLOAD_FLOAT: return check_float;
  case QDRANT_PAYLOAD_DATETIME: return check_datetime;
  case QDRANT_PAYLOAD_INTEGER:
  case QDRANT_PAYLOAD_BOOL:
  case QDRANT_PAYLOAD_JSON: break;
  }
  return NULL;
}

static qdrant_status check_values(const checked_column *checked, qdrant_error *err) {
  const qdrant_payload_column *column = checked->column;
  const qd_rows *rows = checked->rows;
  if (has_text(column)) {
    if (check_offsets(checked, err) != QDRANT_OK)
      return QDRANT_INVALID_ARGUMENT;
  } else if (column->values == NULL) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: values is NULL", checked->label);
  }
  value_check check = check_of_kind(column->kind);
  qdrant_status status = QDRANT_OK;
  for (size_t row = rows->first; check != NULL && row < rows->first + rows->n && status == QDRANT_OK; row++)
    if (qd_payload_is_present(column, row))
      status = check(checked, row, err);
  return status;
}

static qdrant_status check_key(const qdrant_payload_column *columns, size_t at, qdrant_error *err) {
  const char *key = columns[at].key;
  if (key == NULL && columns[at].kind != QDRANT_PAYLOAD_JSON) {
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "payload column %zu: key is NULL; only a JSON column can do without", at);
  }
  if (key != NULL && key[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "payload column %zu: key is empty", at);
  if (key != NULL && !qd_is_utf8(key, strlen(key)))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "payload column %zu: key \"%.64s\" is not UTF-8", at, key);
  for (size_t other = 0; other < at; other++) {
    if (key == NULL && columns[other].key == NULL) {
      return qd_fail(
          err, QDRANT_INVALID_ARGUMENT, "payload columns %zu and %zu both have no key; only one can", other, at);
    }
    if (key != NULL && columns[other].key != NULL && strcmp(key, columns[other].key) == 0) {
      return qd_fail(err, QDRANT_INVALID_ARGUMENT,
          "payload columns %zu and %zu have the same key \"%.64s\"; keys must be unique", other, at, key);
    }
  }
  return QDRANT_OK;
}

static qdrant_status check_column(const qdrant_payload_column *column, const qd_rows *rows, qdrant_error *err) {
  checked_column checked = {.column = column, .rows = rows};
  qd_payload_label(column, checked.label);
  if ((int)column->kind < QDRANT_PAYLOAD_KEYWORD || (int)column->kind > QDRANT_PAYLOAD_JSON)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: unknown column type %d", checked.label, (int)column->kind);
  return check_values(&checked, err);
}

qdrant_status qd_payload_check(
    const qdrant_payload_column *columns, size_t n_columns, const qd_rows *rows, qdrant_error *err) {
  if (n_columns > 0 && columns == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "batch.payload is NULL, batch.n_payload is %zu", n_columns);
  qdrant_status status = QDRANT_OK;
  for (size_t at = 0; at < n_columns && status == QDRANT_OK; at++)
    status = check_key(columns, at, err);
  for (size_t at = 0; at < n_columns && status == QDRANT_OK; at++)
    status = check_column(&columns[at], rows, err);
  return status;
}
