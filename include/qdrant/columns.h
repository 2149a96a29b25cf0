#ifndef QDRANT_COLUMNS_H
#define QDRANT_COLUMNS_H

#include "qdrant/sized.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Points and queries as columns. Layouts follow Apache Arrow's columnar format (offsets, validity bits with the lowest
 * bit first), so that record batches can be sent as they are. Everything here is borrowed until the function that takes
 * it returns. */

typedef enum qdrant_vector_kind {
  QDRANT_DENSE = 0,
  QDRANT_SPARSE = 1,
  QDRANT_MULTI = 2 /* several dense rows a point */
} qdrant_vector_kind;

/* One vector per point, for all points of a batch. */
typedef struct qdrant_vector_column {
  const char *name; /* named vector; NULL: the collection's unnamed vector (SPARSE is always named) */
  qdrant_vector_kind kind;
  uint32_t dim;        /* DENSE, MULTI: floats in one row */
  const float *values; /* DENSE: row i at values + i * stride; SPARSE: weights; MULTI: rows of dim floats in a row */
  size_t stride;       /* DENSE: floats from one row to the next; 0 means dim */
  const uint32_t *indices; /* SPARSE: one a weight, unique within a point */
  const int64_t *offsets;  /* SPARSE, MULTI: one more than there are points; point i has weights or rows [offsets[i],
                              offsets[i + 1]) */
  const uint8_t *validity; /* bit i clear: point i has no such vector; NULL: all have */
} qdrant_vector_column;

typedef enum qdrant_payload_kind {
  QDRANT_PAYLOAD_KEYWORD = 0,  /* UTF-8 text; NUL inside is allowed */
  QDRANT_PAYLOAD_INTEGER = 1,  /* int64_t */
  QDRANT_PAYLOAD_FLOAT = 2,    /* double, finite */
  QDRANT_PAYLOAD_BOOL = 3,     /* bits, lowest first */
  QDRANT_PAYLOAD_DATETIME = 4, /* int64_t, microseconds since 1970 UTC, years 0001 to 9999; sent as RFC 3339 text */
  QDRANT_PAYLOAD_JSON = 5      /* JSON text: one value; with key NULL one object whose members are the payload */
} qdrant_payload_kind;

typedef struct qdrant_payload_column {
  const char *key; /* payload key; NULL only with JSON */
  qdrant_payload_kind kind;
  const void *values;      /* by kind; text kinds: the bytes of all values, one after the other */
  const void *offsets;     /* text kinds: one more than there are points, each a byte position of offset_bits */
  uint8_t offset_bits;     /* 32 or 64; 0 means 32 (Arrow utf8; 64: large utf8) */
  const uint8_t *validity; /* bit i clear: point i has no such key; NULL: all have */
} qdrant_payload_column;

typedef struct qdrant_uuid {
  uint8_t bytes[16]; /* in the order of its text */
} qdrant_uuid;

/* Points as columns: rows [first, first + n_points) of every column, so that a batch can be cut without a copy. */
typedef struct qdrant_point_batch {
  size_t size; /* sizeof(qdrant_point_batch) */
  size_t first;
  size_t n_points;
  const uint64_t *ids;      /* ids as numbers; may be NULL when all ids are UUIDs */
  const qdrant_uuid *uuids; /* may be NULL when all ids are numbers */
  const uint8_t *is_uuid;   /* bit i set: point i's id is uuids[i]; NULL: all of the kind given, numbers if both are */
  const qdrant_vector_column *vectors;
  size_t n_vectors;
  const qdrant_payload_column *payload;
  size_t n_payload;
} qdrant_point_batch;

#define QDRANT_POINT_BATCH_INIT QDRANT_SIZED(qdrant_point_batch)

/* A point's id: a number, or a UUID when is_uuid is set. */
typedef struct qdrant_point_id {
  uint64_t num;
  qdrant_uuid uuid;
  uint8_t is_uuid;
} qdrant_point_id;

#ifdef __cplusplus
}
#endif
#endif
