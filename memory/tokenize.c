#include "memory/tokenize.h"

#include "core/error.h"
#include "memory/letters.h"
#include "memory/stemmer.h"
#include "memory/stop_words.h"
#include "memory/token.h"

#include <stdlib.h>
#include <string.h>

typedef struct stop_word {
  const char *text;
  size_t n_bytes;
} stop_word;

struct qd_tokenizer {
  Qdrant__TokenizerType type;
  int is_lowercase;
  int is_folded;
  size_t min_letters;
  size_t max_letters;
  stop_word *stop_words; /* ascending */
  size_t n_stop_words;
  qd_stemmer *stemmer; /* owned; NULL without stemming */
};

/* The text to be cut, and who is given the words. */
typedef struct cutting {
  const qd_tokenizer *tokenizer;
  qd_text_kind kind;
  qd_token_visit visit;
  void *user;
} cutting;

static int compare_words(const void *a, const void *b) {
  const stop_word *x = a;
  const stop_word *y = b;
  size_t n = x->n_bytes < y->n_bytes ? x->n_bytes : y->n_bytes;
  int order = memcmp(x->text, y->text, n);
  return order != 0 ? order : (x->n_bytes > y->n_bytes) - (x->n_bytes < y->n_bytes);
}

static void start_token(const qd_tokenizer *tokenizer, const char *text, size_t n_bytes, qd_token *word) {
  qd_token_set(word, text, n_bytes);
  if (tokenizer->is_folded)
    qd_token_fold(word);
  if (tokenizer->is_lowercase)
    qd_token_lower(word);
}

static int is_stop_word(const qd_tokenizer *tokenizer, const qd_token *word) {
  stop_word wanted = {word->bytes, word->n_bytes};
  return tokenizer->n_stop_words > 0 && bsearch(&wanted, tokenizer->stop_words, tokenizer->n_stop_words,
                                            sizeof *tokenizer->stop_words, compare_words) != NULL;
}

static void stem_token(const qd_tokenizer *tokenizer, qd_token *word) {
  if (tokenizer->stemmer != NULL)
    word->n_bytes = qd_stemmer_cut(tokenizer->stemmer, word->bytes, word->n_bytes, sizeof word->bytes);
}

static int is_shorter_than(const qd_token *word, size_t n_letters) {
  return n_letters > 0 && qd_token_bytes_of(word, n_letters - 1) == word->n_bytes;
}

static int is_longer_than(const qd_token *word, size_t n_letters) {
  return qd_token_bytes_of(word, n_letters) < word->n_bytes;
}

static int show_word(const cutting *of, const char *text, size_t n_bytes) {
  const qd_tokenizer *tokenizer = of->tokenizer;
  qd_token word;
  start_token(tokenizer, text, n_bytes, &word);
  if (is_stop_word(tokenizer, &word))
    return 0;
  stem_token(tokenizer, &word);
  if (is_shorter_than(&word, tokenizer->min_letters) || is_longer_than(&word, tokenizer->max_letters))
    return 0;
  return of->visit(of->user, word.bytes, word.n_bytes);
}

/* The beginnings of a stored word. */
static int show_beginnings(const cutting *of, const char *text, size_t n_bytes) {
  const qd_tokenizer *tokenizer = of->tokenizer;
  qd_token word;
  start_token(tokenizer, text, n_bytes, &word);
  if (is_stop_word(tokenizer, &word))
    return 0;
  stem_token(tokenizer, &word);
  if (is_shorter_than(&word, tokenizer->min_letters))
    return 0;
  int answer = 0;
  size_t n_shown = 0;
  size_t n_letters = tokenizer->min_letters > 0 ? tokenizer->min_letters : 1;
  for (; answer == 0 && n_shown < word.n_bytes && n_letters <= tokenizer->max_letters; n_letters++) {
    n_shown = qd_token_bytes_of(&word, n_letters);
    answer = of->visit(of->user, word.bytes, n_shown);
  }
  return answer;
}

