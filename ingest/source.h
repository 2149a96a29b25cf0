#ifndef QD_INGEST_SOURCE_H
#define QD_INGEST_SOURCE_H

#include "ingest/input.h"
#include "qdrant/source.h"

/* What a format does. Points of a source are counted in source.c. */
typedef struct qd_source_ops {
  /* Reads the next piece as columns that live until the next call; batch->n_points is 0 at the end. After an error
   * the batch has the points before the one that failed; INVALID_ARGUMENT has passed that one. */
  qdrant_status (*read)(qdrant_source *source, qdrant_point_batch *batch, qdrant_error *err);
  qdrant_status (*seek)(qdrant_source *source, uint64_t point, qdrant_error *err);
  /* The vectors that are known; they live until the next read. */
  const qdrant_source_vector *(*schema)(qdrant_source *source, size_t *n_vectors);
  qdrant_status (*expect)(
      qdrant_source *source, const qdrant_source_vector *vectors, size_t n_vectors, qdrant_error *err);
  void (*place)(const qdrant_source *source, uint64_t point, char *place, size_t n_place);
  void (*close)(qdrant_source *source); /* frees all but what source.c made */
} qd_source_ops;

/* The head of every format's own struct. */
struct qdrant_source {
  const qd_source_ops *ops;
  qd_input *input;
  char *vector_name; /* NULL: the unnamed one */
  uint64_t first_id;
  size_t max_points; /* of a piece */
  int refuses_equal_ids;
  qdrant_source_format format; /* not BY_NAME */
  uint64_t n_points;           /* 0: not known */
  uint64_t position;
  qdrant_point_batch piece; /* read ahead for its schema when has_piece */
  int has_piece;
  qdrant_error failure; /* of the point behind the piece, or for good; OK: none */
  char *identity;
};

/* Open what follows input's first bytes as a struct that begins with *base, which is copied into it; the names and the
 * input stay base's until they are open. */
qdrant_status qd_rows_open(const qdrant_source *base, qdrant_source **source, qdrant_error *err);
qdrant_status qd_jsonl_open(const qdrant_source *base, qdrant_source **source, qdrant_error *err);

/* A piece ends when its vectors and payload have this many bytes. */
#define QD_PIECE_BYTES ((size_t)16 << 20)

#endif
