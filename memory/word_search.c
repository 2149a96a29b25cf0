#include "memory/word_search.h"

#include "core/error.h"
#include "memory/slot_set.h"
#include "memory/tokenize.h"

#include <math.h>
#include <string.h>

/* A word of the question. */
typedef struct term {
  const char *text;
  size_t n_bytes;
  size_t n_points; /* that have it */
  uint32_t n_here; /* times in the point at hand */
} term;

/* A point that has at least one of the words. */
typedef struct document {
  uint32_t slot;
  uint32_t n_words;
} document;

typedef struct word_search {
  qd_job *job;
  const qd_view *view;
  const qd_source *source;
  qd_tokenizer *tokenizer; /* owned */
  qd_path path;
  double k;
  double b;
  term *terms;
  size_t n_terms;
  size_t capacity; /* of terms */
  document *documents;
  uint32_t *counts; /* n_terms a document: how often it has each */
  size_t n_documents;
  size_t document_capacity;
  size_t n_points;  /* that have words at all */
  uint64_t n_words; /* in all of them */
  size_t n_here;    /* words in the point at hand */
  int is_out_of_memory;
} word_search;

static term *find_term(const word_search *of, const char *text, size_t n_bytes) {
  for (size_t i = 0; i < of->n_terms; i++)
    if (of->terms[i].n_bytes == n_bytes && memcmp(of->terms[i].text, text, n_bytes) == 0)
      return &of->terms[i];
  return NULL;
}

/* A word that is there twice in the question counts once. */
static int add_term(void *user, const char *text, size_t n_bytes) {
  enum { FIRST_CAPACITY = 16 };
  word_search *of = user;
  if (find_term(of, text, n_bytes) != NULL)
    return 0;
  if (of->n_terms == of->capacity) {
    size_t capacity = of->capacity > 0 ? 2 * of->capacity : FIRST_CAPACITY;
    term *terms = qd_arena_alloc(of->job->arena, capacity * sizeof *terms);
    if (terms != NULL && of->n_terms > 0)
      memcpy(terms, of->terms, of->n_terms * sizeof *terms);
    of->terms = terms;
    of->capacity = capacity;
  }
  const char *copy = of->terms != NULL ? qd_arena_strndup(of->job->arena, text, n_bytes) : NULL;
  of->is_out_of_memory = copy == NULL;
  if (copy == NULL)
    return 1;
  of->terms[of->n_terms++] = (term){.text = copy, .n_bytes = n_bytes};
  return 0;
}

static int count_word(void *user, const char *text, size_t n_bytes) {
  word_search *of = user;
  term *found = find_term(of, text, n_bytes);
  of->n_here++;
  if (found != NULL)
    found->n_here++;
  return 0;
}

static int visit_value(void *user, const Qdrant__Value *value) {
  word_search *of = user;
  if (value->kind_case == QDRANT__VALUE__KIND_STRING_VALUE && value->string_value.len > 0)
    qd_tokenize(
        of->tokenizer, QD_TEXT_STORED, (const char *)value->string_value.data, value->string_value.len, count_word, of);
  return 0;
}

static int reserve_document(word_search *of) {
  enum { FIRST_CAPACITY = 64 };
  if (of->n_documents < of->document_capacity)
    return 1;
  size_t capacity = of->document_capacity > 0 ? 2 * of->document_capacity : FIRST_CAPACITY;
  document *documents = qd_arena_alloc(of->job->arena, capacity * sizeof *documents);
  uint32_t *counts = qd_arena_alloc(of->job->arena, capacity * of->n_terms * sizeof *counts);
  if (documents == NULL || counts == NULL)
    return 0;
  if (of->n_documents > 0) {
    memcpy(documents, of->documents, of->n_documents * sizeof *documents);
    memcpy(counts, of->counts, of->n_documents * of->n_terms * sizeof *counts);
  }
  of->documents = documents;
  of->counts = counts;
  of->document_capacity = capacity;
  return 1;
}

/* The server keeps the 13 leading bits of a length. */
static uint32_t round_length(size_t n_words) {
  enum { KEPT = 1 << 13 };
  size_t step = 1;
  while (n_words / step >= KEPT)
    step *= 2;
  return (uint32_t)(n_words / step * step);
}

static qdrant_status count_words(word_search *of, uint32_t slot) {
  int has_term = 0;
  of->n_here = 0;
  for (size_t i = 0; i < of->n_terms; i++)
    of->terms[i].n_here = 0;
  qd_path_walk_elements(&of->path, qd_view_payload(of->view, slot), visit_value, of);
  if (of->n_here == 0)
    return QDRANT_OK;
  if (!reserve_document(of))
    return qd_job_fail_memory(of->job);
  int is_in_corpus = qd_view_matches(of->view, slot, of->source->corpus);
  uint32_t n_words = round_length(of->n_here);
  for (size_t i = 0; i < of->n_terms; i++) {
    of->counts[of->n_documents * of->n_terms + i] = of->terms[i].n_here;
    of->terms[i].n_points += is_in_corpus && of->terms[i].n_here > 0;
    has_term |= of->terms[i].n_here > 0;
  }
  if (is_in_corpus) {
    of->n_points++;
    of->n_words += n_words;
  }
  if (has_term)
    of->documents[of->n_documents++] = (document){slot, n_words};
  return QDRANT_OK;
}

