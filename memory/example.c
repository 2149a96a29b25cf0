#include "memory/example.h"

#include "core/error.h"
#include "memory/vector_read.h"

#include <string.h>

qdrant_status qd_example_read_id(qd_job *job, const Qdrant__PointId *message, qd_example *example) {
  *example = (qd_example){.message = message};
  return qd_id_read(message, &example->id, job->err);
}

qdrant_status qd_example_read(qd_job *job, const Qdrant__VectorInput *message, qd_example *example) {
  if (message->variant_case == QDRANT__VECTOR_INPUT__VARIANT_ID)
    return qd_example_read_id(job, message->id, example);
  *example = (qd_example){0};
  return qd_vector_input_read(message, job->arena, &example->vector, job->err);
}

qdrant_status qd_example_read_vector(qd_job *job, const Qdrant__Vector *message, qd_example *example) {
  static const qd_vector_place place = {.role = QD_VECTOR_QUERY};
  *example = (qd_example){0};
  qdrant_status status = qd_vector_read(message, &place, job->arena, &example->vector, job->err);
  if (status == QDRANT_OK && example->vector.kind == QDRANT_MULTI)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "MultiDense vector is not supported in search request");
  return status;
}

static int copy_vector(qd_job *job, qd_vector *vector) {
  size_t n_values = vector->kind == QDRANT_SPARSE ? vector->n : vector->n * vector->dim;
  float *values = qd_arena_alloc(job->arena, (n_values + 1) * sizeof *values);
  uint32_t *indices = qd_arena_alloc(job->arena, (vector->n + 1) * sizeof *indices);
  if (values == NULL || indices == NULL)
    return 0;
  if (n_values > 0)
    memcpy(values, vector->values, n_values * sizeof *values);
  if (vector->kind == QDRANT_SPARSE && vector->n > 0)
    memcpy(indices, vector->indices, vector->n * sizeof *indices);
  vector->values = values;
  vector->indices = indices;
  return 1;
}

qdrant_status qd_example_resolve(
    qd_job *job, const qd_view *view, const char *vector_name, int has_to_last, qd_example *example) {
  if (example->message == NULL)
    return QDRANT_OK;
  const qd_vector_field *field = qd_view_get_field(view, vector_name, job->err);
  if (field == NULL)
    return QDRANT_INVALID_ARGUMENT;
  uint32_t slot = qd_view_find(view, &example->id);
  if (slot == QD_NO_SLOT) {
    char text[QD_ID_TEXT_BYTES];
    qd_id_text(&example->id, text);
    return qd_fail(job->err, QDRANT_NOT_FOUND, "Not found: No point with id %s found", text);
  }
  example->is_missing = !qd_vector_field_has(field, slot);
  if (example->is_missing)
    return QDRANT_OK;
  example->vector = qd_vector_field_get(field, slot);
  return !has_to_last || copy_vector(job, &example->vector) ? QDRANT_OK : qd_job_fail_memory(job);
}
