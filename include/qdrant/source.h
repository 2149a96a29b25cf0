#ifndef QDRANT_SOURCE_H
#define QDRANT_SOURCE_H

#include "qdrant/columns.h"
#include "qdrant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Points from a file: JSON Lines, .npy or .fvecs, piece by piece, in memory that does not grow with the file. */
typedef struct qdrant_source qdrant_source;

typedef enum qdrant_source_format {
  QDRANT_SOURCE_BY_NAME = 0, /* .jsonl .ndjson .json, .npy, .fvecs; else by the first bytes */
  QDRANT_SOURCE_JSONL = 1,   /* one object a line: id, vector, payload, as Qdrant's REST API spells points */
  QDRANT_SOURCE_NPY = 2,     /* a matrix of float32 or float64: one row a point */
  QDRANT_SOURCE_FVECS = 3
} qdrant_source_format;

typedef struct qdrant_source_options {
  size_t size; /* sizeof(qdrant_source_options) */
  qdrant_source_format format;
  const char *vector_name; /* of a matrix's vectors; NULL: the unnamed one */
  uint64_t first_id;       /* of a matrix: row i has the id first_id + i; 0: 1 */
  uint32_t max_points;     /* of a piece; 0: 1,000 */
} qdrant_source_options;

#define QDRANT_SOURCE_OPTIONS_INIT QDRANT_SIZED(qdrant_source_options)

/* Opens a file. On success *source is the caller's. Errors: NOT_FOUND, IO_ERROR, INVALID_ARGUMENT with what is wrong.
 */
QDRANT_API qdrant_status qdrant_source_open(
    const char *path, const qdrant_source_options *options, qdrant_source **source, qdrant_error *err);

/* The next piece, valid until the next call; none of n_points means the end. INVALID_ARGUMENT names the line or row. */
QDRANT_API qdrant_status qdrant_source_next(qdrant_source *source, qdrant_point_batch *batch, qdrant_error *err);

/* Goes to the point of that number, counted from 0. OUT_OF_RANGE when the file is shorter; UNSUPPORTED for what cannot
 * go back (a pipe). */
QDRANT_API qdrant_status qdrant_source_seek(qdrant_source *source, uint64_t point, qdrant_error *err);

/* Points in the file; 0: not known before its end. */
QDRANT_API uint64_t qdrant_source_n_points(const qdrant_source *source);

/* Text that changes when the file does: its size, its time of change and a hash (SHA-256 of all of it up to 64 MiB, of
 * its two ends and size beyond). Owned by source; NULL with *err filled when it cannot be read. */
QDRANT_API const char *qdrant_source_identity(qdrant_source *source, qdrant_error *err);

/* Where point i of the last piece comes from, as "line 17" or "row 16", copied, cut if too long. */
QDRANT_API void qdrant_source_place(const qdrant_source *source, size_t i, char *place, size_t n_place);

/* NULL is fine. */
QDRANT_API void qdrant_source_close(qdrant_source *source);

#ifdef __cplusplus
}
#endif
#endif
