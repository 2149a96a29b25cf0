#ifndef QD_CLI_BENCH_DATA_H
#define QD_CLI_BENCH_DATA_H

#include "qdrant/columns.h"
#include "qdrant/error.h"

/* Random vectors and payload for loads, made before the clock runs. */
typedef struct qd_bench_data {
  size_t dim, n_rows; /* of one set */
  float *vectors;     /* n_sets sets, used in turn */
  size_t n_sets;
  uint64_t *ids;         /* of one batch */
  int64_t *ranks;        /* payload */
  char *names;           /* payload, 8 bytes each */
  int32_t *name_offsets; /* one more than rows */
  uint64_t random;
  qdrant_vector_column column;
  qdrant_payload_column payload[2];
} qd_bench_data;

/* Makes data for batches of up to n_rows points. On failure it is to be freed all the same. */
qdrant_status qd_bench_data_make(qd_bench_data *data, size_t n_rows, size_t dim, qdrant_error *err);
void qd_bench_data_free(qd_bench_data *data);

/* The rows for a call. */
const float *qd_bench_rows(const qd_bench_data *data, size_t call);

/* n points for a call, with ids from first_id on; they live until the next call. */
qdrant_point_batch qd_bench_points(qd_bench_data *data, size_t call, size_t n, uint64_t first_id, int with_payload);

/* Makes the first set anew. */
void qd_bench_data_renew(qd_bench_data *data);

#endif
