#ifndef QD_CLI_CHUNK_H
#define QD_CLI_CHUNK_H

#include "cli/columns.h"
#include "cli/scan.h"

/* Points read one by one from JSON, kept as the columns of one batch. */
typedef struct qd_chunk qd_chunk;

/* schema is borrowed and must outlive the chunk. */
qdrant_status qd_chunk_new(const qd_schema *schema, size_t max_points, qd_chunk **chunk, qdrant_error *err);
void qd_chunk_free(qd_chunk *chunk);

/* Forgets all points and keeps the memory. */
void qd_chunk_reset(qd_chunk *chunk);

/* Whether another point is to wait for the next chunk. */
int qd_chunk_is_full(const qd_chunk *chunk);

/* Begins a point that came from a line. Its parts follow in any order, then qd_chunk_end. There must be room. */
qdrant_status qd_chunk_begin(qd_chunk *chunk, uint64_t line, qdrant_error *err);

/* The parts of a point, read from JSON: a number or a UUID, a vector or an object of named ones, an object or null. */
qdrant_status qd_chunk_id(qd_chunk *chunk, qd_scan *scan, qdrant_error *err);
qdrant_status qd_chunk_vectors(qd_chunk *chunk, qd_scan *scan, qdrant_error *err);
qdrant_status qd_chunk_payload(qd_chunk *chunk, qd_scan *scan, qdrant_error *err);

/* Ends the point; without this it does not count. */
void qd_chunk_end(qd_chunk *chunk);

/* Whether no two points have the same id. Not OK: *line is where the second of them came from. */
qdrant_status qd_chunk_check_ids(qd_chunk *chunk, uint64_t *line, qdrant_error *err);

/* The points as a batch, which lives until the next change. */
void qd_chunk_view(qd_chunk *chunk, qdrant_point_batch *batch);

/* The line that a point came from; 0 when there is no such point. */
uint64_t qd_chunk_line(const qd_chunk *chunk, size_t position);

#endif
