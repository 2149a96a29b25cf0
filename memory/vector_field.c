#include "memory/vector_field.h"

#include "core/alloc.h"
#include "core/error.h"
#include "memory/datatype.h"
#include "memory/distance.h"

#include <string.h>

struct qd_vector_block {
  uint32_t n;     /* rows or weights */
  float values[]; /* n * dim; SPARSE: n weights, then n indices */
};

static const char *refused_datatype(const Qdrant__VectorParams *params) {
  switch (params->datatype) {
  case QDRANT__DATATYPE__Default:
  case QDRANT__DATATYPE__Float32:
  case QDRANT__DATATYPE__Float16: return NULL;
  case QDRANT__DATATYPE__Uint8: return params->distance == QDRANT__DISTANCE__Cosine ? "uint8 with Cosine" : NULL;
  default: return "turbo";
  }
}

qdrant_status qd_vector_field_init_dense(
    qd_vector_field *field, const char *name, const Qdrant__VectorParams *params, qdrant_error *err) {
  int distance = params->has_distance ? (int)params->distance : 0;
  if (distance == QDRANT__DISTANCE__UnknownDistance)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Malformed distance parameter: UnknownDistance");
  if (distance < 0 || distance > QDRANT__DISTANCE__Manhattan)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Malformed distance parameter, unexpected value: %d", distance);
  const char *refused = refused_datatype(params);
  if (refused != NULL)
    return qd_fail(err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have the datatype %s", refused);
  *field = (qd_vector_field){.kind = params->multivector_config != NULL ? QDRANT_MULTI : QDRANT_DENSE,
      .dim = (size_t)params->size,
      .distance = params->distance,
      .datatype = params->datatype};
  field->name = qd_strdup(name);
  return field->name != NULL ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a vector's name");
}

/* A datatype is that of the server's index, which the engine does not have; the vectors themselves are kept as they
 * are. */
qdrant_status qd_vector_field_init_sparse(
    qd_vector_field *field, const char *name, const Qdrant__SparseVectorParams *params, qdrant_error *err) {
  *field = (qd_vector_field){.kind = QDRANT_SPARSE,
      .distance = QDRANT__DISTANCE__Dot,
      .modifier = params != NULL ? params->modifier : QDRANT__MODIFIER__None};
  field->name = qd_strdup(name);
  return field->name != NULL ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a vector's name");
}

void qd_vector_field_free(qd_vector_field *field, size_t n_slots) {
  for (size_t slot = 0; field->blocks != NULL && slot < n_slots; slot++)
    qd_free(field->blocks[slot]);
  qd_free(field->blocks);
  qd_free(field->rows);
  qd_free(field->is_present);
  qd_free(field->name);
}

static int reserve_rows(qd_vector_field *field, size_t n_used, size_t n_slots) {
  uint8_t *is_present = qd_realloc(field->is_present, n_slots);
  if (is_present == NULL)
    return 0;
  field->is_present = is_present;
  memset(is_present + n_used, 0, n_slots - n_used);
  if (n_slots > SIZE_MAX / sizeof(float) / field->dim)
    return 0;
  float *rows = qd_realloc(field->rows, n_slots * field->dim * sizeof *rows);
  if (rows == NULL)
    return 0;
  field->rows = rows;
  return 1;
}

int qd_vector_field_reserve(qd_vector_field *field, size_t n_used, size_t n_slots) {
  if (field->kind == QDRANT_DENSE)
    return reserve_rows(field, n_used, n_slots);
  qd_vector_block **blocks = qd_realloc(field->blocks, n_slots * sizeof(qd_vector_block *));
  if (blocks == NULL)
    return 0;
  field->blocks = blocks;
  memset(blocks + n_used, 0, (n_slots - n_used) * sizeof *blocks);
  return 1;
}

static qdrant_status check_kind(const qd_vector_field *field, const qd_vector *vector, qdrant_error *err) {
  if (vector->kind == field->kind || (vector->kind == QDRANT_DENSE && field->kind == QDRANT_MULTI))
    return QDRANT_OK;
  if (vector->kind == QDRANT_SPARSE || field->kind == QDRANT_SPARSE)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: Conversion between sparse and regular vectors failed");
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: Conversion between multi and regular vectors failed");
}

static qdrant_status check_dimension(
    const qd_vector_field *field, const qd_vector *vector, const char *named, qdrant_error *err) {
  int has_name = named != NULL && *named != '\0';
  if (field->kind == QDRANT_SPARSE || vector->kind == QDRANT_SPARSE || vector->dim == field->dim)
    return QDRANT_OK;
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: Vector dimension error: expected dim: %zu, got %zu%s%s%s",
      field->dim, vector->dim, has_name ? " for vector '" : "", has_name ? named : "", has_name ? "'" : "");
}

