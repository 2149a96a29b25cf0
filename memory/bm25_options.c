#include "memory/bm25_options.h"

#include "core/error.h"
#include "memory/path.h"
#include "memory/stop_words.h"

#include <math.h>
#include <string.h>

typedef struct option {
  const char *name;
  qdrant_status (*read)(const struct option *option, const Qdrant__Value *value, qd_arena *arena,
      qd_bm25_options *options, qdrant_error *err);
} option;

static qdrant_status fail_option(const option *of, const char *rule, qdrant_error *err) {
  return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: Invalid BM25 config: %s must be %s", of->name, rule);
}

/* The text, ended by NUL, in arena; NULL when it is none, holds a NUL or memory is short, which err tells then. */
static const char *copy_text(const Qdrant__Value *value, qd_arena *arena, qdrant_error *err) {
  if (value == NULL || value->kind_case != QDRANT__VALUE__KIND_STRING_VALUE)
    return NULL;
  const ProtobufCBinaryData *text = &value->string_value;
  if (text->len > 0 && memchr(text->data, '\0', text->len) != NULL)
    return NULL;
  const char *copy = qd_arena_strndup(arena, text->len > 0 ? (const char *)text->data : "", text->len);
  if (copy == NULL)
    qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the options of a text");
  return copy;
}

static qdrant_status read_text(
    const option *of, const Qdrant__Value *value, qd_arena *arena, const char **text, qdrant_error *err) {
  qdrant_error why = {0};
  *text = copy_text(value, arena, &why);
  if (*text != NULL)
    return QDRANT_OK;
  return why.status != QDRANT_OK ? qd_error_pass(err, &why) : fail_option(of, "a text", err);
}

static int read_number(const Qdrant__Value *value, double *number) {
  if (value->kind_case == QDRANT__VALUE__KIND_DOUBLE_VALUE)
    *number = value->double_value;
  else if (value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE)
    *number = (double)value->integer_value;
  else
    return 0;
  return 1;
}

static qdrant_status read_factor(
    const option *of, const Qdrant__Value *value, qd_arena *arena, qd_bm25_options *options, qdrant_error *err) {
  (void)arena;
  double *factor = strcmp(of->name, "k") == 0   ? &options->k
                   : strcmp(of->name, "b") == 0 ? &options->b
                                                : &options->average_words;
  return read_number(value, factor) ? QDRANT_OK : fail_option(of, "a number", err);
}

static qdrant_status read_tokenizer(
    const option *of, const Qdrant__Value *value, qd_arena *arena, qd_bm25_options *options, qdrant_error *err) {
  static const struct {
    const char *name;
    Qdrant__TokenizerType type;
  } types[] = {{"prefix", QDRANT__TOKENIZER_TYPE__Prefix}, {"whitespace", QDRANT__TOKENIZER_TYPE__Whitespace},
      {"word", QDRANT__TOKENIZER_TYPE__Word}, {"multilingual", QDRANT__TOKENIZER_TYPE__Multilingual}};
  const char *name;
  qdrant_status status = read_text(of, value, arena, &name, err);
  if (status != QDRANT_OK)
    return status;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (strcmp(types[i].name, name) == 0) {
      options->text.tokenizer = types[i].type;
      return QDRANT_OK;
    }
  return fail_option(of, "prefix, whitespace, word or multilingual", err);
}

static qdrant_status read_language(
    const option *of, const Qdrant__Value *value, qd_arena *arena, qd_bm25_options *options, qdrant_error *err) {
  return read_text(of, value, arena, &options->language, err);
}

static qdrant_status read_switch(
    const option *of, const Qdrant__Value *value, qd_arena *arena, qd_bm25_options *options, qdrant_error *err) {
  (void)arena;
  if (value->kind_case != QDRANT__VALUE__KIND_BOOL_VALUE)
    return fail_option(of, "true or false", err);
  if (strcmp(of->name, "lowercase") == 0)
    options->text.lowercase = value->bool_value;
  else
    options->text.ascii_folding = value->bool_value;
  return QDRANT_OK;
}

