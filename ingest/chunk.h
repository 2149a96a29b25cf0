#ifndef QD_INGEST_CHUNK_H
#define QD_INGEST_CHUNK_H

#include "ingest/columns.h"
#include "ingest/scan.h"

/* Points read one by one from JSON, kept as the columns of one batch. */
typedef struct qd_chunk qd_chunk;

qdrant_status qd_chunk_new(size_t max_points, qd_chunk **chunk, qdrant_error *err);
void qd_chunk_free(qd_chunk *chunk);

/* Its vectors, to say or ask what they are. */
qd_columns *qd_chunk_columns(qd_chunk *chunk);

/* Forgets all points and keeps the memory. NO_MEMORY. */
qdrant_status qd_chunk_reset(qd_chunk *chunk, qdrant_error *err);

/* Whether another point is to wait for the next chunk. */
int qd_chunk_is_full(const qd_chunk *chunk);
int qd_chunk_is_empty(const qd_chunk *chunk);

/* Begins a point that came from a line. Its parts follow in any order, then qd_chunk_end, or qd_chunk_drop. There must
 * be room. */
qdrant_status qd_chunk_begin(qd_chunk *chunk, uint64_t line, qdrant_error *err);

/* The parts of a point, read from JSON: a number or a UUID, a vector or an object of named ones, an object or null.
 * AGAIN: as qd_columns_add. */
qdrant_status qd_chunk_id(qd_chunk *chunk, qd_scan *scan, qdrant_error *err);
qdrant_status qd_chunk_vectors(qd_chunk *chunk, qd_scan *scan, qdrant_error *err);
qdrant_status qd_chunk_payload(qd_chunk *chunk, qd_scan *scan, qdrant_error *err);

/* Whether no point before has the id of the one being read. Not OK: the message names it and its line. */
qdrant_status qd_chunk_check_id(const qd_chunk *chunk, qdrant_error *err);

/* Ends the point, or takes it back. */
void qd_chunk_end(qd_chunk *chunk);
void qd_chunk_drop(qd_chunk *chunk);

/* The points as a batch, which lives until the next change. */
void qd_chunk_view(qd_chunk *chunk, qdrant_point_batch *batch);

#endif
