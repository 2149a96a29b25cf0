#include "tests/support/points_model.h"

#include "core/json_value.h"
#include "core/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int has_bit(const uint8_t *bits, size_t i) {
  return (bits[i >> 3] & 1 << (i & 7)) != 0;
}

void *model_new(qd_arena *arena, const ProtobufCMessageDescriptor *type) {
  void *message = qd_arena_alloc(arena, type->sizeof_message);
  assert_non_null(message);
  protobuf_c_message_init(type, message);
  return message;
}

Qdrant__PointId *model_id(qd_arena *arena, const qdrant_point_id *id) {
  Qdrant__PointId *made = MODEL_NEW(arena, point_id);
  if (id->is_uuid) {
    char text[37];
    qd_uuid_format(id->uuid.bytes, text);
    made->point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
    made->uuid = qd_arena_strndup(arena, text, 36);
  } else {
    made->point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
    made->num = id->num;
  }
  return made;
}

static Qdrant__DenseVector *dense(qd_arena *arena, const float *values, size_t n) {
  Qdrant__DenseVector *made = MODEL_NEW(arena, dense_vector);
  made->n_data = n;
  made->data = (float *)values;
  return made;
}

model_vector model_row(const qdrant_vector_column *column, size_t row, qd_arena *arena) {
  model_vector made = {0};
  if (column->kind == QDRANT_DENSE) {
    size_t stride = column->stride != 0 ? column->stride : column->dim;
    made.dense = dense(arena, column->values + row * stride, column->dim);
    return made;
  }
  size_t start = (size_t)column->offsets[row];
  size_t n = (size_t)column->offsets[row + 1] - start;
  if (column->kind == QDRANT_SPARSE) {
    made.sparse = MODEL_NEW(arena, sparse_vector);
    made.sparse->n_values = made.sparse->n_indices = n;
    made.sparse->values = (float *)column->values + start;
    made.sparse->indices = (uint32_t *)column->indices + start;
    return made;
  }
  made.multi = MODEL_NEW(arena, multi_dense_vector);
  made.multi->vectors = qd_arena_alloc(arena, n * sizeof *made.multi->vectors);
  made.multi->n_vectors = n;
  for (size_t i = 0; i < n; i++)
    made.multi->vectors[i] = dense(arena, column->values + (start + i) * column->dim, column->dim);
  return made;
}

static Qdrant__Vector *vector(const qdrant_vector_column *column, size_t row, qd_arena *arena) {
  Qdrant__Vector *made = MODEL_NEW(arena, vector);
  model_vector content = model_row(column, row, arena);
  if (content.dense != NULL) {
    made->vector_case = QDRANT__VECTOR__VECTOR_DENSE;
    made->dense = content.dense;
  } else if (content.sparse != NULL) {
    made->vector_case = QDRANT__VECTOR__VECTOR_SPARSE;
    made->sparse = content.sparse;
  } else {
    made->vector_case = QDRANT__VECTOR__VECTOR_MULTI_DENSE;
    made->multi_dense = content.multi;
  }
  return made;
}

static int is_present(const uint8_t *validity, size_t row) {
  return validity == NULL || has_bit(validity, row);
}

static Qdrant__NamedVectors *named_vectors(const qdrant_point_batch *batch, size_t row, qd_arena *arena) {
  Qdrant__NamedVectors *named = MODEL_NEW(arena, named_vectors);
  named->vectors = qd_arena_alloc(arena, batch->n_vectors * sizeof *named->vectors);
  for (size_t i = 0; i < batch->n_vectors; i++) {
    if (is_present(batch->vectors[i].validity, row)) {
      const char *name = batch->vectors[i].name;
      Qdrant__NamedVectors__VectorsEntry *entry = MODEL_NEW(arena, named_vectors__vectors_entry);
      entry->key = qd_arena_strndup(arena, name != NULL ? name : "", name != NULL ? strlen(name) : 0);
      entry->value = vector(&batch->vectors[i], row, arena);
      named->vectors[named->n_vectors++] = entry;
    }
  }
  return named;
}

