#include "bench/uploader.h"

#include "bench/encode.h"
#include "bench/library.h"
#include "qdrant/uploader.h"

/* Ids that take as many bytes as the reference's, and come back only when their batch has long been reported. */
enum { N_IDS = 1000000 };

bool bench_uploader_takes(const bench_case *which) {
  return which->work == BENCH_UPSERT;
}

bool bench_uploader_open(const bench_case *which, uint16_t port, void **state, bench_error *err) {
  static const library_work nothing = {0};
  return bench_library_open(&nothing, which, port, state, err);
}

static void note_latency(void *user, const qdrant_batch_report *report) {
  bench_library *self = user;
  self->latency_ns[report->sequence] = (uint64_t)report->elapsed_ns;
}

static qdrant_status new_uploader(bench_library *self, qdrant_uploader **uploader, qdrant_error *err) {
  const qdrant_upsert_options upsert = {.size = sizeof upsert, .wait = QDRANT_OFF};
  const qdrant_uploader_options options = {.size = sizeof options,
      .upsert = &upsert,
      .max_points = self->which->n_items,
      .max_in_flight = self->which->in_flight,
      .adapts = QDRANT_OFF,
      .done = note_latency,
      .user = self};
  return qdrant_uploader_new(self->client, BENCH_COLLECTION, &options, uploader, err);
}

static qdrant_status add_batch(bench_library *self, qdrant_uploader *uploader, uint64_t number, qdrant_error *err) {
  uint32_t n = self->which->n_items;
  for (uint32_t i = 0; i < n; i++)
    self->ids[i] = bench_point_id((uint32_t)((number * n + i) % N_IDS));
  qdrant_vector_column vectors = {.kind = QDRANT_DENSE, .dim = self->which->dim, .values = self->vectors};
  qdrant_point_batch batch = {
      .size = sizeof batch, .n_points = n, .ids = self->ids, .vectors = &vectors, .n_vectors = 1};
  return qdrant_uploader_add(uploader, &batch, -1, NULL, err);
}

bool bench_uploader_run(void *state, uint64_t n_calls, uint64_t *latency_ns, bench_error *err) {
  bench_library *self = state;
  qdrant_uploader *uploader = NULL;
  qdrant_error failure;
  self->latency_ns = latency_ns;
  qdrant_status status = new_uploader(self, &uploader, &failure);
  for (uint64_t i = 0; i < n_calls && status == QDRANT_OK; i++)
    status = add_batch(self, uploader, i, &failure);
  if (status == QDRANT_OK)
    status = qdrant_uploader_finish(uploader, -1, &failure);
  qdrant_uploader_free(uploader);
  return status == QDRANT_OK || bench_fail(err, "%s: %s", qdrant_status_name(status), failure.message);
}
