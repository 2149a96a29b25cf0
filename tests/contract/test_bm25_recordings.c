#include "core/arena.h"
#include "core/json_value.h"
#include "memory/bm25.h"
#include "tests/support/recording.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The vectors that a real server's model qdrant/bm25 made of texts. */

static struct json_object *member(struct json_object *object, const char *name) {
  struct json_object *value = NULL;
  assert_true(json_object_object_get_ex(object, name, &value));
  return value;
}

static Qdrant__Document__OptionsEntry *make_option(const char *name, struct json_object *json, qd_arena *arena) {
  Qdrant__Document__OptionsEntry *entry = qd_arena_alloc(arena, sizeof *entry);
  const char *text = json_object_to_json_string(json);
  assert_non_null(entry);
  qdrant__document__options_entry__init(entry);
  entry->has_key = 1;
  entry->key.len = strlen(name);
  entry->key.data = (uint8_t *)qd_arena_strndup(arena, name, strlen(name));
  entry->value = qd_arena_alloc(arena, sizeof *entry->value);
  assert_non_null(entry->value);
  assert_int_equal(qd_json_text_to_value(text, strlen(text), arena, entry->value, NULL), QDRANT_OK);
  return entry;
}

static void make_document(struct json_object *line, qd_arena *arena, Qdrant__Document *document) {
  struct json_object *options = member(line, "options");
  qdrant__document__init(document);
  document->text = (char *)(uintptr_t)json_object_get_string(member(line, "text"));
  document->options = qd_arena_alloc(arena, (size_t)(json_object_object_length(options) + 1) * sizeof(void *));
  assert_non_null(document->options);
  json_object_object_foreach(options, name, value) document->options[document->n_options++] =
      make_option(name, value, arena);
}

static int is_recorded(struct json_object *line, const qd_vector *vector) {
  struct json_object *indices = member(line, "indices");
  struct json_object *values = member(line, "values");
  if (json_object_array_length(indices) != vector->n)
    return 0;
  for (size_t i = 0; i < vector->n; i++) {
    double difference = json_object_get_double(json_object_array_get_idx(values, i)) - (double)vector->values[i];
    if ((uint32_t)json_object_get_int64(json_object_array_get_idx(indices, i)) != vector->indices[i] ||
        difference > 1e-6 || difference < -1e-6)
      return 0;
  }
  return 1;
}

/* The server cuts a script without blanks by a dictionary, which the engine has not. */
static int needs_dictionary(struct json_object *line) {
  struct json_object *tokenizer = NULL;
  return json_object_object_get_ex(member(line, "options"), "tokenizer", &tokenizer) &&
         strcmp(json_object_get_string(tokenizer), "multilingual") == 0;
}

/* 1 when the vector of the line's text is the recorded one, unless it cannot be. */
static int check_line(const char *text, qd_arena *arena) {
  Qdrant__Document document;
  qd_vector vector;
  struct json_object *line = json_tokener_parse(text);
  assert_non_null(line);
  make_document(line, arena, &document);
  assert_int_equal(qd_bm25_embed(&document, QD_TEXT_STORED, arena, &vector, NULL), QDRANT_OK);
  int is_same = is_recorded(line, &vector) != needs_dictionary(line);
  if (!is_same)
    print_message("differs: %s", text);
  json_object_put(line);
  return is_same;
}

static void test_bm25_recorded_texts_have_the_recorded_vectors(void **state) {
  char path[512];
  char *line = NULL;
  size_t capacity = 0;
  size_t n_lines = 0;
  size_t n_different = 0;
  qd_arena *arena = qd_arena_new(0);
  (void)state;
  snprintf(path, sizeof path, "%s/bm25.jsonl", recording_directory());
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  for (; getline(&line, &capacity, file) > 0; n_lines++) {
    n_different += !check_line(line, arena);
    qd_arena_reset(arena);
  }
  free(line);
  fclose(file);
  qd_arena_free(arena);
  print_message("%zu texts compared\n", n_lines);
  assert_true(n_lines > 20);
  assert_int_equal(n_different, 0);
}

/* A word and the index that the server gives it, a tab between. */
static int check_word(char *line, qd_arena *arena) {
  Qdrant__Document document = QDRANT__DOCUMENT__INIT;
  qd_vector vector;
  char *tab = strchr(line, '\t');
  assert_non_null(tab);
  *tab = '\0';
  document.text = line;
  assert_int_equal(qd_bm25_embed(&document, QD_TEXT_STORED, arena, &vector, NULL), QDRANT_OK);
  int is_same = vector.n == 1 && vector.indices[0] == strtoul(tab + 1, NULL, 10);
  if (!is_same)
    print_message("differs: %s\n", line);
  return is_same;
}

static void test_bm25_recorded_words_have_the_recorded_indices(void **state) {
  char path[512];
  char line[256];
  size_t n_lines = 0;
  size_t n_different = 0;
  qd_arena *arena = qd_arena_new(0);
  (void)state;
  snprintf(path, sizeof path, "%s/bm25-words.tsv", recording_directory());
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  for (; fgets(line, sizeof line, file) != NULL; n_lines++) {
    n_different += !check_word(line, arena);
    qd_arena_reset(arena);
  }
  fclose(file);
  qd_arena_free(arena);
  print_message("%zu words compared\n", n_lines);
  assert_true(n_lines > 200);
  assert_int_equal(n_different, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bm25_recorded_texts_have_the_recorded_vectors),
      cmocka_unit_test(test_bm25_recorded_words_have_the_recorded_indices),
  };
  if (recording_directory() == NULL) {
    puts("skipped: the recordings of a real server are not here (QDRANT_RECORDINGS names their folder)");
    return 77;
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
