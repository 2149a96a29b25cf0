#ifndef QD_CLI_SOURCE_H
#define QD_CLI_SOURCE_H

#include "cli/input.h"
#include "cli/matrix.h"
#include "cli/schema.h"
#include "qdrant/columns.h"

/* Points read from a file in chunks of bounded memory. */
typedef struct qd_source qd_source;

typedef struct qd_source_ops {
  /* Reads the next points as columns that live until the next call; batch->n_points is 0 at the end. An error names the
   * line or row, and nothing of the chunk is given out. */
  qdrant_status (*read)(qd_source *source, qdrant_point_batch *batch, qdrant_error *err);
  /* "line 12" or "row 12": where the point at a position of the last chunk came from. */
  void (*place)(const qd_source *source, size_t position, char *text, size_t n_text);
  void (*close)(qd_source *source);
} qd_source_ops;

struct qd_source {
  const qd_source_ops *ops;
  uint64_t n_total; /* points in all; 0: not known */
};

/* What a source is opened with. All borrowed; schema must outlive the source. */
typedef struct qd_source_options {
  qd_input *input;
  const char *vector_name; /* rows: the vector they are; NULL: the unnamed one */
  uint64_t first_id;       /* rows: id of the first */
  size_t max_points;       /* in a chunk; fewer when they are large */
  int allows_duplicates;   /* lines: equal ids within a chunk pass */
} qd_source_options;

/* Rows of a matrix as points with ids in sequence. */
qdrant_status qd_rows_open(qd_matrix *matrix, const qd_source_options *options, qd_source **source, qdrant_error *err);

/* JSON Lines. The first line is read at once. */
qdrant_status qd_jsonl_open(const qd_source_options *options, qd_source **source, qdrant_error *err);

/* Adds to schema the vectors that the first line has: what a collection for these lines would take. */
qdrant_status qd_jsonl_infer(const qd_source *source, Qdrant__Distance distance, qd_schema *schema, qdrant_error *err);

/* Says what the collection takes, to be called before the first read. Not OK: the source does not fit it at all. */
qdrant_status qd_rows_use(qd_source *source, const qd_schema *schema, qdrant_error *err);
qdrant_status qd_jsonl_use(qd_source *source, const qd_schema *schema, qdrant_error *err);

#endif