static qdrant_status count_all(word_search *of) {
  qdrant_status status = QDRANT_OK;
  for (uint32_t slot = 0; slot < of->view->n_slots && status == QDRANT_OK; slot++) {
    status = qd_job_check_deadline(of->job, slot);
    if (status == QDRANT_OK && qd_view_has(of->view, slot))
      status = count_words(of, slot);
  }
  return status;
}

static float score_document(const word_search *of, size_t at) {
  const document *found = &of->documents[at];
  double average = of->n_points > 0 ? (double)of->n_words / (double)of->n_points : 1;
  double norm = of->k * (1 - of->b + of->b * (double)found->n_words / average);
  double score = 0;
  for (size_t i = 0; i < of->n_terms; i++) {
    double n_times = (double)of->counts[at * of->n_terms + i];
    double n_having = (double)of->terms[i].n_points;
    if (n_times > 0)
      score += log(((double)of->n_points - n_having + 0.5) / (n_having + 0.5) + 1) * n_times * (of->k + 1) /
               (n_times + norm);
  }
  return (float)score;
}

static int is_candidate(const word_search *of, const uint32_t *slots, size_t n, uint32_t slot) {
  if (slots != NULL)
    return qd_slot_set_has(slots, n, slot);
  return qd_view_matches(of->view, slot, of->source->filter);
}

static qdrant_status take_best(word_search *of, const uint32_t *slots, size_t n, qd_source *source) {
  qd_top top;
  size_t wanted = source->limit < of->n_documents ? (size_t)source->limit : of->n_documents;
  if (!qd_top_init(&top, wanted, of->view, of->job->arena))
    return qd_job_fail_memory(of->job);
  for (size_t i = 0; i < of->n_documents; i++) {
    qd_hit hit = {score_document(of, i), of->documents[i].slot};
    int is_good = hit.score > 0 && (!source->has_threshold || hit.score > source->threshold);
    if (is_good && qd_top_takes(&top, hit) && is_candidate(of, slots, n, hit.slot))
      qd_top_add(&top, hit);
  }
  qd_top_sort(&top);
  source->hits = (qd_hits){top.hits, top.n};
  return QDRANT_OK;
}

/* How the key's texts are cut into words. */
static qdrant_status find_index(word_search *of, const qd_reader *reader, const Qdrant__TextIndexParams **words) {
  const qd_field_index *index;
  qdrant_status status = qd_job_find_index(of->job, reader->collection, &of->path, &index);
  if (status != QDRANT_OK)
    return status;
  const Qdrant__PayloadIndexParams *params = index != NULL ? index->schema->params : NULL;
  int is_text =
      params != NULL && params->index_params_case == QDRANT__PAYLOAD_INDEX_PARAMS__INDEX_PARAMS_TEXT_INDEX_PARAMS;
  if (!is_text || params->text_index_params->scoring == NULL)
    return qd_fail(of->job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: A text query needs a text index with `scoring` on `%s`", of->source->using);
  *words = params->text_index_params;
  return QDRANT_OK;
}

static qdrant_status check_factors(const word_search *of) {
  if (!(of->k >= 0))
    return qd_fail(of->job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: BM25 k value %.9g is invalid. Must be 0.0 or larger.", of->k);
  if (!(of->b >= 0 && of->b <= 1))
    return qd_fail(of->job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: BM25 b value %.9g is invalid. Must be from 0.0 to 1.0.", of->b);
  return QDRANT_OK;
}

static qdrant_status prepare(word_search *of, const qd_reader *reader) {
  const Qdrant__TextQuery *text = of->source->text;
  const Qdrant__Bm25Params *bm25 = text->scoring_case == QDRANT__TEXT_QUERY__SCORING_BM25 ? text->bm25 : NULL;
  const Qdrant__TextIndexParams *words = NULL;
  of->k = bm25 != NULL && bm25->has_k ? (double)bm25->k : 1.2;
  of->b = bm25 != NULL && bm25->has_b ? (double)bm25->b : 0.75;
  if (of->source->using[0] == '\0')
    return qd_fail(of->job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: A text query needs `using` to name the payload field to search");
  qdrant_status status = check_factors(of);
  if (status == QDRANT_OK)
    status = qd_path_parse(of->source->using, of->job->arena, &of->path, of->job->err);
  if (status == QDRANT_OK)
    status = find_index(of, reader, &words);
  if (status == QDRANT_OK)
    status = qd_tokenizer_new(words, of->job->arena, &of->tokenizer, of->job->err);
  if (status == QDRANT_OK)
    qd_tokenize(of->tokenizer, QD_TEXT_QUERY, text->query, strlen(text->query), add_term, of);
  return of->is_out_of_memory ? qd_job_fail_memory(of->job) : status;
}

qdrant_status qd_word_search(qd_job *job, const qd_reader *reader, const uint32_t *slots, size_t n, qd_source *source) {
  word_search of = {.job = job, .view = &reader->view, .source = source};
  qdrant_status status = prepare(&of, reader);
  if (status == QDRANT_OK && of.n_terms > 0)
    status = count_all(&of);
  if (status == QDRANT_OK)
    status = take_best(&of, slots, n, source);
  qd_tokenizer_free(of.tokenizer);
  return status;
}