/* Somebody who types a query may have begun a stop word only: it counts. */
static int show_longest_beginning(const cutting *of, const char *text, size_t n_bytes) {
  qd_token word;
  start_token(of->tokenizer, text, n_bytes, &word);
  stem_token(of->tokenizer, &word);
  if (is_shorter_than(&word, of->tokenizer->min_letters))
    return 0;
  return of->visit(of->user, word.bytes, qd_token_bytes_of(&word, of->tokenizer->max_letters));
}

static int has_letter(const char *text, size_t n_bytes) {
  for (size_t at = 0, n_read; at < n_bytes; at += n_read)
    if (qd_letter_is_alphabetic(qd_letter_read(text + at, n_bytes - at, &n_read)))
      return 1;
  return 0;
}

static int show_in_any_language(const cutting *of, const char *text, size_t n_bytes) {
  qd_token word;
  if (!has_letter(text, n_bytes))
    return 0;
  qd_token_set(&word, text, n_bytes);
  qd_token_fold(&word);
  qd_token_lower(&word);
  return show_word(of, word.bytes, word.n_bytes);
}

static int show(const cutting *of, const char *text, size_t n_bytes) {
  if (n_bytes == 0)
    return 0;
  if (of->tokenizer->type == QDRANT__TOKENIZER_TYPE__Multilingual)
    return show_in_any_language(of, text, n_bytes);
  if (of->tokenizer->type != QDRANT__TOKENIZER_TYPE__Prefix)
    return show_word(of, text, n_bytes);
  return of->kind == QD_TEXT_QUERY ? show_longest_beginning(of, text, n_bytes) : show_beginnings(of, text, n_bytes);
}

/* Whether the letter lies between two words, or is one by itself. */
typedef enum letter_place { IN_WORD, BETWEEN_WORDS, ALONE } letter_place;

static letter_place place_of(const qd_tokenizer *tokenizer, uint32_t letter) {
  if (tokenizer->type == QDRANT__TOKENIZER_TYPE__Whitespace)
    return qd_letter_is_blank(letter) ? BETWEEN_WORDS : IN_WORD;
  if (!qd_letter_is_word(letter))
    return BETWEEN_WORDS;
  return tokenizer->type == QDRANT__TOKENIZER_TYPE__Multilingual && qd_letter_is_ideograph(letter) ? ALONE : IN_WORD;
}

int qd_tokenize(const qd_tokenizer *tokenizer, qd_text_kind kind, const char *text, size_t n_bytes,
    qd_token_visit visit, void *user) {
  cutting of = {tokenizer, kind, visit, user};
  size_t first = 0; /* of the word that is being read */
  size_t n_read;
  int answer = 0;
  for (size_t at = 0; at < n_bytes && answer == 0; at += n_read) {
    letter_place place = place_of(tokenizer, qd_letter_read(text + at, n_bytes - at, &n_read));
    if (place == IN_WORD)
      continue;
    answer = show(&of, text + first, at - first);
    if (answer == 0 && place == ALONE)
      answer = show(&of, text + at, n_read);
    first = at + n_read;
  }
  return answer != 0 ? answer : show(&of, text + first, n_bytes - first);
}

static size_t count_words(const char *text) {
  size_t n = 1;
  for (; *text != '\0'; text++)
    n += *text == ' ';
  return n;
}

static void add_listed_words(const char *text, qd_tokenizer *tokenizer) {
  while (*text != '\0') {
    size_t n_bytes = strcspn(text, " ");
    tokenizer->stop_words[tokenizer->n_stop_words++] = (stop_word){text, n_bytes};
    text += n_bytes;
    text += *text == ' ';
  }
}

static int add_own_word(const char *text, qd_arena *arena, qd_tokenizer *tokenizer) {
  qd_token word;
  qd_token_set(&word, text, strlen(text));
  if (tokenizer->is_lowercase)
    qd_token_lower(&word);
  const char *copy = qd_arena_strndup(arena, word.bytes, word.n_bytes);
  if (copy == NULL)
    return 0;
  tokenizer->stop_words[tokenizer->n_stop_words++] = (stop_word){copy, word.n_bytes};
  return 1;
}

