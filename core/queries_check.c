#include "core/queries_plan.h"

#include "core/alloc.h"
#include "core/collection_name.h"
#include "core/error.h"
#include "core/message_check.h"
#include "core/utf8.h"
#include "qdrant/pb/qdrant_common.pb-c.h"

#include <math.h>
#include <string.h>

qd_rows qd_query_rows(const qdrant_query_batch *queries, size_t first, size_t n) {
  return (qd_rows){.item = "query", .first = queries->first + first, .n = n, .number = first};
}

static qdrant_status check_shape(const qdrant_query_batch *queries, qdrant_error *err) {
  if (queries->size != sizeof *queries) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "queries.size is %zu; begin with QDRANT_QUERY_BATCH_INIT, which says %zu", queries->size, sizeof *queries);
  }
  if (queries->n_queries == 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "queries.n_queries is 0");
  if (queries->first > SIZE_MAX / 2 || queries->n_queries > SIZE_MAX / 2) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "queries.first is %zu, queries.n_queries %zu: beyond all memory",
        queries->first, queries->n_queries);
  }
  if ((queries->vectors == NULL) == (queries->ids == NULL)) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "queries.vectors and queries.ids are both %s; set one of them",
        queries->vectors == NULL ? "NULL" : "set");
  }
  if (queries->filter != NULL && queries->filters != NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "queries.filter and queries.filters are both set; set one of them");
  if (queries->has_score_threshold && !isfinite(queries->score_threshold)) {
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "queries.score_threshold is %g; it must be finite",
        (double)queries->score_threshold);
  }
  return QDRANT_OK;
}

static qdrant_status check_searched(const qdrant_query_batch *queries, const qd_rows *rows, qdrant_error *err) {
  if (queries->vectors == NULL) {
    const char *name = queries->vector_name;
    return name == NULL || qd_is_utf8(name, strlen(name))
               ? QDRANT_OK
               : qd_fail(err, QDRANT_INVALID_ARGUMENT, "queries.vector_name is not UTF-8");
  }
  if (queries->vectors->validity != NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "queries.vectors has validity bits; every query needs a vector");
  return qd_vector_check(queries->vectors, rows, err);
}

static qdrant_status check_filters(const qdrant_query_batch *queries, const qd_rows *rows, qdrant_error *err) {
  for (size_t i = 0; queries->filters != NULL && i < rows->n; i++) {
    const Qdrant__Filter *filter = queries->filters[rows->number + i];
    qdrant_status status = filter == NULL ? QDRANT_OK : qd_message_check(&filter->base, err);
    if (status != QDRANT_OK) {
      qd_error_prefix(err, "query %zu: filter: ", rows->number + i);
      return status;
    }
  }
  return QDRANT_OK;
}

qdrant_status qd_queries_check_rows(
    const char *collection, const qdrant_query_batch *queries, const qd_rows *rows, qdrant_error *err) {
  qdrant_status status = qd_collection_check(collection, err);
  if (status == QDRANT_OK)
    status = check_shape(queries, err);
  if (status == QDRANT_OK)
    status = check_searched(queries, rows, err);
  return status == QDRANT_OK ? check_filters(queries, rows, err) : status;
}

static qdrant_status check_floats(const qdrant_query_batch *queries, const qd_rows *rows, qdrant_error *err) {
  uint32_t *index_bytes = NULL;
  if (queries->vectors->kind == QDRANT_SPARSE) {
    index_bytes = qd_alloc_array(rows->n, sizeof *index_bytes);
    if (index_bytes == NULL)
      return qd_fail(err, QDRANT_NO_MEMORY, "no memory to check %zu queries", rows->n);
  }
  qd_vector_plan plan;
  qd_vector_plan_make(queries->vectors, rows, index_bytes, &plan);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < rows->n && status == QDRANT_OK; i++)
    status = qd_vector_check_floats(&plan, rows, rows->first + i, err);
  qd_free(index_bytes);
  return status;
}

qdrant_status qd_queries_check(const char *collection, const qdrant_query_batch *queries, qdrant_error *err) {
  qd_rows rows = qd_query_rows(queries, 0, queries->n_queries);
  qdrant_status status = qd_queries_check_rows(collection, queries, &rows, err);
  if (status == QDRANT_OK) {
    qd_fixed fixed;
    status = qd_fixed_pack(queries, &fixed, err);
    if (status == QDRANT_OK)
      qd_fixed_free(&fixed);
  }
  return status == QDRANT_OK && queries->vectors != NULL ? check_floats(queries, &rows, err) : status;
}
