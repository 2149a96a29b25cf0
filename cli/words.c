#include "cli/words.h"

#include "cli/fail.h"
#include "cli/lines.h"
#include "qdrant/source.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* More is not what this data is: the whole of it is read at once. */
enum { max_words = 1000000, max_word_bytes = 256, max_text_bytes = max_words * 16 };

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the words");
}

/* Makes room for the rows, whose number is known. */
static qdrant_status make_vectors(qdrant_source *source, const char *path, qd_words *words, qdrant_error *err) {
  const qdrant_source_vector *vector;
  size_t n_vectors;
  qdrant_status status = qdrant_source_schema(source, &vector, &n_vectors, err);
  if (status != QDRANT_OK)
    return status;
  if (qdrant_source_n_points(source) > max_words)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%s: more than %d rows", path, max_words);
  words->n = (size_t)qdrant_source_n_points(source);
  words->dim = vector->dim;
  words->vectors = malloc(words->n * words->dim * sizeof *words->vectors + 1);
  return words->vectors ? QDRANT_OK : fail_memory(err);
}

static qdrant_status read_vectors(const char *path, qd_words *words, qdrant_error *err) {
  qdrant_source *source = NULL;
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  options.format = QDRANT_SOURCE_NPY;
  qdrant_status status = qdrant_source_open(path, &options, &source, err);
  if (status == QDRANT_OK)
    status = make_vectors(source, path, words, err);
  for (size_t n = 0; status == QDRANT_OK && n < words->n; n += batch.n_points) {
    status = qdrant_source_next(source, &batch, err);
    if (status == QDRANT_OK && batch.n_points == 0)
      break;
    if (status == QDRANT_OK)
      memcpy(words->vectors + n * words->dim, batch.vectors->values, batch.n_points * words->dim * sizeof(float));
  }
  qdrant_source_close(source);
  return status;
}

static qdrant_status read_lines(qd_lines *input, qd_words *words, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  const char *line = NULL;
  size_t n_line, n_text = 0;
  words->text = malloc(max_text_bytes);
  words->offsets = calloc(words->n + 1, sizeof *words->offsets);
  if (!words->text || !words->offsets)
    return fail_memory(err);
  for (size_t i = 0; status == QDRANT_OK && i < words->n; i++) {
    status = qd_lines_next(input, max_word_bytes, &line, &n_line, err);
    if (status == QDRANT_OK && (!line || n_text + n_line > max_text_bytes))
      return qd_cli_fail(
          err, QDRANT_INVALID_ARGUMENT, "%s: %zu words for %zu vectors", qd_lines_name(input), i, words->n);
    if (status == QDRANT_OK)
      memcpy(words->text + n_text, line, n_line);
    n_text += status == QDRANT_OK ? n_line : 0;
    words->offsets[i + 1] = (int64_t)n_text;
  }
  return status;
}

static qdrant_status number_words(qd_words *words, qdrant_error *err) {
  words->ids = malloc(words->n * sizeof *words->ids + 1);
  words->ranks = malloc(words->n * sizeof *words->ranks + 1);
  if (!words->ids || !words->ranks)
    return fail_memory(err);
  for (size_t i = 0; i < words->n; i++) {
    words->ids[i] = i + 1;
    words->ranks[i] = (int64_t)i + 1;
  }
  return QDRANT_OK;
}

static qdrant_status read_text(const char *path, qd_words *words, qdrant_error *err) {
  qd_lines *input = NULL;
  qdrant_status status = qd_lines_open(path, &input, err);
  if (status == QDRANT_OK)
    status = read_lines(input, words, err);
  qd_lines_close(input);
  return status;
}

/* Reads a file of the folder with read. */
static qdrant_status read_file(const char *folder, const char *name, qd_words *words,
    qdrant_status (*read)(const char *path, qd_words *words, qdrant_error *err), qdrant_error *err) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  qdrant_status status = read(path, words, err);
  if (status == QDRANT_NOT_FOUND || status == QDRANT_IO_ERROR)
    qd_cli_suffix(err, " (--data names the folder)");
  return status;
}

qdrant_status qd_words_read(const char *folder, qd_words *words, qdrant_error *err) {
  *words = (qd_words){.n = 0};
  qdrant_status status = read_file(folder, "words-100d.npy", words, read_vectors, err);
  if (status == QDRANT_OK)
    status = read_file(folder, "words.txt", words, read_text, err);
  if (status == QDRANT_OK)
    status = number_words(words, err);
  if (status != QDRANT_OK)
    qd_words_free(words);
  return status;
}

void qd_words_free(qd_words *words) {
  free(words->vectors);
  free(words->text);
  free(words->offsets);
  free(words->ranks);
  free(words->ids);
  *words = (qd_words){.n = 0};
}

size_t qd_words_find(const qd_words *words, const char *word) {
  size_t i = 0, n = strlen(word);
  while (i < words->n && ((size_t)(words->offsets[i + 1] - words->offsets[i]) != n ||
                             memcmp(words->text + words->offsets[i], word, n) != 0))
    i++;
  return i;
}