static qdrant_status read_length(
    const option *of, const Qdrant__Value *value, qd_arena *arena, qd_bm25_options *options, qdrant_error *err) {
  (void)arena;
  if (value->kind_case != QDRANT__VALUE__KIND_INTEGER_VALUE || value->integer_value < 0)
    return fail_option(of, "a whole number that is not negative", err);
  int is_least = strcmp(of->name, "min_token_len") == 0;
  options->text.has_min_token_len |= is_least;
  options->text.has_max_token_len |= !is_least;
  *(is_least ? &options->text.min_token_len : &options->text.max_token_len) = (uint64_t)value->integer_value;
  return QDRANT_OK;
}

/* A list of texts at a key of an object; none when there is no such key. */
static qdrant_status read_texts(
    const option *of, const Qdrant__Value *list, qd_arena *arena, size_t *n, char ***texts, qdrant_error *err) {
  if (list == NULL || list->kind_case == QDRANT__VALUE__KIND_NULL_VALUE)
    return QDRANT_OK;
  if (list->kind_case != QDRANT__VALUE__KIND_LIST_VALUE)
    return fail_option(of, "lists of texts", err);
  *texts = qd_arena_alloc(arena, (list->list_value->n_values + 1) * sizeof **texts);
  if (*texts == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the options of a text");
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < list->list_value->n_values && status == QDRANT_OK; i++) {
    const char *text;
    status = read_text(of, list->list_value->values[i], arena, &text, err);
    (*texts)[(*n)++] = (char *)text;
  }
  return status;
}

