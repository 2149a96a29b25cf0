#ifndef QDRANT_SOURCE_H
#define QDRANT_SOURCE_H

#include "qdrant/client.h"
#include "qdrant/columns.h"
#include "qdrant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Points from a file: JSON Lines, .npy or .fvecs, piece by piece, in memory that does not grow with the file. Points
 * are numbered from 0 in the order of the file, unreadable ones too, so that a number always means the same line or
 * row. One thread at a time; qdrant_uploader_add_source (uploader.h) uploads all of a source. */
typedef struct qdrant_source qdrant_source;

typedef enum qdrant_source_format {
  QDRANT_SOURCE_BY_NAME = 0, /* .jsonl .ndjson .json, .npy, .fvecs; else by the first bytes */
  QDRANT_SOURCE_JSONL = 1,   /* an object a line: {"id": 1, "vector": [0.1], "payload": {}}, as Qdrant's REST API spells
                              * points; ids are numbers or UUIDs, "vector" may be an object of named dense, sparse
                              * ({"indices": [], "values": []}) and multi ([[], []]) ones. Blank lines are passed over */
  QDRANT_SOURCE_NPY = 2,  /* NumPy's, versions 1 to 3: a matrix of '<f4', '<f8' or '<f2', rows first: a row a point */
  QDRANT_SOURCE_FVECS = 3 /* rows, each its 32-bit number of floats and the floats, little-endian */
} qdrant_source_format;

typedef struct qdrant_source_options {
  size_t size; /* sizeof(qdrant_source_options) */
  qdrant_source_format format;
  const char *vector_name; /* of a matrix's rows, copied; NULL: the unnamed one */
  uint64_t first_id;       /* of a matrix when has_first_id: row i has the id first_id + i; else ids begin with 1 */
  uint8_t has_first_id;
  uint32_t max_points;             /* of a piece; 0: 1,000. Fewer when they are large: a piece ends at about 16 MiB */
  qdrant_toggle refuses_equal_ids; /* OFF by default; ON: JSON lines of a piece whose ids are equal are an error */
} qdrant_source_options;

#define QDRANT_SOURCE_OPTIONS_INIT QDRANT_SIZED(qdrant_source_options)

/* Opens a file; path "-" is standard input. options NULL: all defaults. On success *source is the caller's. What can be
 * known of the whole file is checked here: a header, a truncated matrix. Errors: NOT_FOUND, IO_ERROR, INVALID_ARGUMENT
 * with what is wrong, NO_MEMORY. */
QDRANT_API qdrant_status qdrant_source_open(
    const char *path, const qdrant_source_options *options, qdrant_source **source, qdrant_error *err);

/* The format it is read as; BY_NAME only for NULL. */
QDRANT_API qdrant_source_format qdrant_source_format_of(const qdrant_source *source);

/* The next piece, valid until the next call with this source; none of n_points means the end. Every error names the
 * file, and the line or row, counted from 1. INVALID_ARGUMENT: the next point cannot be read; the points before it have
 * been given out, it is passed, and the next call goes on behind it. CANCELLED: a signal whose handler was set without
 * SA_RESTART interrupted the wait for input; nothing is lost, the call may be repeated. Others (IO_ERROR, NO_MEMORY,
 * RESOURCE_EXHAUSTED for a line above 64 MiB) stay until a seek. */
QDRANT_API qdrant_status qdrant_source_next(qdrant_source *source, qdrant_point_batch *batch, qdrant_error *err);

/* The number of the first point that the next call of qdrant_source_next gives or refuses. */
QDRANT_API uint64_t qdrant_source_position(const qdrant_source *source);

/* Goes to the point of that number; the number behind the last is fine and is the end. Of a matrix at once; JSON lines
 * before it are read over, from the beginning of the file when it lies behind. Errors: OUT_OF_RANGE when the file is
 * shorter; UNSUPPORTED when it cannot go back (a pipe); as qdrant_source_next. */
QDRANT_API qdrant_status qdrant_source_seek(qdrant_source *source, uint64_t point, qdrant_error *err);

/* Points in the file; 0: not known before its end (JSON lines, pipes), or none. */
QDRANT_API uint64_t qdrant_source_n_points(const qdrant_source *source);

/* How much of a file has been read, from 0 to 1, by bytes; -1 when its size is not known. */
QDRANT_API double qdrant_source_fraction(const qdrant_source *source);

/* One vector that points have or that a collection takes. */
typedef struct qdrant_source_vector {
  const char *name; /* NULL: the unnamed one */
  qdrant_vector_kind kind;
  uint32_t dim; /* DENSE, MULTI: floats in one row */
} qdrant_source_vector;

/* The vectors that the points have: of a matrix its one, of JSON lines those found in the first piece, which is read
 * for it and given out afterwards. The array lives until the next call with this source. Errors: INVALID_ARGUMENT when
 * there is no point to tell them from; as qdrant_source_next. */
QDRANT_API qdrant_status qdrant_source_schema(
    qdrant_source *source, const qdrant_source_vector **vectors, size_t *n_vectors, qdrant_error *err);

/* Says which vectors the collection takes, so that points that have others, or others' dimensions, are refused by line
 * and row before anything of them is sent. Copied. Without it the first vector of each name sets its kind and
 * dimension. To be called before the first piece is taken. INVALID_ARGUMENT: what is known of the source does not fit
 * at all. */
QDRANT_API qdrant_status qdrant_source_expect(
    qdrant_source *source, const qdrant_source_vector *vectors, size_t n_vectors, qdrant_error *err);

/* Text that changes when the file or the way in which it is read does: format, first id and vector name, the file's
 * size, its time of change and a hash (SHA-256 of all of it up to 64 MiB, of its first and last 32 MiB beyond). Owned
 * by source; NULL with *err filled when it cannot be read or is no file (UNSUPPORTED). */
QDRANT_API const char *qdrant_source_identity(qdrant_source *source, qdrant_error *err);

/* Where a point that has been given out or passed comes from, as "line 17" or "row 16", copied into place, cut if too
 * long. Where blank lines begin in more than 65,536 places of the file, it is "point 16" beyond them. */
QDRANT_API void qdrant_source_place(const qdrant_source *source, uint64_t point, char *place, size_t n_place);

/* NULL is fine. */
QDRANT_API void qdrant_source_close(qdrant_source *source);

#ifdef __cplusplus
}
#endif
#endif
