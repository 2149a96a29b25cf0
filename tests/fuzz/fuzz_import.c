#include "cli/matrix.h"
#include "cli/source.h"
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

/* Reads to the end or to the first error, which has a message. */
static void read_all(qd_source *source, qdrant_error *err) {
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  qdrant_status status;
  do {
    status = source->ops->read(source, &batch, err);
    if (status == QDRANT_OK)
      require_chunk(&batch);
  } while (status == QDRANT_OK && batch.n_points > 0);
  fuzz_require(status == QDRANT_OK || err->message[0] != '\0', "a message with every error");
}

static void read_rows(qd_input *input, qd_file_format format, qd_source_options *options, qdrant_error *err) {
  qd_matrix matrix = {.raw = NULL};
  qd_source *source = NULL;
  if (qd_matrix_open(&matrix, input, format, err) == QDRANT_OK &&
      qd_rows_open(&matrix, options, &source, err) == QDRANT_OK)
    read_all(source, err);
  if (source)
    source->ops->close(source);
  qd_matrix_close(&matrix);
}

static void read_lines(qd_source_options *options, qdrant_error *err) {
  static char text[] = "t", terms[] = "s", parts[] = "m";
  static qd_schema_vector vectors[] = {{NULL, QDRANT_DENSE, 2, QDRANT__DISTANCE__Dot},
      {text, QDRANT_DENSE, 1, QDRANT__DISTANCE__Dot}, {terms, QDRANT_SPARSE, 0, QDRANT__DISTANCE__Dot},
      {parts, QDRANT_MULTI, 2, QDRANT__DISTANCE__Dot}};
  static const qd_schema schema = {vectors, 4};
  qd_source *source = NULL;
  qd_schema inferred = {0};
  if (qd_jsonl_open(options, &source, err) == QDRANT_OK) {
    (void)qd_jsonl_infer(source, QDRANT__DISTANCE__Dot, &inferred, err);
    if (qd_jsonl_use(source, &schema, err) == QDRANT_OK)
      read_all(source, err);
    source->ops->close(source);
  }
  qd_schema_free(&inferred);
}

/* Any file given to an import is read or refused, in the format that its first bytes tell. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  made_file file = made_file_of(bytes, n_bytes);
  qd_input *input = NULL;
  qdrant_error err = {.message = ""};
  fuzz_require(qd_input_open(file.path, &input, &err) == QDRANT_OK, "an open file");
  qd_source_options options = {.input = input, .max_points = 3};
  qd_file_format format = qd_format_of(input, QD_FILE_SNIFF);
  if (format == QD_FILE_JSONL)
    read_lines(&options, &err);
  else
    read_rows(input, format, &options, &err);
  qd_input_close(input);
  made_file_drop(&file);
  return 0;
}