/* A language, or an object with lists of languages and of words. */
static qdrant_status read_stop_words(
    const option *of, const Qdrant__Value *value, qd_arena *arena, qd_bm25_options *options, qdrant_error *err) {
  Qdrant__StopwordsSet *set = &options->stop_words;
  options->text.stopwords = set;
  if (value->kind_case == QDRANT__VALUE__KIND_STRUCT_VALUE) {
    const Qdrant__Struct *fields = value->struct_value;
    qdrant_status status =
        read_texts(of, qd_struct_get(fields, "languages", 9), arena, &set->n_languages, &set->languages, err);
    return status == QDRANT_OK
               ? read_texts(of, qd_struct_get(fields, "custom", 6), arena, &set->n_custom, &set->custom, err)
               : status;
  }
  const char *language;
  qdrant_status status = read_text(of, value, arena, &language, err);
  set->languages = qd_arena_alloc(arena, sizeof *set->languages);
  if (status != QDRANT_OK)
    return status;
  if (set->languages == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the options of a text");
  set->languages[set->n_languages++] = (char *)language;
  return QDRANT_OK;
}

/* {"type": "snowball", "language": …} or {"type": "none"}. */
static qdrant_status read_stemmer(
    const option *of, const Qdrant__Value *value, qd_arena *arena, qd_bm25_options *options, qdrant_error *err) {
  const char *type;
  const char *language;
  if (value->kind_case != QDRANT__VALUE__KIND_STRUCT_VALUE)
    return fail_option(of, "an object", err);
  options->text.stemmer = &options->stemmer;
  qdrant_status status = read_text(of, qd_struct_get(value->struct_value, "type", 4), arena, &type, err);
  if (status != QDRANT_OK || strcmp(type, "none") == 0)
    return status;
  status = read_text(of, qd_struct_get(value->struct_value, "language", 8), arena, &language, err);
  options->stemmer.stemming_params_case = QDRANT__STEMMING_ALGORITHM__STEMMING_PARAMS_SNOWBALL;
  options->stemmer.snowball = &options->snowball;
  options->snowball.language = (char *)language;
  return status;
}

static const option known_options[] = {
    {"k", read_factor},
    {"b", read_factor},
    {"avg_len", read_factor},
    {"tokenizer", read_tokenizer},
    {"language", read_language},
    {"lowercase", read_switch},
    {"ascii_folding", read_switch},
    {"stopwords", read_stop_words},
    {"stemmer", read_stemmer},
    {"min_token_len", read_length},
    {"max_token_len", read_length},
};

static qdrant_status read_option(
    const Qdrant__Document__OptionsEntry *entry, qd_arena *arena, qd_bm25_options *options, qdrant_error *err) {
  if (entry->value == NULL || entry->value->kind_case == QDRANT__VALUE__KIND_NULL_VALUE ||
      entry->value->kind_case == QDRANT__VALUE__KIND__NOT_SET)
    return QDRANT_OK;
  for (size_t i = 0; i < sizeof known_options / sizeof known_options[0]; i++) {
    const option *known = &known_options[i];
    if (strlen(known->name) == entry->key.len && memcmp(known->name, entry->key.data, entry->key.len) == 0)
      return known->read(known, entry->value, arena, options, err);
  }
  return QDRANT_OK;
}

static qdrant_status check_factors(const qd_bm25_options *options, qdrant_error *err) {
  if (!isfinite(options->k) || options->k < 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: BM25 k1 must be finite and >= 0, got %g", options->k);
  if (!(options->b >= 0 && options->b <= 1))
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "Wrong input: BM25 b must be finite and in [0.0, 1.0], got %g", options->b);
  if (!isfinite(options->average_words) || options->average_words <= 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Wrong input: BM25 avg_doc_len must be finite and > 0, got %g",
        options->average_words);
  return QDRANT_OK;
}

qdrant_status qd_bm25_options_read(
    const Qdrant__Document *document, qd_arena *arena, qd_bm25_options *options, qdrant_error *err) {
  *options = (qd_bm25_options){.k = 1.2, .b = 0.75, .average_words = 256, .language = "english"};
  qdrant__text_index_params__init(&options->text);
  qdrant__stopwords_set__init(&options->stop_words);
  qdrant__stemming_algorithm__init(&options->stemmer);
  qdrant__snowball_params__init(&options->snowball);
  options->text.has_tokenizer = options->text.has_lowercase = options->text.has_ascii_folding = 1;
  options->text.tokenizer = QDRANT__TOKENIZER_TYPE__Word;
  options->text.lowercase = 1;
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < document->n_options && status == QDRANT_OK; i++)
    status = read_option(document->options[i], arena, options, err);
  return status == QDRANT_OK ? check_factors(options, err) : status;
}

qdrant_status qd_bm25_tokenizer_new(
    const qd_bm25_options *options, qd_arena *arena, qd_tokenizer **tokenizer, qdrant_error *err) {
  Qdrant__TextIndexParams text = options->text;
  Qdrant__StopwordsSet set = QDRANT__STOPWORDS_SET__INIT;
  Qdrant__StemmingAlgorithm stemmer = QDRANT__STEMMING_ALGORITHM__INIT;
  Qdrant__SnowballParams snowball = QDRANT__SNOWBALL_PARAMS__INIT;
  char *language = (char *)options->language;
  if (text.stopwords == NULL && qd_stop_words(language) != NULL) {
    set.n_languages = 1;
    set.languages = &language;
    text.stopwords = &set;
  }
  if (text.stemmer != NULL)
    return qd_tokenizer_new(&text, arena, tokenizer, err);
  snowball.language = language;
  stemmer.stemming_params_case = QDRANT__STEMMING_ALGORITHM__STEMMING_PARAMS_SNOWBALL;
  stemmer.snowball = &snowball;
  text.stemmer = &stemmer;
  qdrant_error why = {0};
  qdrant_status status = qd_tokenizer_new(&text, arena, tokenizer, &why);
  if (status != QDRANT_INVALID_ARGUMENT)
    return status == QDRANT_OK ? status : qd_error_pass(err, &why);
  text.stemmer = NULL;
  return qd_tokenizer_new(&text, arena, tokenizer, err);
}
