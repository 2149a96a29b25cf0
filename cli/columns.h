#ifndef QD_CLI_COLUMNS_H
#define QD_CLI_COLUMNS_H

#include "cli/scan.h"
#include "cli/schema.h"

/* Vector columns that grow point by point, one for each vector of a schema. */
typedef struct qd_columns qd_columns;

/* schema is borrowed and must outlive the columns. */
qdrant_status qd_columns_new(const qd_schema *schema, size_t max_points, qd_columns **columns, qdrant_error *err);
void qd_columns_free(qd_columns *columns);

/* Forgets all points and keeps the memory. */
void qd_columns_reset(qd_columns *columns);

/* Begins another point: it has none of the vectors. There must be room. */
qdrant_status qd_columns_point(qd_columns *columns, qdrant_error *err);

/* Gives the point last begun a vector, read from JSON: an array of numbers, {"indices": [], "values": []} or an array
 * of arrays of numbers, as the schema has it. name NULL: the unnamed one. */
qdrant_status qd_columns_add(qd_columns *columns, const char *name, qd_scan *scan, qdrant_error *err);

/* Bytes that the points take. */
size_t qd_columns_bytes(const qd_columns *columns);

/* The columns that at least one point has; they live until the next change. */
const qdrant_vector_column *qd_columns_view(qd_columns *columns, size_t *n);

/* What kind of vector the next JSON value is, and its dimension. Consumes it. */
qdrant_status qd_vector_kind_of(qd_scan *scan, qdrant_vector_kind *kind, uint64_t *dim, qdrant_error *err);

#endif
