#include "memory/text_match.h"

#include "core/error.h"

#include <string.h>

/* What is found of a query is kept in bits where nothing can be allocated. */
enum { MAX_WORDS = 2048, BITS_PER_WORD = 64 };

typedef enum query_kind { ALL_WORDS, ANY_WORD, PHRASE } query_kind;

typedef struct query_word {
  const char *text;
  size_t n_bytes;
  size_t border; /* PHRASE: how many words at the phrase's start are also those that end here, not counting all */
} query_word;

struct qd_text_query {
  query_kind kind;
  int is_together;   /* ALL_WORDS: they may stand in different texts of a point */
  int is_impossible; /* phrases are not looked for in an index that does not know the order of words */
  qd_tokenizer *tokenizer;
  query_word *words; /* each once, but for PHRASE */
  size_t n;
};

/* Takes the words of a query. */
typedef struct collector {
  qd_text_query *query;
  qd_arena *arena;
  qdrant_status status;
  qdrant_error *err;
} collector;

static int equals_word(const query_word *word, const char *text, size_t n_bytes) {
  return word->n_bytes == n_bytes && memcmp(word->text, text, n_bytes) == 0;
}

static size_t find_word(const qd_text_query *query, const char *text, size_t n_bytes) {
  size_t at = 0;
  while (at < query->n && !equals_word(&query->words[at], text, n_bytes))
    at++;
  return at;
}

static int take_word(void *user, const char *text, size_t n_bytes) {
  collector *taken = user;
  qd_text_query *query = taken->query;
  if (query->kind != PHRASE && find_word(query, text, n_bytes) < query->n)
    return 0;
  const char *copy = qd_arena_strndup(taken->arena, text, n_bytes);
  if (copy == NULL)
    taken->status = qd_fail(taken->err, QDRANT_NO_MEMORY, "out of memory for a text condition");
  else if (query->n == MAX_WORDS)
    taken->status =
        qd_fail(taken->err, QDRANT_INVALID_ARGUMENT, "Wrong input: a text condition may have %d words", MAX_WORDS);
  else
    query->words[query->n++] = (query_word){.text = copy, .n_bytes = n_bytes};
  return taken->status != QDRANT_OK;
}

/* The borders of Knuth, Morris and Pratt: where to go on in a phrase when the next word is another one. */
static void find_borders(qd_text_query *query) {
  size_t border = 0;
  for (size_t at = 1; at < query->n; at++) {
    const query_word *word = &query->words[at];
    while (border > 0 && !equals_word(&query->words[border], word->text, word->n_bytes))
      border = query->words[border - 1].border;
    border += (size_t)equals_word(&query->words[border], word->text, word->n_bytes);
    query->words[at].border = border;
  }
}

static const char *read_match(const Qdrant__Match *match, query_kind *kind) {
  switch (match->match_value_case) {
  case QDRANT__MATCH__MATCH_VALUE_TEXT: *kind = ALL_WORDS; return match->text;
  case QDRANT__MATCH__MATCH_VALUE_TEXT_ANY: *kind = ANY_WORD; return match->text_any;
  default: *kind = PHRASE; return match->phrase;
  }
}

static qdrant_status take_words(qd_text_query *query, const char *text, qd_arena *arena, qdrant_error *err) {
  collector taken = {query, arena, QDRANT_OK, err};
  /* There are no more words than letters, and words of beginnings are those of a query. */
  size_t n_bytes = strlen(text);
  size_t capacity = n_bytes < MAX_WORDS ? n_bytes : MAX_WORDS;
  query->words = qd_arena_alloc(arena, (capacity + 1) * sizeof *query->words);
  if (query->words == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a text condition");
  qd_tokenize(
      query->tokenizer, query->kind == PHRASE ? QD_TEXT_STORED : QD_TEXT_QUERY, text, n_bytes, take_word, &taken);
  return taken.status;
}

qdrant_status qd_text_query_new(const Qdrant__Match *match, const Qdrant__PayloadSchemaInfo *index, int is_together,
    qd_arena *arena, qd_text_query **query, qdrant_error *err) {
  const Qdrant__TextIndexParams *params = index->params != NULL ? index->params->text_index_params : NULL;
  qd_text_query *made = qd_arena_zalloc(arena, sizeof *made);
  *query = NULL;
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a text condition");
  const char *text = read_match(match, &made->kind);
  made->is_together = is_together && made->kind != PHRASE;
  made->is_impossible =
      made->kind == PHRASE && (params == NULL || !params->has_phrase_matching || !params->phrase_matching);
  qdrant_status status = qd_tokenizer_new(params, arena, &made->tokenizer, err);
  if (status == QDRANT_OK)
    status = take_words(made, text, arena, err);
  if (status != QDRANT_OK) {
    qd_text_query_free(made);
    return status;
  }
  find_borders(made);
  *query = made;
  return QDRANT_OK;
}

void qd_text_query_free(qd_text_query *query) {
  if (query != NULL)
    qd_tokenizer_free(query->tokenizer);
}

/* How far a point's texts match. */
typedef struct matching {
  const qd_text_query *query;
  uint64_t is_found[MAX_WORDS / BITS_PER_WORD]; /* ALL_WORDS: a bit for each */
  size_t n_found;                               /* ALL_WORDS: bits set; PHRASE: words that fit up to here */
} matching;

static int see_phrase_word(matching *so_far, const char *text, size_t n_bytes) {
  const qd_text_query *query = so_far->query;
  while (so_far->n_found > 0 && !equals_word(&query->words[so_far->n_found], text, n_bytes))
    so_far->n_found = query->words[so_far->n_found - 1].border;
  so_far->n_found += (size_t)equals_word(&query->words[so_far->n_found], text, n_bytes);
  return so_far->n_found == query->n;
}

/* 1 when it is decided that the texts match. */
static int see_word(void *user, const char *text, size_t n_bytes) {
  matching *so_far = user;
  const qd_text_query *query = so_far->query;
  if (query->kind == PHRASE)
    return see_phrase_word(so_far, text, n_bytes);
  size_t at = find_word(query, text, n_bytes);
  if (at == query->n)
    return 0;
  uint64_t bit = UINT64_C(1) << (at % BITS_PER_WORD);
  so_far->n_found += (so_far->is_found[at / BITS_PER_WORD] & bit) == 0;
  so_far->is_found[at / BITS_PER_WORD] |= bit;
  return query->kind == ANY_WORD || so_far->n_found == query->n;
}

static int see_value(void *user, const Qdrant__Value *value) {
  matching *so_far = user;
  if (value->kind_case != QDRANT__VALUE__KIND_STRING_VALUE)
    return 0;
  if (!so_far->query->is_together)
    *so_far = (matching){.query = so_far->query};
  return qd_tokenize(so_far->query->tokenizer, QD_TEXT_STORED, (const char *)value->string_value.data,
      value->string_value.len, see_word, so_far);
}

int qd_text_query_matches(const qd_text_query *query, const qd_path *path, const Qdrant__Struct *root) {
  if (query->is_impossible || query->n == 0)
    return 0;
  matching so_far = {.query = query};
  return qd_path_walk_elements(path, root, see_value, &so_far);
}
