#include "core/queries_encode.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/point_id.h"
#include "core/queries_plan.h"
#include "core/wire.h"
#include "qdrant/pb/qdrant_common.pb-c.h"

#include <string.h>

/* Field numbers of QueryBatchPoints, QueryPoints, Query and VectorInput. */
enum { BATCH_COLLECTION = 1, BATCH_QUERIES = 2 };
enum { POINTS_COLLECTION = 1, POINTS_QUERY = 3, POINTS_FILTER = 5 };
enum { QUERY_NEAREST = 1 };
enum { INPUT_ID = 1, INPUT_DENSE = 2, INPUT_SPARSE = 3, INPUT_MULTI = 4 };

typedef struct queries_plan {
  const char *collection;
  size_t n_collection;
  const qdrant_query_batch *batch;
  qd_rows rows;
  uint32_t input_field;  /* of VectorInput */
  qd_vector_plan vector; /* unless it is INPUT_ID */
  uint32_t *index_bytes; /* owned */
  qd_fixed fixed;        /* owned */
} queries_plan;

static uint32_t input_field(const qdrant_vector_column *column) {
  if (column == NULL)
    return INPUT_ID;
  switch (column->kind) {
  case QDRANT_SPARSE: return INPUT_SPARSE;
  case QDRANT_MULTI: return INPUT_MULTI;
  case QDRANT_DENSE: break;
  }
  return INPUT_DENSE;
}

/* Content of the message PointId. */
static size_t id_bytes(const qdrant_point_id *id) {
  return id->is_uuid ? qd_point_uuid_bytes() : qd_point_num_bytes(id->num);
}

static uint8_t *write_id(const qdrant_point_id *id, uint8_t *out) {
  out = qd_put_head(out, INPUT_ID, id_bytes(id));
  return id->is_uuid ? qd_point_uuid_put(out, &id->uuid) : qd_point_num_put(out, id->num);
}

/* Content of the message VectorInput. */
static size_t input_bytes(const queries_plan *plan, size_t row) {
  size_t n_bytes =
      plan->input_field == INPUT_ID ? id_bytes(&plan->batch->ids[row]) : qd_vector_measure(&plan->vector, row);
  return qd_field_bytes(plan->input_field, n_bytes);
}

static uint8_t *write_input(const queries_plan *plan, size_t row, uint8_t *out) {
  if (plan->input_field == INPUT_ID)
    return write_id(&plan->batch->ids[row], out);
  out = qd_put_head(out, plan->input_field, qd_vector_measure(&plan->vector, row));
  return qd_vector_write(&plan->vector, row, out);
}

/* The filter that query i has for itself, or NULL. */
static const ProtobufCMessage *own_filter(const queries_plan *plan, size_t i) {
  const Qdrant__Filter *filter = plan->batch->filters == NULL ? NULL : plan->batch->filters[plan->rows.number + i];
  return filter == NULL ? NULL : &filter->base;
}

/* Content of QueryPoints. */
static size_t query_bytes(const queries_plan *plan, size_t i) {
  const ProtobufCMessage *filter = own_filter(plan, i);
  size_t n_input = input_bytes(plan, plan->rows.first + i);
  size_t n_filter = filter == NULL ? 0 : qd_field_bytes(POINTS_FILTER, protobuf_c_message_get_packed_size(filter));
  return qd_field_bytes(POINTS_COLLECTION, plan->n_collection) +
         qd_field_bytes(POINTS_QUERY, qd_field_bytes(QUERY_NEAREST, n_input)) + plan->fixed.n_front + n_filter +
         plan->fixed.n_back;
}

/* NULL when a float is not finite. */
static uint8_t *write_query(const queries_plan *plan, size_t i, uint8_t *out) {
  size_t row = plan->rows.first + i;
  size_t n_input = input_bytes(plan, row);
  out = qd_put_head(out, BATCH_QUERIES, query_bytes(plan, i));
  out = qd_put_bytes(out, POINTS_COLLECTION, plan->collection, plan->n_collection);
  out = qd_put_head(out, POINTS_QUERY, qd_field_bytes(QUERY_NEAREST, n_input));
  out = write_input(plan, row, qd_put_head(out, QUERY_NEAREST, n_input));
  if (out == NULL)
    return NULL;
  out = qd_put_copy(out, plan->fixed.bytes, plan->fixed.n_front);
  const ProtobufCMessage *filter = own_filter(plan, i);
  if (filter != NULL) {
    out = qd_put_head(out, POINTS_FILTER, protobuf_c_message_get_packed_size(filter));
    out += protobuf_c_message_pack(filter, out);
  }
  return qd_put_copy(out, plan->fixed.bytes + plan->fixed.n_front, plan->fixed.n_back);
}

