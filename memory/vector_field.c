#include "memory/vector_field.h"

#include "core/alloc.h"
#include "core/error.h"
#include "memory/datatype.h"
#include "memory/distance.h"

#include <string.h>

struct qd_vector_block {
  uint32_t n_slots; /* that have it */
  uint32_t n;       /* rows or weights */
  float values[];   /* n * dim; SPARSE: n weights, then n indices */
};

static int has_datatype(const Qdrant__VectorParams *params) {
  switch (params->datatype) {
  case QDRANT__DATATYPE__Default:
  case QDRANT__DATATYPE__Float32:
  case QDRANT__DATATYPE__Float16:
  case QDRANT__DATATYPE__Uint8: return 1;
  default: return 0;
  }
}

/* Completes settings to a field. */
static qdrant_status make_field(
    const char *name, const qd_vector_field *settings, qd_vector_field **field, qdrant_error *err) {
  qd_vector_field *made = qd_alloc(sizeof *made);
  char *owned_name = qd_strdup(name);
  if (made == NULL || owned_name == NULL) {
    qd_free(made);
    qd_free(owned_name);
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a named vector");
  }
  *made = *settings;
  atomic_init(&made->n_refs, 1);
  made->name = owned_name;
  made->rows.item_bytes = made->dim * sizeof(float);
  made->present.item_bytes = sizeof(_Atomic uint64_t);
  made->blocks.item_bytes = sizeof(qd_vector_block *);
  *field = made;
  return QDRANT_OK;
}

qdrant_status qd_vector_field_new_dense(
    const char *name, const Qdrant__VectorParams *params, qd_vector_field **field, qdrant_error *err) {
  int distance = params->has_distance ? (int)params->distance : 0;
  if (distance == QDRANT__DISTANCE__UnknownDistance)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Malformed distance parameter: UnknownDistance");
  if (distance < 0 || distance > QDRANT__DISTANCE__Manhattan)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Malformed distance parameter, unexpected value: %d", distance);
  if (!has_datatype(params))
    return qd_fail(err, QDRANT_UNIMPLEMENTED, "The embedded engine does not have the datatype turbo");
  qd_vector_field settings = {.kind = params->multivector_config != NULL ? QDRANT_MULTI : QDRANT_DENSE,
      .dim = (size_t)params->size,
      .distance = params->distance,
      .datatype = params->datatype};
  return make_field(name, &settings, field, err);
}

/* A datatype is that of the server's index, which the engine does not have; the vectors themselves are kept as they
 * are. */
qdrant_status qd_vector_field_new_sparse(
    const char *name, const Qdrant__SparseVectorParams *params, qd_vector_field **field, qdrant_error *err) {
  qd_vector_field settings = {.kind = QDRANT_SPARSE,
      .distance = QDRANT__DISTANCE__Dot,
      .modifier = params != NULL ? params->modifier : QDRANT__MODIFIER__None};
  return make_field(name, &settings, field, err);
}

qd_vector_field *qd_vector_field_ref(qd_vector_field *field) {
  atomic_fetch_add_explicit(&field->n_refs, 1, memory_order_relaxed);
  return field;
}

void qd_vector_block_unref(qd_vector_block *block) {
  if (block != NULL && --block->n_slots == 0)
    qd_free(block);
}

static qd_vector_block **block_at(const qd_vector_field *field, size_t slot) {
  return qd_column_at(&field->blocks, slot);
}

static _Atomic uint64_t *present_at(const qd_vector_field *field, size_t run) {
  return qd_column_at(&field->present, run);
}

/* The writer is alone in changing the word, but readers look at other bits of it meanwhile. */
static void mark_present(qd_vector_field *field, size_t slot, int is_present) {
  _Atomic uint64_t *word = present_at(field, slot / QD_RUN_SLOTS);
  uint64_t bit = UINT64_C(1) << slot % QD_RUN_SLOTS;
  uint64_t others = atomic_load_explicit(word, memory_order_relaxed) & ~bit;
  atomic_store_explicit(word, is_present ? others | bit : others, memory_order_relaxed);
}

static float *row_at(const qd_vector_field *field, size_t slot) {
  return qd_column_at(&field->rows, slot);
}

void qd_vector_field_unref(qd_vector_field *field) {
  if (field == NULL || atomic_fetch_sub_explicit(&field->n_refs, 1, memory_order_acq_rel) > 1)
    return;
  for (size_t slot = 0; slot < qd_chunk_first(field->blocks.n_chunks); slot++)
    qd_vector_block_unref(*block_at(field, slot));
  qd_column_free(&field->blocks);
  qd_column_free(&field->rows);
  qd_column_free(&field->present);
  qd_free(field->name);
  qd_free(field);
}

