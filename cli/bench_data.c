#include "cli/bench_data.h"

#include "cli/fail.h"

#include <stdlib.h>

enum { max_set_bytes = 32 << 20, max_sets = 16, name_bytes = 8 };

/* xorshift64: the same vectors in every run. */
static float next_random(qd_bench_data *data) {
  data->random ^= data->random << 13;
  data->random ^= data->random >> 7;
  data->random ^= data->random << 17;
  return (float)(data->random >> 40) / 8388608.0f - 1.0f;
}

static int allocate(qd_bench_data *data) {
  size_t n = data->n_rows;
  data->vectors = malloc(data->n_sets * n * data->dim * sizeof *data->vectors);
  data->ids = malloc(n * sizeof *data->ids);
  data->ranks = malloc(n * sizeof *data->ranks);
  data->names = malloc(n * name_bytes + 1);
  data->name_offsets = malloc((n + 1) * sizeof *data->name_offsets);
  return data->vectors && data->ids && data->ranks && data->names && data->name_offsets;
}

static void fill_payload(qd_bench_data *data) {
  for (size_t i = 0; i < data->n_rows; i++) {
    data->ranks[i] = (int64_t)i;
    data->name_offsets[i] = (int32_t)(name_bytes * i);
    snprintf(data->names + name_bytes * i, name_bytes + 1, "word%04zu", i % 10000);
  }
  data->name_offsets[data->n_rows] = (int32_t)(name_bytes * data->n_rows);
  data->payload[0] = (qdrant_payload_column){
      .key = "name", .kind = QDRANT_PAYLOAD_KEYWORD, .values = data->names, .offsets = data->name_offsets};
  data->payload[1] = (qdrant_payload_column){.key = "rank", .kind = QDRANT_PAYLOAD_INTEGER, .values = data->ranks};
}

qdrant_status qd_bench_data_make(qd_bench_data *data, size_t n_rows, size_t dim, qdrant_error *err) {
  size_t n_sets = max_set_bytes / (n_rows * dim * sizeof(float));
  *data = (qd_bench_data){.dim = dim, .n_rows = n_rows, .random = 0x9e3779b97f4a7c15u};
  data->n_sets = n_sets < 1 ? 1 : n_sets > max_sets ? max_sets : n_sets;
  if (!allocate(data))
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu vectors of %zu floats", n_rows, dim);
  for (size_t i = 0; i < data->n_sets * n_rows * dim; i++)
    data->vectors[i] = next_random(data);
  fill_payload(data);
  return QDRANT_OK;
}

void qd_bench_data_free(qd_bench_data *data) {
  free(data->vectors);
  free(data->ids);
  free(data->ranks);
  free(data->names);
  free(data->name_offsets);
}

const float *qd_bench_rows(const qd_bench_data *data, size_t call) {
  return data->vectors + call % data->n_sets * data->n_rows * data->dim;
}

qdrant_point_batch qd_bench_points(qd_bench_data *data, size_t call, size_t n, uint64_t first_id, int with_payload) {
  for (size_t i = 0; i < n; i++)
    data->ids[i] = first_id + i;
  data->column = (qdrant_vector_column){.dim = (uint32_t)data->dim, .values = qd_bench_rows(data, call)};
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  batch.n_points = n;
  batch.ids = data->ids;
  batch.vectors = &data->column;
  batch.n_vectors = 1;
  batch.payload = data->payload;
  batch.n_payload = with_payload ? 2 : 0;
  return batch;
}

void qd_bench_data_renew(qd_bench_data *data) {
  for (size_t i = 0; i < data->n_rows * data->dim; i++)
    data->vectors[i] = next_random(data);
}