static Qdrant__Vectors *vectors(const qdrant_point_batch *batch, size_t row, qd_arena *arena) {
  Qdrant__Vectors *made = MODEL_NEW(arena, vectors);
  const qdrant_vector_column *first = batch->n_vectors > 0 ? &batch->vectors[0] : NULL;
  int is_unnamed = batch->n_vectors == 1 && (first->name == NULL || first->name[0] == '\0');
  if (is_unnamed && is_present(first->validity, row)) {
    made->vectors_options_case = QDRANT__VECTORS__VECTORS_OPTIONS_VECTOR;
    made->vector = vector(first, row, arena);
  } else {
    made->vectors_options_case = QDRANT__VECTORS__VECTORS_OPTIONS_VECTORS;
    made->vectors = named_vectors(batch, row, arena);
  }
  return made;
}

static Qdrant__Value *text_value(qd_arena *arena, const char *text, size_t n_bytes) {
  Qdrant__Value *value = MODEL_NEW(arena, value);
  value->kind_case = QDRANT__VALUE__KIND_STRING_VALUE;
  value->string_value.data = (uint8_t *)qd_arena_strndup(arena, text, n_bytes);
  value->string_value.len = n_bytes;
  return value;
}

/* By the C library's own calendar. */
static Qdrant__Value *datetime_value(qd_arena *arena, int64_t microseconds) {
  int64_t fraction = microseconds % 1000000;
  fraction = fraction < 0 ? fraction + 1000000 : fraction;
  time_t seconds = (time_t)((microseconds - fraction) / 1000000);
  struct tm parts;
  assert_non_null(gmtime_r(&seconds, &parts));
  char text[80];
  size_t n = (size_t)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900,
      parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  n += (size_t)(fraction == 0 ? snprintf(text + n, sizeof text - n, "Z")
                              : snprintf(text + n, sizeof text - n, ".%06dZ", (int)fraction));
  return text_value(arena, text, n);
}

static const char *row_text(const qdrant_payload_column *column, size_t row, size_t *n_bytes) {
  const int64_t *wide = column->offsets;
  const int32_t *narrow = column->offsets;
  int64_t start = column->offset_bits == 64 ? wide[row] : narrow[row];
  int64_t end = column->offset_bits == 64 ? wide[row + 1] : narrow[row + 1];
  *n_bytes = (size_t)(end - start);
  return (const char *)column->values + start;
}

static Qdrant__Value *json_value(const qdrant_payload_column *column, size_t row, qd_arena *arena) {
  size_t n_bytes;
  const char *text = row_text(column, row, &n_bytes);
  qdrant_error err = {0};
  Qdrant__Value *value = MODEL_NEW(arena, value);
  if (qd_json_text_to_value(text, n_bytes, arena, value, &err) != QDRANT_OK)
    fail_msg("%.*s: %s", (int)n_bytes, text, err.message);
  return value;
}

static Qdrant__Value *payload_value(const qdrant_payload_column *column, size_t row, qd_arena *arena) {
  Qdrant__Value *value = MODEL_NEW(arena, value);
  size_t n_bytes;
  switch (column->kind) {
  case QDRANT_PAYLOAD_KEYWORD: {
    const char *text = row_text(column, row, &n_bytes);
    return text_value(arena, text, n_bytes);
  }
  case QDRANT_PAYLOAD_INTEGER:
    value->kind_case = QDRANT__VALUE__KIND_INTEGER_VALUE;
    value->integer_value = ((const int64_t *)column->values)[row];
    return value;
  case QDRANT_PAYLOAD_FLOAT:
    value->kind_case = QDRANT__VALUE__KIND_DOUBLE_VALUE;
    value->double_value = ((const double *)column->values)[row];
    return value;
  case QDRANT_PAYLOAD_BOOL:
    value->kind_case = QDRANT__VALUE__KIND_BOOL_VALUE;
    value->bool_value = has_bit(column->values, row);
    return value;
  case QDRANT_PAYLOAD_DATETIME: return datetime_value(arena, ((const int64_t *)column->values)[row]);
  case QDRANT_PAYLOAD_JSON: break;
  }
  return json_value(column, row, arena);
}

