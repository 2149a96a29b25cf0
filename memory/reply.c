#include "memory/reply.h"

#include "core/error.h"

#include <string.h>

qdrant_status qd_reply_parts_read(qd_job *job, const Qdrant__WithPayloadSelector *with_payload,
    qd_payload_mode by_default, const Qdrant__WithVectorsSelector *with_vectors, qd_reply_parts *parts) {
  *parts = (qd_reply_parts){0};
  if (with_vectors != NULL &&
      with_vectors->selector_options_case == QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_ENABLE) {
    parts->vectors.has_all = with_vectors->enable;
  } else if (with_vectors != NULL &&
             with_vectors->selector_options_case == QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_INCLUDE) {
    parts->vectors.has_names = 1;
    parts->vectors.n_names = with_vectors->include->n_names;
    parts->vectors.names = with_vectors->include->names;
  }
  return qd_payload_selector_read(with_payload, by_default, job->arena, &parts->payload, job->err);
}

qdrant_status qd_reply_parts_check(qd_job *job, const qd_view *view, const qd_reply_parts *parts) {
  for (size_t i = 0; i < parts->vectors.n_names; i++)
    if (qd_view_get_field(view, parts->vectors.names[i], job->err) == NULL)
      return QDRANT_INVALID_ARGUMENT;
  return QDRANT_OK;
}

static int is_vector_selected(const qd_vector_selector *selector, const char *name) {
  if (selector->has_all)
    return 1;
  for (size_t i = 0; i < selector->n_names; i++)
    if (strcmp(selector->names[i], name) == 0)
      return 1;
  return 0;
}

static float *copy_floats(qd_job *job, const float *values, size_t n) {
  float *copy = qd_arena_alloc(job->arena, (n > 0 ? n : 1) * sizeof *copy);
  if (copy != NULL && n > 0)
    memcpy(copy, values, n * sizeof *copy);
  return copy;
}

static Qdrant__DenseVector *copy_dense(qd_job *job, const float *values, size_t n) {
  Qdrant__DenseVector *dense = qd_job_message(job, &qdrant__dense_vector__descriptor);
  if (dense == NULL)
    return NULL;
  dense->n_data = n;
  dense->data = copy_floats(job, values, n);
  return dense->data != NULL ? dense : NULL;
}

static Qdrant__SparseVector *copy_sparse(qd_job *job, const qd_vector *vector) {
  Qdrant__SparseVector *sparse = qd_job_message(job, &qdrant__sparse_vector__descriptor);
  if (sparse == NULL)
    return NULL;
  sparse->n_values = sparse->n_indices = vector->n;
  sparse->values = copy_floats(job, vector->values, vector->n);
  sparse->indices = qd_arena_alloc(job->arena, (vector->n > 0 ? vector->n : 1) * sizeof *sparse->indices);
  if (sparse->values == NULL || sparse->indices == NULL)
    return NULL;
  if (vector->n > 0)
    memcpy(sparse->indices, vector->indices, vector->n * sizeof *sparse->indices);
  return sparse;
}

static Qdrant__MultiDenseVector *copy_multi(qd_job *job, const qd_vector *vector) {
  Qdrant__MultiDenseVector *multi = qd_job_message(job, &qdrant__multi_dense_vector__descriptor);
  if (multi == NULL)
    return NULL;
  multi->vectors = qd_arena_alloc(job->arena, (vector->n + 1) * sizeof *multi->vectors);
  if (multi->vectors == NULL)
    return NULL;
  for (; multi->n_vectors < vector->n; multi->n_vectors++) {
    Qdrant__DenseVector *row = copy_dense(job, vector->values + multi->n_vectors * vector->dim, vector->dim);
    if (row == NULL)
      return NULL;
    multi->vectors[multi->n_vectors] = row;
  }
  return multi;
}

static Qdrant__VectorOutput *copy_vector(qd_job *job, const qd_vector_field *field, uint32_t slot) {
  Qdrant__VectorOutput *output = qd_job_message(job, &qdrant__vector_output__descriptor);
  if (output == NULL)
    return NULL;
  qd_vector vector = qd_vector_field_get(field, slot);
  switch (vector.kind) {
  case QDRANT_SPARSE:
    output->vector_case = QDRANT__VECTOR_OUTPUT__VECTOR_SPARSE;
    output->sparse = copy_sparse(job, &vector);
    break;
  case QDRANT_MULTI:
    output->vector_case = QDRANT__VECTOR_OUTPUT__VECTOR_MULTI_DENSE;
    output->multi_dense = copy_multi(job, &vector);
    break;
  default:
    output->vector_case = QDRANT__VECTOR_OUTPUT__VECTOR_DENSE;
    output->dense = copy_dense(job, vector.values, vector.dim);
    break;
  }
  return output->dense != NULL ? output : NULL;
}

