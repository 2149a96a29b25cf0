#include "core/payload_encode.h"

#include "core/error.h"
#include "core/json_encode.h"
#include "core/wire.h"

#include <string.h>

/* What the rows of one JSON column are turned into entries with. */
typedef struct json_column {
  const qdrant_payload_column *columns; /* of the batch: their keys are taken */
  size_t n_columns;
  const qdrant_payload_column *column;
  qd_arena *arena;
  qd_arena *tree; /* of one row, of its own */
  qd_back_writer writer;
} json_column;

/* A key sent twice would lose one of its values without a word. */
static qdrant_status check_members(const json_column *json, const qd_json_node *object, qdrant_error *err) {
  for (size_t i = 0; i < json->n_columns; i++) {
    const char *key = json->columns[i].key;
    if (key != NULL && qd_json_get(object, key) != NULL)
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "member \"%.64s\" has a payload column of its own", key);
  }
  return QDRANT_OK;
}

static qdrant_status encode_object(json_column *json, const qd_json_node *value, qdrant_error *err) {
  const char *key = json->column->key;
  if (key != NULL) {
    qd_json_encode_entry(&json->writer, QD_POINT_PAYLOAD, key, strlen(key), value);
    return QDRANT_OK;
  }
  if (value->kind != QD_JSON_OBJECT)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "the value is %s; without a key it must be an object",
        qd_json_kind_name(value->kind));
  qdrant_status status = check_members(json, value, err);
  if (status == QDRANT_OK)
    qd_json_encode_members(&json->writer, QD_POINT_PAYLOAD, value);
  return status;
}

static qdrant_status keep_entries(const json_column *json, qd_json_entries *entries, qdrant_error *err) {
  size_t n_bytes = json->writer.n_bytes;
  uint8_t *bytes = json->writer.has_failed ? NULL : qd_arena_alloc(json->arena, n_bytes);
  if (bytes == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for %zu bytes of payload", n_bytes);
  qd_put_copy(bytes, qd_back_bytes(&json->writer), n_bytes);
  *entries = (qd_json_entries){.bytes = bytes, .n_bytes = n_bytes};
  return QDRANT_OK;
}

static qdrant_status encode_row(json_column *json, size_t row, qd_json_entries *entries, qdrant_error *err) {
  int64_t start = qd_text_offset(json->column, row);
  size_t n_bytes = (size_t)(qd_text_offset(json->column, row + 1) - start);
  const char *text = n_bytes == 0 ? "" : (const char *)json->column->values + start;
  const qd_json_node *value = NULL;
  qd_back_reset(&json->writer);
  qdrant_status status = qd_json_tree_parse(text, n_bytes, json->tree, &value, err);
  if (status == QDRANT_OK)
    status = encode_object(json, value, err);
  if (status == QDRANT_OK)
    status = keep_entries(json, entries, err);
  qd_arena_reset(json->tree);
  return status;
}

static qdrant_status encode_rows(json_column *json, const qd_rows *rows, qd_json_entries *entries, qdrant_error *err) {
  for (size_t i = 0; i < rows->n; i++) {
    if (!qd_payload_is_present(json->column, rows->first + i))
      continue;
    qdrant_status status = encode_row(json, rows->first + i, &entries[i], err);
    if (status != QDRANT_OK) {
      char label[QD_PAYLOAD_LABEL_BYTES];
      qd_payload_label(json->column, label);
      qd_error_prefix(err, "%s %zu: %s: ", rows->item, rows->number + i, label);
      return status;
    }
  }
  return QDRANT_OK;
}

static qdrant_status plan_json(json_column *json, const qd_rows *rows, qd_payload_plan *plan, qdrant_error *err) {
  qd_json_entries *entries = qd_arena_zalloc(json->arena, rows->n * sizeof *entries);
  json->tree = qd_arena_new(0);
  if (entries == NULL || json->tree == NULL) {
    qd_arena_free(json->tree);
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for payload");
  }
  qdrant_status status = encode_rows(json, rows, entries, err);
  qd_back_free(&json->writer);
  qd_arena_free(json->tree);
  plan->json = entries;
  return status;
}

qdrant_status qd_payload_plan_make(const qdrant_payload_column *columns, size_t n_columns, const qd_rows *rows,
    qd_arena *arena, qd_payload_plan **plans, qdrant_error *err) {
  *plans = qd_arena_zalloc(arena, n_columns * sizeof **plans);
  if (*plans == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for %zu payload columns", n_columns);
  qdrant_status status = QDRANT_OK;
  for (size_t at = 0; at < n_columns && status == QDRANT_OK; at++) {
    const qdrant_payload_column *column = &columns[at];
    size_t key_bytes = column->key != NULL ? strlen(column->key) : 0;
    (*plans)[at] = (qd_payload_plan){.column = column, .first = rows->first, .key_bytes = key_bytes};
    if (column->kind == QDRANT_PAYLOAD_JSON) {
      json_column json = {.columns = columns, .n_columns = n_columns, .column = column, .arena = arena};
      status = plan_json(&json, rows, &(*plans)[at], err);
    }
  }
  return status;
}