static qdrant_status reserve_stop_words(
    const Qdrant__StopwordsSet *set, qd_arena *arena, qd_tokenizer *tokenizer, qdrant_error *err) {
  size_t n = set->n_custom;
  for (size_t i = 0; i < set->n_languages; i++) {
    const char *words = qd_stop_words(set->languages[i]);
    if (words == NULL)
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "unknown language: Matching variant not found");
    n += count_words(words);
  }
  tokenizer->stop_words = qd_arena_alloc(arena, (n + 1) * sizeof *tokenizer->stop_words);
  return tokenizer->stop_words != NULL ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory for stop words");
}

static qdrant_status read_stop_words(
    const Qdrant__StopwordsSet *set, qd_arena *arena, qd_tokenizer *tokenizer, qdrant_error *err) {
  if (set == NULL)
    return QDRANT_OK;
  qdrant_status status = reserve_stop_words(set, arena, tokenizer, err);
  if (status != QDRANT_OK)
    return status;
  for (size_t i = 0; i < set->n_languages; i++)
    add_listed_words(qd_stop_words(set->languages[i]), tokenizer);
  for (size_t i = 0; i < set->n_custom; i++)
    if (!add_own_word(set->custom[i], arena, tokenizer))
      return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for stop words");
  qsort(tokenizer->stop_words, tokenizer->n_stop_words, sizeof *tokenizer->stop_words, compare_words);
  return QDRANT_OK;
}

static qdrant_status read_stemmer(
    const Qdrant__StemmingAlgorithm *message, qd_tokenizer *tokenizer, qdrant_error *err) {
  if (message == NULL || message->stemming_params_case != QDRANT__STEMMING_ALGORITHM__STEMMING_PARAMS_SNOWBALL)
    return QDRANT_OK;
  return qd_stemmer_new(message->snowball->language, &tokenizer->stemmer, err);
}

static qdrant_status read_plain_params(
    const Qdrant__TextIndexParams *params, qd_tokenizer *tokenizer, qdrant_error *err) {
  tokenizer->type = params->tokenizer;
  if (!params->has_tokenizer || params->tokenizer < QDRANT__TOKENIZER_TYPE__Prefix ||
      params->tokenizer > QDRANT__TOKENIZER_TYPE__Multilingual)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "unknown tokenizer type");
  if (params->has_lowercase)
    tokenizer->is_lowercase = !!params->lowercase;
  tokenizer->is_folded = params->has_ascii_folding && params->ascii_folding;
  if (params->has_min_token_len)
    tokenizer->min_letters = params->min_token_len;
  if (params->has_max_token_len)
    tokenizer->max_letters = params->max_token_len;
  return QDRANT_OK;
}

qdrant_status qd_tokenizer_new(
    const Qdrant__TextIndexParams *params, qd_arena *arena, qd_tokenizer **tokenizer, qdrant_error *err) {
  qd_tokenizer *made = qd_arena_alloc(arena, sizeof *made);
  *tokenizer = NULL;
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a tokenizer");
  *made = (qd_tokenizer){.type = QDRANT__TOKENIZER_TYPE__Word, .is_lowercase = 1, .max_letters = SIZE_MAX};
  qdrant_status status = QDRANT_OK;
  if (params != NULL) {
    status = read_plain_params(params, made, err);
    if (status == QDRANT_OK)
      status = read_stop_words(params->stopwords, arena, made, err);
    if (status == QDRANT_OK)
      status = read_stemmer(params->stemmer, made, err);
  }
  if (status == QDRANT_OK)
    *tokenizer = made;
  return status;
}

void qd_tokenizer_free(qd_tokenizer *tokenizer) {
  if (tokenizer != NULL)
    qd_stemmer_free(tokenizer->stemmer);
}
