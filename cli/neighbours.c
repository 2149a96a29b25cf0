#include "cli/neighbours.h"

#include "cli/fail.h"
#include "cli/output.h"
#include "cli/points_json.h"
#include "cli/progress.h"
#include "qdrant/search.h"

#include <stdlib.h>
#include <string.h>

static const char *const asked[] = {"king", "queen", "paris", "london", "river", "mountain", "music", "guitar",
    "computer", "software", "red", "green", "monday", "friday", "summer", "winter", "doctor", "hospital", "football",
    "tennis", "coffee", "bread", "dog", "horse", "car", "train", "money", "bank", "war", "peace", "sun", "moon"};

enum { n_asked = sizeof asked / sizeof *asked, n_neighbours = 5 };

/* Hit i as {"word": .., "score": ..}; NULL when out of memory or the payload has no word. */
static json_object *describe_hit(qdrant_hits *hits, size_t i) {
  const char *json = NULL;
  json_object *payload, *word = NULL;
  if (qdrant_hits_payload_json(hits, i, &json, NULL, NULL) != QDRANT_OK || !(payload = qd_json_of_text(json)))
    return NULL;
  qd_output *output = qd_output_new_record();
  json_object_object_get_ex(payload, "word", &word);
  qd_output_json(output, "word", json_object_get(word));
  qd_output_float(output, "score", qdrant_hits_scores(hits)[i]);
  json_object_put(payload);
  return qd_output_take(output);
}

/* Adds the nearest words of one query to list; the word itself has the id self. */
static qdrant_status list_nearest(
    qdrant_hits *hits, size_t query, uint64_t self, json_object *list, qdrant_error *err) {
  size_t first = 0, n = 0;
  qdrant_point_id id;
  qdrant_status status = qdrant_hits_query(hits, query, &first, &n, err);
  for (size_t i = first; status == QDRANT_OK && i < first + n; i++) {
    status = qdrant_hits_id(hits, i, &id, err);
    if (status != QDRANT_OK || (!id.is_uuid && id.num == self) || json_object_array_length(list) == n_neighbours)
      continue;
    json_object *hit = describe_hit(hits, i);
    if (!hit || json_object_array_add(list, hit) != 0)
      status = qd_cli_fail(err, QDRANT_BAD_REPLY, "the payload of a hit of \"%s\" cannot be read", asked[query]);
  }
  return status;
}

static qdrant_status add_answer(
    qdrant_hits *hits, size_t query, uint64_t self, json_object *answers, qdrant_error *err) {
  json_object *nearest = json_object_new_array();
  qdrant_status status = nearest ? list_nearest(hits, query, self, nearest, err) : QDRANT_NO_MEMORY;
  qd_output *answer = qd_output_new_record();
  qd_output_text(answer, "word", asked[query]);
  qd_output_json(answer, "nearest", nearest);
  json_object *taken = qd_output_take(answer);
  if (status == QDRANT_OK && taken && json_object_array_add(answers, taken) == 0)
    return QDRANT_OK;
  json_object_put(taken);
  return status != QDRANT_OK && nearest ? status : qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the answers");
}

/* Copies the vectors of the words asked for behind each other, and notes their rows. */
static qdrant_status gather_queries(const qd_words *words, float *values, size_t rows[n_asked], qdrant_error *err) {
  for (size_t q = 0; q < n_asked; q++) {
    rows[q] = qd_words_find(words, asked[q]);
    if (rows[q] == words->n)
      return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "words.txt has no word \"%s\"", asked[q]);
    memcpy(values + q * words->dim, words->vectors + rows[q] * words->dim, words->dim * sizeof *values);
  }
  return QDRANT_OK;
}

static qdrant_status search_once(qdrant_client *client, const char *collection, const qdrant_vector_column *column,
    qdrant_hits **hits, double *seconds, qdrant_error *err) {
  qdrant_query_batch queries = QDRANT_QUERY_BATCH_INIT;
  queries.vectors = column;
  queries.n_queries = n_asked;
  queries.limit = n_neighbours + 1;
  queries.with_payload = QDRANT_ON;
  queries.batch_size = n_asked;
  int64_t began_ns = qd_clock_now();
  qdrant_status status = qdrant_search(client, collection, &queries, NULL, hits, err);
  *seconds = (double)(qd_clock_now() - began_ns) / 1e9;
  return status;
}

qdrant_status qd_neighbours_find(qdrant_client *client, const char *collection, const qd_words *words,
    json_object **answers, double *seconds, qdrant_error *err) {
  size_t rows[n_asked];
  qdrant_hits *hits = NULL;
  float *values = malloc(n_asked * words->dim * sizeof *values);
  qdrant_vector_column column = {.dim = words->dim, .values = values};
  *answers = json_object_new_array();
  qdrant_status status = values && *answers ? gather_queries(words, values, rows, err)
                                            : qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for the queries");
  if (status == QDRANT_OK)
    status = search_once(client, collection, &column, &hits, seconds, err);
  for (size_t q = 0; status == QDRANT_OK && q < n_asked; q++)
    status = add_answer(hits, q, words->ids[rows[q]], *answers, err);
  qdrant_hits_free(hits);
  free(values);
  return status;
}

void qd_neighbours_print(json_object *answers, double seconds, FILE *out) {
  fprintf(out, "one batched search for %zu words, %.1f ms; nearest words by cosine similarity:\n",
      json_object_array_length(answers), seconds * 1e3);
  for (size_t q = 0; q < json_object_array_length(answers); q++) {
    json_object *answer = json_object_array_get_idx(answers, q), *nearest = NULL, *word = NULL, *score = NULL;
    json_object_object_get_ex(answer, "word", &word);
    json_object_object_get_ex(answer, "nearest", &nearest);
    fprintf(out, "  %-9s", json_object_get_string(word));
    for (size_t i = 0; i < json_object_array_length(nearest); i++) {
      json_object_object_get_ex(json_object_array_get_idx(nearest, i), "word", &word);
      json_object_object_get_ex(json_object_array_get_idx(nearest, i), "score", &score);
      fprintf(out, "  %s %.3f", json_object_get_string(word), json_object_get_double(score));
    }
    fputc('\n', out);
  }
}