static void add_payload(
    Qdrant__PointStruct *point, const char *key, size_t key_bytes, Qdrant__Value *value, qd_arena *arena) {
  Qdrant__PointStruct__PayloadEntry *entry = MODEL_NEW(arena, point_struct__payload_entry);
  entry->has_key = 1;
  entry->key.data = (uint8_t *)qd_arena_strndup(arena, key, key_bytes);
  entry->key.len = key_bytes;
  entry->value = value;
  point->payload[point->n_payload++] = entry;
}

static void add_column(Qdrant__PointStruct *point, const qdrant_payload_column *column, size_t row, qd_arena *arena) {
  if (!is_present(column->validity, row))
    return;
  Qdrant__Value *value = payload_value(column, row, arena);
  if (column->key != NULL) {
    add_payload(point, column->key, strlen(column->key), value, arena);
    return;
  }
  for (size_t i = 0; i < value->struct_value->n_fields; i++) {
    Qdrant__Struct__FieldsEntry *field = value->struct_value->fields[i];
    add_payload(point, (const char *)field->key.data, field->key.len, field->value, arena);
  }
}

#define MAX_PAYLOAD 64

static Qdrant__PointStruct *point(const qdrant_point_batch *batch, size_t row, qd_arena *arena) {
  Qdrant__PointStruct *made = MODEL_NEW(arena, point_struct);
  qdrant_point_id id = {0};
  id.is_uuid = batch->is_uuid != NULL ? has_bit(batch->is_uuid, row) != 0 : batch->ids == NULL;
  id.num = id.is_uuid ? 0 : batch->ids[row];
  if (id.is_uuid)
    id.uuid = batch->uuids[row];
  made->id = model_id(arena, &id);
  made->payload = qd_arena_alloc(arena, MAX_PAYLOAD * sizeof *made->payload);
  for (size_t i = 0; i < batch->n_payload; i++)
    add_column(made, &batch->payload[i], row, arena);
  made->vectors = vectors(batch, row, arena);
  return made;
}

Qdrant__UpsertPoints *model_upsert(const qd_points_request *request, size_t first, size_t n, qd_arena *arena) {
  const qdrant_upsert_options *options = request->options;
  Qdrant__UpsertPoints *upsert = MODEL_NEW(arena, upsert_points);
  upsert->collection_name = (char *)request->collection;
  upsert->has_wait = 1;
  upsert->wait = options->wait == QDRANT_ON;
  upsert->points = qd_arena_alloc(arena, n * sizeof *upsert->points);
  upsert->n_points = n;
  for (size_t i = 0; i < n; i++)
    upsert->points[i] = point(request->batch, request->batch->first + first + i, arena);
  if (options->ordering != QDRANT_ORDERING_DEFAULT) {
    upsert->ordering = MODEL_NEW(arena, write_ordering);
    upsert->ordering->has_type = 1;
    upsert->ordering->type = options->ordering == QDRANT_ORDERING_WEAK     ? QDRANT__WRITE_ORDERING_TYPE__Weak
                             : options->ordering == QDRANT_ORDERING_MEDIUM ? QDRANT__WRITE_ORDERING_TYPE__Medium
                                                                           : QDRANT__WRITE_ORDERING_TYPE__Strong;
  }
  upsert->shard_key_selector = (Qdrant__ShardKeySelector *)options->shard_key_selector;
  upsert->update_filter = (Qdrant__Filter *)options->update_filter;
  if (options->update_mode != QDRANT_UPDATE_MODE_DEFAULT) {
    upsert->has_update_mode = 1;
    upsert->update_mode = options->update_mode == QDRANT_UPDATE_MODE_UPSERT        ? QDRANT__UPDATE_MODE__Upsert
                          : options->update_mode == QDRANT_UPDATE_MODE_INSERT_ONLY ? QDRANT__UPDATE_MODE__InsertOnly
                                                                                   : QDRANT__UPDATE_MODE__UpdateOnly;
  }
  return upsert;
}