qdrant_status qd_vector_field_check_dimension(
    const qd_vector_field *field, const qd_vector *vector, qdrant_error *err) {
  return check_dimension(field, vector, field->name, err);
}

qdrant_status qd_vector_field_check(const qd_vector_field *field, const qd_vector *vector, qdrant_error *err) {
  qdrant_status status = check_kind(field, vector, err);
  return status == QDRANT_OK ? check_dimension(field, vector, NULL, err) : status;
}

void qd_vector_field_convert(const qd_vector_field *field, const float *values, size_t n_rows, float *out) {
  for (size_t row = 0; row < n_rows; row++) {
    float *to = out + row * field->dim;
    if (to != values + row * field->dim)
      memcpy(to, values + row * field->dim, field->dim * sizeof *to);
    if (field->distance == QDRANT__DISTANCE__Cosine)
      qd_normalise(to, field->dim);
    qd_datatype_round(field->datatype, to, field->dim);
  }
}

/* Floats of a block before its indices. */
static size_t n_block_values(const qd_vector_field *field, size_t n) {
  return field->kind == QDRANT_SPARSE ? n : n * field->dim;
}

qd_vector_block *qd_vector_block_new(const qd_vector_field *field, const qd_vector *vector) {
  size_t n_values = n_block_values(field, vector->n);
  size_t n_indices = field->kind == QDRANT_SPARSE ? vector->n : 0;
  qd_vector_block *block = qd_alloc(sizeof *block + n_values * sizeof(float) + n_indices * sizeof(uint32_t));
  if (block == NULL)
    return NULL;
  block->n = (uint32_t)vector->n;
  if (field->kind == QDRANT_MULTI) {
    qd_vector_field_convert(field, vector->values, vector->n, block->values);
  } else if (vector->n > 0) {
    memcpy(block->values, vector->values, n_values * sizeof(float));
    memcpy(block->values + n_values, vector->indices, n_indices * sizeof(uint32_t));
  }
  return block;
}

void qd_vector_field_put_dense(qd_vector_field *field, size_t slot, const float *values) {
  qd_vector_field_convert(field, values, 1, field->rows + slot * field->dim);
  field->is_present[slot] = 1;
}

void qd_vector_field_put_block(qd_vector_field *field, size_t slot, qd_vector_block *block) {
  qd_free(field->blocks[slot]);
  field->blocks[slot] = block;
}

void qd_vector_field_clear(qd_vector_field *field, size_t slot) {
  if (field->kind == QDRANT_DENSE)
    field->is_present[slot] = 0;
  else
    qd_vector_field_put_block(field, slot, NULL);
}

int qd_vector_field_has(const qd_vector_field *field, size_t slot) {
  return field->kind == QDRANT_DENSE ? field->is_present[slot] : field->blocks[slot] != NULL;
}

qd_vector qd_vector_field_get(const qd_vector_field *field, size_t slot) {
  qd_vector vector = {.kind = field->kind, .n = 1, .dim = field->dim};
  if (field->kind == QDRANT_DENSE) {
    vector.values = field->rows + slot * field->dim;
    return vector;
  }
  const qd_vector_block *block = field->blocks[slot];
  vector.n = block->n;
  vector.values = block->values;
  if (field->kind == QDRANT_SPARSE)
    vector.indices = (const uint32_t *)(const void *)(block->values + block->n);
  return vector;
}
