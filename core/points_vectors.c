#include "core/points_plan.h"

#include "core/wire.h"

#include <string.h>

/* Field numbers of Vectors, NamedVectors, its entries and Vector. */
enum { VECTORS_VECTOR = 1, VECTORS_NAMED = 2, NAMED_VECTORS = 1, ENTRY_KEY = 1, ENTRY_VALUE = 2 };
enum { VECTOR_DENSE = 101, VECTOR_SPARSE = 102, VECTOR_MULTI = 103 };

static uint32_t field_of_kind(qdrant_vector_kind kind) {
  switch (kind) {
  case QDRANT_SPARSE: return VECTOR_SPARSE;
  case QDRANT_MULTI: return VECTOR_MULTI;
  case QDRANT_DENSE: break;
  }
  return VECTOR_DENSE;
}

/* Content of the message Vector. */
static size_t vector_bytes(const qd_vector_plan *plan, size_t row) {
  return qd_field_bytes(field_of_kind(plan->column->kind), qd_vector_measure(plan, row));
}

static uint8_t *write_vector(const qd_vector_plan *plan, size_t row, uint8_t *out) {
  out = qd_put_head(out, field_of_kind(plan->column->kind), qd_vector_measure(plan, row));
  return qd_vector_write(plan, row, out);
}

static size_t name_bytes(const qd_vector_plan *plan) {
  return plan->column->name != NULL ? strlen(plan->column->name) : 0;
}

static size_t entry_bytes(const qd_vector_plan *plan, size_t row) {
  return qd_field_bytes(ENTRY_KEY, name_bytes(plan)) + qd_field_bytes(ENTRY_VALUE, vector_bytes(plan, row));
}

static uint8_t *write_entry(const qd_vector_plan *plan, size_t row, uint8_t *out) {
  out = qd_put_head(out, NAMED_VECTORS, entry_bytes(plan, row));
  out = qd_put_bytes(out, ENTRY_KEY, plan->column->name, name_bytes(plan));
  out = qd_put_head(out, ENTRY_VALUE, vector_bytes(plan, row));
  return write_vector(plan, row, out);
}

static size_t named_bytes(const qd_points_plan *plan, size_t row) {
  size_t n_bytes = 0;
  for (size_t i = 0; i < plan->batch->n_vectors; i++) {
    if (qd_vector_is_present(&plan->vectors[i], row)) {
      n_bytes += qd_field_bytes(NAMED_VECTORS, entry_bytes(&plan->vectors[i], row));
    }
  }
  return n_bytes;
}

/* A point without its unnamed vector goes as one with no named vectors: the server wants the field in any case. */
static int is_sent_unnamed(const qd_points_plan *plan, size_t row) {
  return plan->is_unnamed && qd_vector_is_present(&plan->vectors[0], row);
}

size_t qd_point_vectors_measure(const qd_points_plan *plan, size_t row) {
  if (is_sent_unnamed(plan, row)) {
    return qd_field_bytes(VECTORS_VECTOR, vector_bytes(&plan->vectors[0], row));
  }
  return qd_field_bytes(VECTORS_NAMED, named_bytes(plan, row));
}

uint8_t *qd_point_vectors_write(const qd_points_plan *plan, size_t row, uint8_t *out) {
  if (is_sent_unnamed(plan, row)) {
    out = qd_put_head(out, VECTORS_VECTOR, vector_bytes(&plan->vectors[0], row));
    return write_vector(&plan->vectors[0], row, out);
  }
  out = qd_put_head(out, VECTORS_NAMED, named_bytes(plan, row));
  for (size_t i = 0; i < plan->batch->n_vectors && out != NULL; i++) {
    if (qd_vector_is_present(&plan->vectors[i], row)) {
      out = write_entry(&plan->vectors[i], row, out);
    }
  }
  return out;
}