static Qdrant__NamedVectorsOutput__VectorsEntry *copy_entry(qd_job *job, const qd_vector_field *field, uint32_t slot) {
  Qdrant__NamedVectorsOutput__VectorsEntry *entry =
      qd_job_message(job, &qdrant__named_vectors_output__vectors_entry__descriptor);
  if (entry == NULL)
    return NULL;
  entry->key = qd_arena_strndup(job->arena, field->name, strlen(field->name));
  entry->value = copy_vector(job, field, slot);
  return entry->key != NULL && entry->value != NULL ? entry : NULL;
}

static Qdrant__NamedVectorsOutput *copy_named(
    qd_job *job, const qd_view *view, uint32_t slot, const qd_vector_selector *selector) {
  Qdrant__NamedVectorsOutput *named = qd_job_message(job, &qdrant__named_vectors_output__descriptor);
  if (named == NULL)
    return NULL;
  named->vectors = qd_arena_alloc(job->arena, (qd_view_n_fields(view) + 1) * sizeof *named->vectors);
  if (named->vectors == NULL)
    return NULL;
  for (size_t i = 0; i < qd_view_n_fields(view); i++) {
    const qd_vector_field *field = qd_view_field_at(view, i);
    if (!is_vector_selected(selector, field->name) || !qd_vector_field_has(field, slot))
      continue;
    Qdrant__NamedVectorsOutput__VectorsEntry *entry = copy_entry(job, field, slot);
    if (entry == NULL)
      return NULL;
    named->vectors[named->n_vectors++] = entry;
  }
  return named;
}

/* The unnamed vector stands without a name when it is the only one. */
static Qdrant__VectorsOutput *copy_vectors(
    qd_job *job, const qd_view *view, uint32_t slot, const qd_vector_selector *selector) {
  Qdrant__VectorsOutput *vectors = qd_job_message(job, &qdrant__vectors_output__descriptor);
  Qdrant__NamedVectorsOutput *named = vectors != NULL ? copy_named(job, view, slot, selector) : NULL;
  if (named == NULL)
    return NULL;
  if (named->n_vectors == 1 && named->vectors[0]->key[0] == '\0') {
    vectors->vectors_options_case = QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTOR;
    vectors->vector = named->vectors[0]->value;
  } else {
    vectors->vectors_options_case = QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTORS;
    vectors->vectors = named;
  }
  return vectors;
}

/* Fills in what both kinds of points have. 0 when out of memory. */
static int copy_parts(qd_job *job, const qd_view *view, uint32_t slot, const qd_reply_parts *parts,
    Qdrant__PointId **id, Qdrant__VectorsOutput **vectors) {
  *id = qd_id_message(qd_view_id(view, slot), job->arena);
  if (*id == NULL)
    return 0;
  if (!parts->vectors.has_all && !parts->vectors.has_names)
    return 1;
  *vectors = copy_vectors(job, view, slot, &parts->vectors);
  return *vectors != NULL;
}

Qdrant__RetrievedPoint *qd_reply_retrieved(
    qd_job *job, const qd_view *view, uint32_t slot, const qd_reply_parts *parts) {
  Qdrant__RetrievedPoint *point = qd_job_message(job, &qdrant__retrieved_point__descriptor);
  qd_payload_entry **entries;
  if (point == NULL || !copy_parts(job, view, slot, parts, &point->id, &point->vectors)) {
    qd_job_fail_memory(job);
    return NULL;
  }
  if (qd_payload_reply(qd_view_payload(view, slot), &parts->payload,
          &qdrant__retrieved_point__payload_entry__descriptor, job->arena, &point->n_payload, &entries,
          job->err) != QDRANT_OK)
    return NULL;
  point->payload = (Qdrant__RetrievedPoint__PayloadEntry **)(void *)entries;
  return point;
}

Qdrant__ScoredPoint *qd_reply_scored(qd_job *job, const qd_view *view, uint32_t slot, const qd_reply_parts *parts) {
  Qdrant__ScoredPoint *point = qd_job_message(job, &qdrant__scored_point__descriptor);
  qd_payload_entry **entries;
  if (point == NULL || !copy_parts(job, view, slot, parts, &point->id, &point->vectors)) {
    qd_job_fail_memory(job);
    return NULL;
  }
  if (qd_payload_reply(qd_view_payload(view, slot), &parts->payload, &qdrant__scored_point__payload_entry__descriptor,
          job->arena, &point->n_payload, &entries, job->err) != QDRANT_OK)
    return NULL;
  point->payload = (Qdrant__ScoredPoint__PayloadEntry **)(void *)entries;
  return point;
}