int qd_vector_field_reserve(qd_vector_field *field, size_t n_slots) {
  return qd_column_reserve(&field->present, n_slots / QD_RUN_SLOTS) &&
         qd_column_reserve(field->kind == QDRANT_DENSE ? &field->rows : &field->blocks, n_slots);
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

/* A vector of bytes would not survive it: its cosine is made when it is compared. */
int qd_vector_field_is_normalised(const qd_vector_field *field) {
  return field->distance == QDRANT__DISTANCE__Cosine && field->datatype != QDRANT__DATATYPE__Uint8;
}

void qd_vector_field_convert(const qd_vector_field *field, const float *values, size_t n_rows, float *out) {
  for (size_t row = 0; row < n_rows; row++) {
    float *to = out + row * field->dim;
    if (to != values + row * field->dim)
      memcpy(to, values + row * field->dim, field->dim * sizeof *to);
    if (qd_vector_field_is_normalised(field))
      qd_normalise(to, field->dim);
    qd_datatype_round(field->datatype, to, field->dim);
  }
}

/* Floats of a block before its indices. */
static size_t n_block_values(const qd_vector_field *field, size_t n) {
  return field->kind == QDRANT_SPARSE ? n : n * field->dim;
}

static qd_vector_block *make_block(const qd_vector_field *field, const qd_vector *vector, int is_stored) {
  size_t n_values = n_block_values(field, vector->n);
  size_t n_indices = field->kind == QDRANT_SPARSE ? vector->n : 0;
  qd_vector_block *block = qd_alloc(sizeof *block + n_values * sizeof(float) + n_indices * sizeof(uint32_t));
  if (block == NULL)
    return NULL;
  block->n_slots = 1;
  block->n = (uint32_t)vector->n;
  if (field->kind == QDRANT_MULTI && !is_stored)
    qd_vector_field_convert(field, vector->values, vector->n, block->values);
  else if (n_values > 0)
    memcpy(block->values, vector->values, n_values * sizeof(float));
  if (n_indices > 0)
    memcpy(block->values + n_values, vector->indices, n_indices * sizeof(uint32_t));
  return block;
}

qd_vector_block *qd_vector_block_new(const qd_vector_field *field, const qd_vector *vector) {
  return make_block(field, vector, 0);
}

void qd_vector_field_put_dense(qd_vector_field *field, size_t slot, const float *values) {
  qd_vector_field_convert(field, values, 1, row_at(field, slot));
  mark_present(field, slot, 1);
}

void qd_vector_field_put_block(qd_vector_field *field, size_t slot, qd_vector_block *block) {
  qd_vector_block_unref(*block_at(field, slot));
  *block_at(field, slot) = block;
  mark_present(field, slot, block != NULL);
}

int qd_vector_field_restore(qd_vector_field *field, size_t slot, const qd_vector *vector) {
  if (field->kind == QDRANT_DENSE) {
    memcpy(row_at(field, slot), vector->values, field->dim * sizeof(float));
    mark_present(field, slot, 1);
    return 1;
  }
  qd_vector_block *block = make_block(field, vector, 1);
  if (block != NULL)
    qd_vector_field_put_block(field, slot, block);
  return block != NULL;
}

void qd_vector_field_clear(qd_vector_field *field, size_t slot) {
  if (field->kind == QDRANT_DENSE)
    mark_present(field, slot, 0);
  else
    qd_vector_field_put_block(field, slot, NULL);
}

void qd_vector_field_copy(qd_vector_field *field, size_t from, size_t to) {
  if (!qd_vector_field_has(field, from))
    return;
  if (field->kind == QDRANT_DENSE) {
    memcpy(row_at(field, to), row_at(field, from), field->rows.item_bytes);
    mark_present(field, to, 1);
  } else {
    qd_vector_block *block = *block_at(field, from);
    block->n_slots++;
    qd_vector_field_put_block(field, to, block);
  }
}

uint64_t qd_vector_field_run(const qd_vector_field *field, size_t run) {
  return atomic_load_explicit(present_at(field, run), memory_order_relaxed);
}

int qd_vector_field_has(const qd_vector_field *field, size_t slot) {
  return (int)(qd_vector_field_run(field, slot / QD_RUN_SLOTS) >> slot % QD_RUN_SLOTS & 1);
}

qd_vector qd_vector_field_get(const qd_vector_field *field, size_t slot) {
  qd_vector vector = {.kind = field->kind, .n = 1, .dim = field->dim};
  if (field->kind == QDRANT_DENSE) {
    vector.values = row_at(field, slot);
    return vector;
  }
  const qd_vector_block *block = *block_at(field, slot);
  vector.n = block->n;
  vector.values = block->values;
  if (field->kind == QDRANT_SPARSE)
    vector.indices = (const uint32_t *)(const void *)(block->values + block->n);
  return vector;
}
