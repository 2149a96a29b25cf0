#include "core/error.h"
#include "memory/datatype.h"
#include "memory/distance.h"
#include "memory/vector_field.h"

#include <string.h>

/* What a field takes, and how it takes it. */

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
