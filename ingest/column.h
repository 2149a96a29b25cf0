#ifndef QD_INGEST_COLUMN_H
#define QD_INGEST_COLUMN_H

#include "ingest/scan.h"
#include "qdrant/source.h"

/* One vector column being filled, point by point. Rows of a dense column that have no vector are zeros. */
typedef struct qd_file_column {
  qdrant_source_vector vector; /* its name is owned */
  int is_expected;             /* the collection takes it so; else the first vector of that name was like this */
  float *values;
  uint32_t *indices;
  size_t n_values, n_indices, max_values, max_indices;
  int64_t *offsets;
  uint8_t *validity;
  size_t n_present;
} qd_file_column;

/* Makes room for n more values. */
qdrant_status qd_file_column_reserve(qd_file_column *column, size_t n, qdrant_error *err);

/* Reads the vector of a point, the last begun, from JSON: an array of numbers, {"indices": [], "values": []} or an
 * array of arrays of numbers, as the column's kind is. After a failure the point is to be dropped. */
qdrant_status qd_file_column_read(qd_file_column *column, qd_scan *scan, size_t point, qdrant_error *err);

/* What kind of vector the next JSON value is, and its dimension. Consumes it. */
qdrant_status qd_vector_kind_of(qd_scan *scan, qdrant_source_vector *vector, qdrant_error *err);

#endif