static size_t batch_bytes(const queries_plan *plan) {
  size_t n_bytes = qd_field_bytes(BATCH_COLLECTION, plan->n_collection) + plan->fixed.n_tail;
  for (size_t i = 0; i < plan->rows.n; i++)
    n_bytes += qd_field_bytes(BATCH_QUERIES, query_bytes(plan, i));
  return n_bytes;
}

/* Writing only says that there is a bad float; this says where. */
static qdrant_status fail_float(const queries_plan *plan, size_t i, qdrant_error *err) {
  qdrant_status status = qd_vector_check_floats(&plan->vector, &plan->rows, plan->rows.first + i, err);
  if (status == QDRANT_OK) /* the caller's other thread has changed it meanwhile */
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "query %zu: a float was not finite", plan->rows.number + i);
  return status;
}

static qdrant_status write_batch(const queries_plan *plan, uint8_t *out, qdrant_error *err) {
  out = qd_put_bytes(out, BATCH_COLLECTION, plan->collection, plan->n_collection);
  for (size_t i = 0; i < plan->rows.n; i++) {
    out = write_query(plan, i, out);
    if (out == NULL)
      return fail_float(plan, i, err);
  }
  qd_put_copy(out, plan->fixed.bytes + plan->fixed.n_front + plan->fixed.n_back, plan->fixed.n_tail);
  return QDRANT_OK;
}

static qdrant_status encode(
    const queries_plan *plan, qd_body_pool *pool, size_t max_bytes, qd_body **body, qdrant_error *err) {
  size_t n_bytes = batch_bytes(plan);
  if (n_bytes > max_bytes) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%zu queries take %zu bytes, the limit is %zu: send fewer at once",
        plan->rows.n, n_bytes, max_bytes);
  }
  qd_body *made = qd_body_new(pool, n_bytes);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for a request of %zu bytes", n_bytes);
  qdrant_status status = write_batch(plan, made->bytes, err);
  if (status == QDRANT_OK)
    *body = made;
  else
    qd_body_unref(made);
  return status;
}

static qdrant_status plan_input(queries_plan *plan, qdrant_error *err) {
  plan->input_field = input_field(plan->batch->vectors);
  if (plan->input_field == INPUT_ID)
    return QDRANT_OK;
  if (plan->input_field == INPUT_SPARSE) {
    plan->index_bytes = qd_alloc_array(plan->rows.n, sizeof *plan->index_bytes);
    if (plan->index_bytes == NULL)
      return qd_fail(err, QDRANT_NO_MEMORY, "no memory to encode %zu queries", plan->rows.n);
  }
  qd_vector_plan_make(plan->batch->vectors, &plan->rows, plan->index_bytes, &plan->vector);
  return QDRANT_OK;
}

qdrant_status qd_queries_encode(const char *collection, const qdrant_query_batch *queries, size_t first, size_t n,
    qd_body_pool *pool, size_t max_bytes, qd_body **body, qdrant_error *err) {
  *body = NULL;
  queries_plan plan = {.collection = collection, .batch = queries, .rows = qd_query_rows(queries, first, n)};
  qdrant_status status = qd_queries_check_rows(collection, queries, &plan.rows, err);
  if (status != QDRANT_OK)
    return status;
  plan.n_collection = strlen(collection);
  status = qd_fixed_pack(queries, &plan.fixed, err);
  if (status == QDRANT_OK)
    status = plan_input(&plan, err);
  if (status == QDRANT_OK)
    status = encode(&plan, pool, max_bytes, body, err);
  qd_free(plan.index_bytes);
  qd_fixed_free(&plan.fixed);
  return status;
}
