#ifndef QD_INGEST_COLUMNS_H
#define QD_INGEST_COLUMNS_H

#include "ingest/scan.h"
#include "qdrant/source.h"

/* Vector columns that grow point by point, one for each vector that a collection takes, or that was found. */
typedef struct qd_columns qd_columns;

qdrant_status qd_columns_new(size_t max_points, qd_columns **columns, qdrant_error *err);
void qd_columns_free(qd_columns *columns);

/* From now on there are these vectors and no others. INVALID_ARGUMENT when one that was found is not as it should. */
qdrant_status qd_columns_expect(
    qd_columns *columns, const qdrant_source_vector *vectors, size_t n_vectors, qdrant_error *err);

/* The vectors expected or found; they live until the next change. */
const qdrant_source_vector *qd_columns_schema(qd_columns *columns, size_t *n_vectors);

/* Forgets all points and keeps the columns and their memory. */
void qd_columns_reset(qd_columns *columns);

/* Begins another point: it has none of the vectors. There must be room. */
qdrant_status qd_columns_begin(qd_columns *columns, qdrant_error *err);

/* Takes the point last begun back. */
void qd_columns_drop(qd_columns *columns);

/* Gives the point last begun a vector, read from JSON. name NULL: the unnamed one. AGAIN: a vector that none of the
 * points before has would make them too large; the point is to be dropped and to begin the next piece. */
qdrant_status qd_columns_add(qd_columns *columns, const char *name, qd_scan *scan, qdrant_error *err);

/* Bytes that the points take. */
size_t qd_columns_bytes(const qd_columns *columns);

/* The columns that at least one point has; they live until the next change. */
const qdrant_vector_column *qd_columns_view(qd_columns *columns, size_t *n);

#endif
