#include "cli/words.h"

#include "cli/fail.h"
#include "cli/input.h"
#include "cli/matrix.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* More is not what this data is: the whole of it is read at once. */
enum { max_words = 1000000, max_word_bytes = 256, max_text_bytes = max_words * 16 };

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the words");
}

static qdrant_status read_vectors(qd_input *input, qd_words *words, qdrant_error *err) {
  qd_matrix matrix;
  size_t n = 0;
  qdrant_status status = qd_matrix_open(&matrix, input, QD_FILE_NPY, err);
  if (status == QDRANT_OK && matrix.n_rows > max_words)
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%s: more than %d rows", qd_input_name(input), max_words);
  if (status == QDRANT_OK) {
    words->n = (size_t)matrix.n_rows;
    words->dim = matrix.dim;
    words->vectors = malloc(words->n * matrix.dim * sizeof *words->vectors + 1);
    status = words->vectors ? qd_matrix_read(&matrix, words->vectors, words->n, &n, err) : fail_memory(err);
  }
  qd_matrix_close(&matrix);
  return status;
}

static qdrant_status read_text(qd_input *input, qd_words *words, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  const char *line = NULL;
  size_t n_line, n_text = 0;
  words->text = malloc(max_text_bytes);
  words->offsets = calloc(words->n + 1, sizeof *words->offsets);
  if (!words->text || !words->offsets)
    return fail_memory(err);
  for (size_t i = 0; status == QDRANT_OK && i < words->n; i++) {
    status = qd_input_line(input, max_word_bytes, &line, &n_line, err);
    if (status == QDRANT_OK && (!line || n_text + n_line > max_text_bytes))
      return qd_cli_fail(
          err, QDRANT_INVALID_ARGUMENT, "%s: %zu words for %zu vectors", qd_input_name(input), i, words->n);
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

/* Opens a file of the folder and reads it with read. */
static qdrant_status read_file(const char *folder, const char *name, qd_words *words,
    qdrant_status (*read)(qd_input *input, qd_words *words, qdrant_error *err), qdrant_error *err) {
  char path[PATH_MAX];
  qd_input *input = NULL;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  qdrant_status status = qd_input_open(path, &input, err);
  if (status != QDRANT_OK)
    qd_cli_suffix(err, " (--data names the folder)");
  if (status == QDRANT_OK)
    status = read(input, words, err);
  qd_input_close(input);
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
