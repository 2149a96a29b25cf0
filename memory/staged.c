#include "memory/staged.h"

#include "core/error.h"
#include "memory/vector_read.h"

/* The field for a vector; NULL when there is none that takes it, which is staging's refusal then. */
static qd_vector_field *find_field(qd_staging *staging, const char *name, const qd_vector *vector) {
  qd_vector_field *field = qd_field_list_get(staging->fields, name, &staging->refusal);
  int is_taken = field != NULL && qd_vector_field_check(field, vector, &staging->refusal) == QDRANT_OK;
  return is_taken ? field : NULL;
}

static qdrant_status stage_vector(
    qd_staging *staging, const char *name, const Qdrant__Vector *message, size_t at, qd_staged_vectors *staged) {
  static const Qdrant__Vector no_vector = QDRANT__VECTOR__INIT;
  qd_job *job = staging->job;
  qd_vector vector;
  qd_vector_place place = {*name != '\0' ? QD_VECTOR_NAMED : QD_VECTOR_UNNAMED, at};
  qdrant_status status = qd_vector_read(message != NULL ? message : &no_vector, &place, job->arena, &vector, job->err);
  qd_vector_field *field = qd_field_list_find(staging->fields, name);
  if (status == QDRANT_OK && staging->is_upsert && field != NULL)
    status = qd_vector_field_check_dimension(field, &vector, job->err);
  if (status != QDRANT_OK)
    return status;
  field = find_field(staging, name, &vector);
  if (field == NULL)
    return QDRANT_OK;
  qd_staged_vector *made = &staged->items[staged->n];
  *made = (qd_staged_vector){.field = field, .values = vector.values};
  if (field->kind != QDRANT_DENSE) {
    made->block = qd_vector_block_new(field, &vector);
    if (made->block == NULL)
      return qd_job_fail_memory(job);
  }
  staged->n++;
  return QDRANT_OK;
}

qdrant_status qd_staged_vectors_read(
    qd_staging *staging, const Qdrant__Vectors *message, size_t at, qd_staged_vectors *staged) {
  qd_job *job = staging->job;
  int is_named = message->vectors_options_case == QDRANT__VECTORS__VECTORS_OPTIONS_VECTORS;
  size_t n = is_named ? message->vectors->n_vectors : 1;
  *staged = (qd_staged_vectors){.items = qd_arena_alloc(job->arena, (n + 1) * sizeof *staged->items)};
  if (staged->items == NULL)
    return qd_job_fail_memory(job);
  if (!is_named && message->vectors_options_case != QDRANT__VECTORS__VECTORS_OPTIONS_VECTOR)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Expected some vectors");
  if (!is_named)
    return stage_vector(staging, "", message->vector, at, staged);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++) {
    const Qdrant__NamedVectors__VectorsEntry *entry = message->vectors->vectors[i];
    status = stage_vector(staging, entry->key, entry->value, at, staged);
  }
  return status;
}

void qd_staged_vectors_free(qd_staged_vectors *staged) {
  for (size_t i = 0; i < staged->n; i++)
    qd_vector_block_unref(staged->items[i].block);
  staged->n = 0;
}

void qd_staged_vectors_put(qd_staged_vectors *staged, qd_point_store *store, uint32_t slot) {
  for (size_t i = 0; i < staged->n; i++) {
    qd_staged_vector *vector = &staged->items[i];
    if (!qd_field_list_has(store->fields, vector->field))
      qd_vector_block_unref(vector->block);
    else if (vector->field->kind == QDRANT_DENSE)
      qd_vector_field_put_dense(vector->field, slot, vector->values);
    else
      qd_vector_field_put_block(vector->field, slot, vector->block);
  }
  staged->n = 0;
}
