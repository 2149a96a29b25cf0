#include "memory/vector_field.h"

#include "core/alloc.h"
#include "core/error.h"

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
  qd_postings *postings = settings->kind == QDRANT_SPARSE ? qd_postings_new() : NULL;
  if (made == NULL || owned_name == NULL || (postings == NULL && settings->kind == QDRANT_SPARSE)) {
    qd_free(made);
    qd_free(owned_name);
    qd_postings_free(postings);
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a named vector");
  }
  *made = *settings;
  atomic_init(&made->n_refs, 1);
  made->name = owned_name;
  made->postings = postings;
  made->first_unposted = SIZE_MAX;
  made->rows.item_bytes = made->dim * sizeof(float);
  made->present.item_bytes = sizeof(_Atomic uint64_t);
  made->unposted.item_bytes = sizeof(_Atomic uint64_t);
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

/* The word of a run in a column of bits. The writer is alone in changing it, but readers look at other bits of it
 * meanwhile. */
static _Atomic uint64_t *word_at(const qd_column *bits, size_t run) {
  return qd_column_at(bits, run);
}

static int get_bit(const qd_column *bits, size_t slot) {
  uint64_t word = atomic_load_explicit(word_at(bits, slot / QD_RUN_SLOTS), memory_order_relaxed);
  return (int)(word >> slot % QD_RUN_SLOTS & 1);
}

static void set_bit(const qd_column *bits, size_t slot, int is_set) {
  _Atomic uint64_t *word = word_at(bits, slot / QD_RUN_SLOTS);
  uint64_t bit = UINT64_C(1) << slot % QD_RUN_SLOTS;
  uint64_t others = atomic_load_explicit(word, memory_order_relaxed) & ~bit;
  atomic_store_explicit(word, is_set ? others | bit : others, memory_order_release);
}

static float *row_at(const qd_vector_field *field, size_t slot) {
  return qd_column_at(&field->rows, slot);
}

void qd_vector_field_unref(qd_vector_field *field) {
  if (field == NULL || atomic_fetch_sub_explicit(&field->n_refs, 1, memory_order_acq_rel) > 1)
    return;
  for (size_t slot = 0; slot < qd_chunk_first(field->blocks.n_chunks); slot++)
    qd_vector_block_unref(*block_at(field, slot));
  qd_postings_free(field->postings);
  qd_column_free(&field->blocks);
  qd_column_free(&field->rows);
  qd_column_free(&field->present);
  qd_column_free(&field->unposted);
  qd_free(field->name);
  qd_free(field);
}

int qd_vector_field_reserve(qd_vector_field *field, size_t n_slots) {
  if (field->kind == QDRANT_SPARSE && !qd_column_reserve(&field->unposted, n_slots / QD_RUN_SLOTS))
    return 0;
  return qd_column_reserve(&field->present, n_slots / QD_RUN_SLOTS) &&
         qd_column_reserve(field->kind == QDRANT_DENSE ? &field->rows : &field->blocks, n_slots);
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
  set_bit(&field->present, slot, 1);
}

static const uint32_t *indices_of(const qd_vector_block *block) {
  return (const uint32_t *)(const void *)(block->values + block->n);
}

static int find_indices(const void *user, size_t slot, const uint32_t **indices, size_t *n) {
  const qd_vector_block *block = *block_at(user, slot);
  if (block == NULL)
    return 0;
  *indices = indices_of(block);
  *n = block->n;
  return 1;
}

static void note_unposted(qd_vector_field *field, size_t slot, const qd_vector_block *before) {
  int was_unposted = get_bit(&field->unposted, slot);
  int is_unposted = *block_at(field, slot) != NULL;
  if (before != NULL && !was_unposted)
    qd_postings_forget(field->postings, before->n);
  set_bit(&field->unposted, slot, is_unposted);
  if (is_unposted && slot / QD_RUN_SLOTS < field->first_unposted)
    field->first_unposted = slot / QD_RUN_SLOTS;
  field->n_unposted += (size_t)is_unposted;
  field->n_unposted -= (size_t)was_unposted;
}

/* The slots of a run. A slot is posted before its bit goes: who does not see the bit finds the slot. */
static int post_run(qd_vector_field *field, size_t run) {
  uint64_t unposted = atomic_load_explicit(word_at(&field->unposted, run), memory_order_relaxed);
  for (; unposted != 0; unposted &= unposted - 1) {
    size_t slot = run * QD_RUN_SLOTS + (size_t)__builtin_ctzll(unposted);
    const qd_vector_block *block = *block_at(field, slot);
    if (!qd_postings_add(field->postings, (uint32_t)slot, indices_of(block), block->n))
      return 0;
    set_bit(&field->unposted, slot, 0);
    field->n_unposted--;
  }
  return 1;
}

int qd_vector_field_post(qd_vector_field *field) {
  if (field->n_unposted == 0)
    return 1;
  for (; field->n_unposted > 0; field->first_unposted++)
    if (!post_run(field, field->first_unposted))
      return 0;
  field->first_unposted = SIZE_MAX;
  return qd_postings_tidy(field->postings, qd_chunk_first(field->blocks.n_chunks), find_indices, field);
}

void qd_vector_field_mark(
    const qd_vector_field *field, const uint32_t *indices, size_t n, size_t n_slots, uint64_t *is_marked) {
  for (size_t run = 0; run * QD_RUN_SLOTS < n_slots; run++)
    is_marked[run] = atomic_load_explicit(word_at(&field->unposted, run), memory_order_acquire);
  qd_postings_mark(field->postings, indices, n, n_slots, is_marked);
}

void qd_vector_field_put_block(qd_vector_field *field, size_t slot, qd_vector_block *block) {
  qd_vector_block *before = *block_at(field, slot);
  *block_at(field, slot) = block;
  set_bit(&field->present, slot, block != NULL);
  if (field->kind == QDRANT_SPARSE)
    note_unposted(field, slot, before);
  qd_vector_block_unref(before);
}

int qd_vector_field_restore(qd_vector_field *field, size_t slot, const qd_vector *vector) {
  if (field->kind == QDRANT_DENSE) {
    memcpy(row_at(field, slot), vector->values, field->dim * sizeof(float));
    set_bit(&field->present, slot, 1);
    return 1;
  }
  qd_vector_block *block = make_block(field, vector, 1);
  if (block != NULL)
    qd_vector_field_put_block(field, slot, block);
  return block != NULL;
}

void qd_vector_field_clear(qd_vector_field *field, size_t slot) {
  if (field->kind == QDRANT_DENSE)
    set_bit(&field->present, slot, 0);
  else
    qd_vector_field_put_block(field, slot, NULL);
}

void qd_vector_field_copy(qd_vector_field *field, size_t from, size_t to) {
  if (!qd_vector_field_has(field, from))
    return;
  if (field->kind == QDRANT_DENSE) {
    memcpy(row_at(field, to), row_at(field, from), field->rows.item_bytes);
    set_bit(&field->present, to, 1);
  } else {
    qd_vector_block *block = *block_at(field, from);
    block->n_slots++;
    qd_vector_field_put_block(field, to, block);
  }
}

uint64_t qd_vector_field_run(const qd_vector_field *field, size_t run) {
  return atomic_load_explicit(word_at(&field->present, run), memory_order_relaxed);
}

int qd_vector_field_has(const qd_vector_field *field, size_t slot) {
  return get_bit(&field->present, slot);
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
    vector.indices = indices_of(block);
  return vector;
}
