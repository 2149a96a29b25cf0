#include "qdrant/source.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/made_file.h"

#include <math.h>
#include <string.h>

/* What every point of a chunk must be like, whatever file it was read from. */
static void require_chunk(const qdrant_point_batch *batch) {
  for (size_t v = 0; v < batch->n_vectors; v++) {
    const qdrant_vector_column *column = &batch->vectors[v];
    size_t n = column->kind == QDRANT_DENSE ? batch->n_points * column->dim : (size_t)column->offsets[batch->n_points];
    if (column->kind == QDRANT_MULTI)
      n *= column->dim;
    for (size_t i = 0; i < n; i++)
      fuzz_require(isfinite(column->values[i]) != 0, "finite floats");
    for (size_t i = 0; column->kind != QDRANT_DENSE && i < batch->n_points; i++)
      fuzz_require(column->offsets[i] <= column->offsets[i + 1], "offsets that do not fall");
  }
  for (size_t p = 0; p < batch->n_payload; p++) {
    const int64_t *offsets = batch->payload[p].offsets;
    for (size_t i = 0; i < batch->n_points; i++)
      fuzz_require(offsets[i] <= offsets[i + 1], "payload offsets that do not fall");
  }
}

/* Reads to the end, over every point that cannot be read; errors have a message. */
static void read_all(qdrant_source *source) {
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  qdrant_error err;
  qdrant_status status;
  uint64_t position;
  do {
    position = qdrant_source_position(source);
    status = qdrant_source_next(source, &batch, &err);
    require_chunk(&batch);
    fuzz_require(status == QDRANT_OK || err.message[0] != '\0', "a message with every error");
    fuzz_require(
        status != QDRANT_INVALID_ARGUMENT || qdrant_source_position(source) == position + 1, "one point is passed");
  } while ((status == QDRANT_OK && batch.n_points > 0) || status == QDRANT_INVALID_ARGUMENT);
}

/* Reads what a collection takes, what the file has, and the file again from its middle. */
static void read_source(qdrant_source *source, int is_expecting) {
  static const qdrant_source_vector vectors[] = {
      {NULL, QDRANT_DENSE, 2}, {"t", QDRANT_DENSE, 1}, {"s", QDRANT_SPARSE, 0}, {"m", QDRANT_MULTI, 2}};
  const qdrant_source_vector *found;
  size_t n_found;
  qdrant_error err;
  if (is_expecting)
    (void)qdrant_source_expect(source, vectors, 4, &err);
  else
    (void)qdrant_source_schema(source, &found, &n_found, &err);
  read_all(source);
  uint64_t n = qdrant_source_position(source);
  fuzz_require(qdrant_source_seek(source, n / 2, &err) == QDRANT_OK, "a seek to a point that was there");
  read_all(source);
  fuzz_require(qdrant_source_position(source) == n, "as many points as before");
}

/* Any file given to an import is read or refused, in the format that its first bytes tell. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  made_file file = made_file_of(bytes, n_bytes);
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  options.max_points = 3;
  for (int i = 0; i < 2; i++) {
    qdrant_source *source = NULL;
    qdrant_error err = {.message = ""};
    options.refuses_equal_ids = i ? QDRANT_ON : QDRANT_OFF;
    if (qdrant_source_open(file.path, &options, &source, &err) == QDRANT_OK)
      read_source(source, i);
    else
      fuzz_require(err.message[0] != '\0', "a message with every error");
    qdrant_source_close(source);
  }
  made_file_drop(&file);
  return 0;
}
