#include "core/points_plan.h"

#include "core/error.h"
#include "core/value_fields.h"
#include "core/wire.h"

#include <string.h>

/* Field numbers of Vectors, NamedVectors, its entries and Vector. */
enum { VECTORS_VECTOR = 1, VECTORS_NAMED = 2, NAMED_VECTORS = 1 };
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

static size_t name_bytes(const qd_vector_plan *plan) {
  return plan->column->name != NULL ? strlen(plan->column->name) : 0;
}

static size_t entry_bytes(const qd_vector_plan *plan, size_t row) {
  return qd_field_bytes(QD_ENTRY_KEY, name_bytes(plan)) + qd_field_bytes(QD_ENTRY_VALUE, vector_bytes(plan, row));
}

static size_t named_bytes(const qd_points_plan *plan, size_t row) {
  size_t n_bytes = 0;
  for (size_t i = 0; i < plan->batch->n_vectors; i++)
    if (qd_vector_is_present(&plan->vectors[i], row))
      n_bytes += qd_field_bytes(NAMED_VECTORS, entry_bytes(&plan->vectors[i], row));
  return n_bytes;
}

/* A point without its unnamed vector goes as one with no named vectors: the server wants the field in any case. */
static int is_sent_unnamed(const qd_points_plan *plan, size_t row) {
  return plan->is_unnamed && qd_vector_is_present(&plan->vectors[0], row);
}

size_t qd_point_vectors_measure_row(const qd_points_plan *plan, size_t row) {
  if (is_sent_unnamed(plan, row))
    return qd_field_bytes(VECTORS_VECTOR, vector_bytes(&plan->vectors[0], row));
  return qd_field_bytes(VECTORS_NAMED, named_bytes(plan, row));
}

/* All of a Vector that stands before the content of its kind. */
static uint8_t *write_vector_head(const qd_vector_plan *plan, size_t row, uint8_t *out) {
  return qd_put_head(out, field_of_kind(plan->column->kind), qd_vector_measure(plan, row));
}

static uint8_t *write_entry_head(const qd_vector_plan *plan, size_t row, uint8_t *out) {
  out = qd_put_head(out, NAMED_VECTORS, entry_bytes(plan, row));
  out = qd_put_bytes(out, QD_ENTRY_KEY, plan->column->name, name_bytes(plan));
  out = qd_put_head(out, QD_ENTRY_VALUE, vector_bytes(plan, row));
  return write_vector_head(plan, row, out);
}

/* From the tag of PointStruct.vectors to where a first vector begins. */
static uint8_t *write_head(const qd_points_plan *plan, size_t row, uint8_t *out) {
  out = qd_put_head(out, QD_POINT_VECTORS, qd_point_vectors_measure(plan, row));
  if (is_sent_unnamed(plan, row)) {
    out = qd_put_head(out, VECTORS_VECTOR, vector_bytes(&plan->vectors[0], row));
    return write_vector_head(&plan->vectors[0], row, out);
  }
  return qd_put_head(out, VECTORS_NAMED, named_bytes(plan, row));
}

uint8_t *qd_point_vectors_write(const qd_points_plan *plan, size_t row, uint8_t *out) {
  if (plan->dense_head != NULL)
    return qd_vector_write_floats(&plan->vectors[0], row, qd_put_copy(out, plan->dense_head, plan->n_dense_head));
  out = write_head(plan, row, out);
  if (is_sent_unnamed(plan, row))
    return qd_vector_write(&plan->vectors[0], row, out);
  for (size_t i = 0; i < plan->batch->n_vectors && out != NULL; i++)
    if (qd_vector_is_present(&plan->vectors[i], row))
      out = qd_vector_write(&plan->vectors[i], row, write_entry_head(&plan->vectors[i], row, out));
  return out;
}

static int is_in_every_point(const qdrant_vector_column *column) {
  return column->kind == QDRANT_DENSE && column->validity == NULL;
}

static qdrant_status plan_dense_head(qd_points_plan *plan, qd_arena *arena, qdrant_error *err) {
  size_t row = plan->rows.first;
  plan->n_dense_head =
      qd_field_bytes(QD_POINT_VECTORS, plan->vectors_bytes) - qd_vector_floats_bytes(&plan->vectors[0]);
  uint8_t *head = qd_arena_alloc(arena, plan->n_dense_head);
  if (head == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory to prepare vectors");
  plan->dense_head = head;
  head = write_head(plan, row, head);
  if (!plan->is_unnamed)
    head = write_entry_head(&plan->vectors[0], row, head);
  qd_vector_write_floats_head(&plan->vectors[0], head);
  return QDRANT_OK;
}

qdrant_status qd_point_vectors_plan(qd_points_plan *plan, qd_arena *arena, qdrant_error *err) {
  const qdrant_point_batch *batch = plan->batch;
  plan->is_unnamed = batch->n_vectors == 1 && !qd_vector_is_named(&batch->vectors[0]);
  for (size_t i = 0; i < batch->n_vectors; i++)
    if (!is_in_every_point(&batch->vectors[i]))
      return QDRANT_OK;
  plan->vectors_bytes = qd_point_vectors_measure(plan, plan->rows.first);
  return batch->n_vectors == 1 ? plan_dense_head(plan, arena, err) : QDRANT_OK;
}
