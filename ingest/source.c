#include "ingest/source.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/sized.h"
#include "core/vectors_encode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { default_points = 1000, most_points = 1000000 };

static int ends_in(const char *name, const char *end) {
  size_t n = strlen(name), n_end = strlen(end);
  return n >= n_end && strcmp(name + n - n_end, end) == 0;
}

static const struct ending {
  const char *text;
  qdrant_source_format format;
} endings[] = {{".npy", QDRANT_SOURCE_NPY}, {".fvecs", QDRANT_SOURCE_FVECS}, {".jsonl", QDRANT_SOURCE_JSONL},
    {".ndjson", QDRANT_SOURCE_JSONL}, {".json", QDRANT_SOURCE_JSONL}};

/* The format of a file by the end of its name, else by its first bytes. */
static qdrant_status find_format(qdrant_source *base, qdrant_error *err) {
  const unsigned char *first;
  size_t n;
  qdrant_status status = qd_input_peek(base->input, 6, &first, &n, err);
  if (status != QDRANT_OK || base->format != QDRANT_SOURCE_BY_NAME)
    return status;
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    if (ends_in(qd_input_name(base->input), endings[i].text))
      base->format = endings[i].format;
  if (base->format != QDRANT_SOURCE_BY_NAME)
    return QDRANT_OK;
  /* A dimension below 2^24 has a zero byte; JSON text has none. */
  base->format = n >= 4 && first[3] == 0 ? QDRANT_SOURCE_FVECS : QDRANT_SOURCE_JSONL;
  if (n >= 6 && memcmp(first, "\x93NUMPY", 6) == 0)
    base->format = QDRANT_SOURCE_NPY;
  return QDRANT_OK;
}

static qdrant_status use_options(qdrant_source *base, const qdrant_source_options *given, qdrant_error *err) {
  qdrant_source_options options;
  qdrant_status status =
      qd_sized_copy(&options, sizeof options, given, "qdrant_source_options", QDRANT_INVALID_ARGUMENT, err);
  if (status != QDRANT_OK)
    return status;
  if (options.format < QDRANT_SOURCE_BY_NAME || options.format > QDRANT_SOURCE_FVECS)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "format %d is no qdrant_source_format", (int)options.format);
  if (options.max_points > most_points)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "max_points %" PRIu32 ": at most %d", options.max_points, (int)most_points);
  base->format = options.format;
  base->first_id = options.has_first_id ? options.first_id : 1;
  base->max_points = options.max_points > 0 ? options.max_points : default_points;
  base->refuses_equal_ids = options.refuses_equal_ids == QDRANT_ON;
  if (options.vector_name != NULL && (base->vector_name = qd_strdup(options.vector_name)) == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory");
  return QDRANT_OK;
}

