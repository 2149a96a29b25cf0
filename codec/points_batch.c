#include "codec/points_batch.h"

#include "codec/json_path.h"
#include "core/error.h"

#include <stdio.h>
#include <string.h>

static qd_json_node text_node(const char *text) {
  return (qd_json_node){.kind = QD_JSON_TEXT, .n = (uint32_t)strlen(text), .text = text};
}

static qdrant_status check_column(qd_json_reader *in, const qd_json_node *column, uint32_t n_points) {
  char expected[64];
  if (column->kind == QD_JSON_ARRAY && column->n == n_points)
    return QDRANT_OK;
  snprintf(expected, sizeof expected, "a list of %u, as many as ids", n_points);
  return qd_json_expected(in, column, expected);
}

/* A list of vectors, or such a list for each name. */
static qdrant_status check_vectors(qd_json_reader *in, const qd_json_node *vectors, uint32_t n_points) {
  if (vectors->kind != QD_JSON_OBJECT)
    return check_column(in, vectors, n_points);
  for (size_t i = 0; i < vectors->n; i++) {
    const qd_json_node *name = qd_json_key(vectors, i);
    qdrant_status status = check_column(in, qd_json_member(vectors, i), n_points);
    if (status != QDRANT_OK)
      return qd_path_text(status, in->err, name->text, name->n);
  }
  return QDRANT_OK;
}

/* The vectors of one point: of a list its item, of names an object. */
static qdrant_status take_vector(qd_json_reader *in, const qd_json_node *vectors, size_t point, qd_json_node *vector) {
  if (vectors->kind == QD_JSON_ARRAY) {
    *vector = vectors->items[point];
    return QDRANT_OK;
  }
  qd_json_node *members = qd_json_alloc(in, 2 * (size_t)vectors->n * sizeof *members);
  if (members == NULL)
    return QDRANT_NO_MEMORY;
  for (size_t i = 0; i < vectors->n; i++) {
    members[2 * i] = *qd_json_key(vectors, i);
    members[2 * i + 1] = qd_json_member(vectors, i)->items[point];
  }
  *vector = (qd_json_node){.kind = QD_JSON_OBJECT, .n = vectors->n, .items = members};
  return QDRANT_OK;
}

typedef struct columns {
  const qd_json_node *ids;
  const qd_json_node *vectors;
  const qd_json_node *payloads; /* NULL: none */
} columns;

static qdrant_status take_columns(qd_json_reader *in, const qd_json_node *batch, columns *from) {
  *from = (columns){qd_json_get(batch, "ids"), qd_json_get(batch, "vectors"), qd_json_get(batch, "payloads")};
  if (from->ids == NULL || from->ids->kind != QD_JSON_ARRAY || from->vectors == NULL)
    return qd_json_expected(in, batch, "an object with lists of ids and vectors");
  if (from->payloads != NULL && from->payloads->kind == QD_JSON_NULL)
    from->payloads = NULL;
  qdrant_status status = qd_path_key(check_vectors(in, from->vectors, from->ids->n), in->err, "vectors");
  if (status == QDRANT_OK && from->payloads != NULL)
    status = qd_path_key(check_column(in, from->payloads, from->ids->n), in->err, "payloads");
  return status;
}

enum { N_KEYS = 3 };

static qdrant_status make_point(qd_json_reader *in, const columns *from, size_t i, qd_json_node *point) {
  qd_json_node *members = qd_json_alloc(in, 2 * N_KEYS * sizeof *members);
  if (members == NULL)
    return QDRANT_NO_MEMORY;
  members[0] = text_node("id");
  members[1] = from->ids->items[i];
  members[2] = text_node("vector");
  qdrant_status status = take_vector(in, from->vectors, i, &members[3]);
  members[4] = text_node("payload");
  if (from->payloads != NULL)
    members[5] = from->payloads->items[i];
  *point = (qd_json_node){.kind = QD_JSON_OBJECT, .n = N_KEYS, .items = members};
  return status;
}

qdrant_status qd_points_of_batch(qd_json_reader *in, const qd_json_node *batch, qd_json_node *points) {
  columns from;
  qdrant_status status = take_columns(in, batch, &from);
  if (status != QDRANT_OK)
    return status;
  qd_json_node *items = qd_json_alloc(in, from.ids->n * sizeof *items);
  if (items == NULL)
    return QDRANT_NO_MEMORY;
  for (size_t i = 0; i < from.ids->n && status == QDRANT_OK; i++)
    status = make_point(in, &from, i, &items[i]);
  *points = (qd_json_node){.kind = QD_JSON_ARRAY, .n = from.ids->n, .items = items};
  return status;
}