qdrant_status qdrant_source_open(
    const char *path, const qdrant_source_options *options, qdrant_source **source, qdrant_error *err) {
  qd_error_clear(err);
  if (path == NULL || source == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", path == NULL ? "path" : "source");
  *source = NULL;
  qdrant_source base = {.n_points = 0};
  qdrant_status status = use_options(&base, options, err);
  if (status == QDRANT_OK)
    status = qd_input_open(path, &base.input, err);
  if (status == QDRANT_OK)
    status = find_format(&base, err);
  if (status == QDRANT_OK)
    status = base.format == QDRANT_SOURCE_JSONL ? qd_jsonl_open(&base, source, err) : qd_rows_open(&base, source, err);
  if (status != QDRANT_OK) {
    qd_input_close(base.input);
    qd_free(base.vector_name);
  }
  return status;
}

void qdrant_source_close(qdrant_source *source) {
  if (source == NULL)
    return;
  qd_input_close(source->input);
  qd_free(source->vector_name);
  qd_free(source->identity);
  source->ops->close(source);
}

qdrant_source_format qdrant_source_format_of(const qdrant_source *source) {
  return source != NULL ? source->format : QDRANT_SOURCE_BY_NAME;
}

/* Reads the next piece, unless it is there or an error is to be told first. */
static void need_piece(qdrant_source *source) {
  if (source->has_piece || source->failure.status != QDRANT_OK)
    return;
  source->piece = (qdrant_point_batch)QDRANT_POINT_BATCH_INIT;
  (void)source->ops->read(source, &source->piece, &source->failure);
  source->has_piece = source->piece.n_points > 0 || source->failure.status == QDRANT_OK;
}

/* Tells the error that is due. A point that cannot be read is passed, and a signal is nothing that stays. */
static qdrant_status tell_failure(qdrant_source *source, qdrant_error *err) {
  qdrant_status status = qd_error_pass(err, &source->failure);
  source->position += status == QDRANT_INVALID_ARGUMENT;
  if (status == QDRANT_INVALID_ARGUMENT || status == QDRANT_CANCELLED)
    qd_error_clear(&source->failure);
  return status;
}

qdrant_status qdrant_source_next(qdrant_source *source, qdrant_point_batch *batch, qdrant_error *err) {
  qd_error_clear(err);
  if (source == NULL || batch == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", source == NULL ? "source" : "batch");
  *batch = (qdrant_point_batch)QDRANT_POINT_BATCH_INIT;
  need_piece(source);
  if (!source->has_piece)
    return tell_failure(source, err);
  *batch = source->piece;
  source->has_piece = 0;
  source->position += batch->n_points;
  return QDRANT_OK;
}

uint64_t qdrant_source_position(const qdrant_source *source) {
  return source != NULL ? source->position : 0;
}

qdrant_status qdrant_source_seek(qdrant_source *source, uint64_t point, qdrant_error *err) {
  qd_error_clear(err);
  if (source == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "source is NULL");
  qdrant_status status = source->ops->seek(source, point, err);
  if (status != QDRANT_OK)
    return status;
  source->has_piece = 0;
  qd_error_clear(&source->failure);
  source->position = point;
  return QDRANT_OK;
}

uint64_t qdrant_source_n_points(const qdrant_source *source) {
  return source != NULL ? source->n_points : 0;
}

double qdrant_source_fraction(const qdrant_source *source) {
  int64_t size = source != NULL ? qd_input_size(source->input) : -1;
  if (size <= 0)
    return size < 0 ? -1 : 1;
  double fraction = (double)qd_input_offset(source->input) / (double)size;
  return fraction < 1 ? fraction : 1;
}

qdrant_status qdrant_source_schema(
    qdrant_source *source, const qdrant_source_vector **vectors, size_t *n_vectors, qdrant_error *err) {
  qd_error_clear(err);
  if (source == NULL || vectors == NULL || n_vectors == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL",
        source == NULL    ? "source"
        : vectors == NULL ? "vectors"
                          : "n_vectors");
  *vectors = source->ops->schema(source, n_vectors);
  if (*n_vectors > 0)
    return QDRANT_OK;
  need_piece(source);
  if (!source->has_piece)
    return tell_failure(source, err);
  *vectors = source->ops->schema(source, n_vectors);
  if (*n_vectors > 0)
    return QDRANT_OK;
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%.300s: %s to tell a dimension from", qd_input_name(source->input),
      source->piece.n_points > 0 ? "no point has a vector" : "there is no point");
}

static qdrant_status check_vectors(const qdrant_source_vector *vectors, size_t n_vectors, qdrant_error *err) {
  for (size_t i = 0; i < n_vectors; i++) {
    if (vectors[i].kind < QDRANT_DENSE || vectors[i].kind > QDRANT_MULTI)
      return qd_fail(
          err, QDRANT_INVALID_ARGUMENT, "vectors[%zu]: kind %d is no qdrant_vector_kind", i, (int)vectors[i].kind);
    if (vectors[i].kind != QDRANT_SPARSE && (vectors[i].dim < 1 || vectors[i].dim > QD_MAX_DIM))
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "vectors[%zu]: dim %" PRIu32 "; 1 to %" PRIu32 " are possible", i,
          vectors[i].dim, QD_MAX_DIM);
  }
  return QDRANT_OK;
}

qdrant_status qdrant_source_expect(
    qdrant_source *source, const qdrant_source_vector *vectors, size_t n_vectors, qdrant_error *err) {
  qd_error_clear(err);
  if (source == NULL || (vectors == NULL && n_vectors > 0))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", source == NULL ? "source" : "vectors");
  qdrant_status status = check_vectors(vectors, n_vectors, err);
  if (status != QDRANT_OK)
    return status;
  status = source->ops->expect(source, vectors, n_vectors, err);
  if (status == QDRANT_INVALID_ARGUMENT)
    qd_error_prefix(err, "%.300s: ", qd_input_name(source->input));
  return status;
}

void qdrant_source_place(const qdrant_source *source, uint64_t point, char *place, size_t n_place) {
  if (place == NULL || n_place == 0)
    return;
  place[0] = '\0';
  if (source != NULL)
    source->ops->place(source, point, place, n_place);
}
