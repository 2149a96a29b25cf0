/* What a user reads from hits. */
#include "client/hits.h"
#include "client/reply.h"
#include "core/error.h"
#include "core/message.h"
#include "qdrant/pb/points.pb-c.h"

#include <string.h>

/* What has been decoded of one hit. */
typedef struct qd_hit_cache {
  const char *json;
  size_t n_json;
  const Qdrant__ScoredPoint *point;
} qd_hit_cache;

size_t qdrant_hits_n_queries(const qdrant_hits *hits) {
  return hits != NULL ? hits->n_queries : 0;
}

size_t qdrant_hits_count(const qdrant_hits *hits) {
  return hits != NULL ? hits->n_hits : 0;
}

const float *qdrant_hits_scores(const qdrant_hits *hits) {
  return hits != NULL ? hits->scores : NULL;
}

const uint64_t *qdrant_hits_nums(const qdrant_hits *hits) {
  return hits != NULL && !hits->has_uuid ? hits->nums : NULL;
}

static size_t start_of(const qd_hits_share *share, int by_hit) {
  return by_hit ? share->first_hit : share->first_query;
}

/* The last share that begins at or before a position, counted in hits or in queries. */
static const qd_hits_share *find_share(const qdrant_hits *hits, size_t position, int by_hit) {
  size_t low = 0, high = hits->n_shares;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (start_of(&hits->shares[middle], by_hit) <= position)
      low = middle;
    else
      high = middle;
  }
  return &hits->shares[low];
}

qdrant_status qdrant_hits_query(const qdrant_hits *hits, size_t query, size_t *first, size_t *n, qdrant_error *err) {
  qd_error_clear(err);
  if (hits == NULL || first == NULL || n == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "hits, first or n is NULL");
  *first = *n = 0;
  if (query >= hits->n_queries)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "query %zu does not exist; there are %zu", query, hits->n_queries);
  const qd_hits_share *share = find_share(hits, query, 0);
  if (share->reply == NULL)
    return qd_error_pass(err, &share->error);
  const size_t *starts = share->page.starts + (query - share->first_query);
  *first = share->first_hit + starts[0];
  *n = starts[1] - starts[0];
  return QDRANT_OK;
}

static qdrant_status check_hit(const qdrant_hits *hits, size_t i, const void *out, qdrant_error *err) {
  qd_error_clear(err);
  if (hits == NULL || out == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", hits == NULL ? "hits" : "the result's pointer");
  if (i >= hits->n_hits)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "hit %zu does not exist; there are %zu", i, hits->n_hits);
  return QDRANT_OK;
}

qdrant_status qdrant_hits_id(const qdrant_hits *hits, size_t i, qdrant_point_id *id, qdrant_error *err) {
  qdrant_status status = check_hit(hits, i, id, err);
  if (status != QDRANT_OK)
    return status;
  const qd_hits_share *share = find_share(hits, i, 1);
  size_t at = i - share->first_hit;
  *id = (qdrant_point_id){.num = share->page.nums[at]};
  if (share->page.is_uuid != NULL && share->page.is_uuid[at]) {
    id->is_uuid = 1;
    id->uuid = share->page.uuids[at];
  }
  return QDRANT_OK;
}

static qdrant_status find_cache(qdrant_hits *hits, size_t i, qd_hit_cache **cache, qdrant_error *err) {
  if (hits->caches == NULL)
    hits->caches = qd_arena_zalloc(hits->arena, hits->n_hits * sizeof *hits->caches);
  if (hits->caches == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while hit %zu was read", i);
  *cache = &hits->caches[i];
  return QDRANT_OK;
}

static const uint8_t *find_point(const qdrant_hits *hits, size_t i, size_t *n_bytes) {
  const qd_hits_share *share = find_share(hits, i, 1);
  *n_bytes = share->page.point_bytes[i - share->first_hit];
  return share->page.points[i - share->first_hit];
}

qdrant_status qdrant_hits_payload_json(
    qdrant_hits *hits, size_t i, const char **json, size_t *n_bytes, qdrant_error *err) {
  qd_hit_cache *cache = NULL;
  size_t n_point = 0;
  qdrant_status status = check_hit(hits, i, json, err);
  if (status == QDRANT_OK)
    status = find_cache(hits, i, &cache, err);
  if (status == QDRANT_OK && cache->json == NULL) {
    const uint8_t *point = find_point(hits, i, &n_point);
    status = qd_point_payload_json(point, n_point, hits->arena, &cache->json, &cache->n_json, err);
  }
  if (status != QDRANT_OK)
    return status;
  *json = cache->json;
  if (n_bytes != NULL)
    *n_bytes = cache->n_json;
  return QDRANT_OK;
}

static qdrant_status decode_point(qdrant_hits *hits, size_t i, const Qdrant__ScoredPoint **point, qdrant_error *err) {
  qd_hit_cache *cache = NULL;
  ProtobufCMessage *message = NULL;
  size_t n_bytes = 0;
  qdrant_status status = find_cache(hits, i, &cache, err);
  if (status == QDRANT_OK && cache->point == NULL) {
    const uint8_t *bytes = find_point(hits, i, &n_bytes);
    status = qd_message_decode(&qdrant__scored_point__descriptor, bytes, n_bytes, hits->arena, &message, err);
    cache->point = (const Qdrant__ScoredPoint *)message;
  }
  if (status == QDRANT_OK)
    *point = cache->point;
  return status;
}

qdrant_status qdrant_hits_point(
    qdrant_hits *hits, size_t i, const struct Qdrant__ScoredPoint **point, qdrant_error *err) {
  qdrant_status status = check_hit(hits, i, point, err);
  return status == QDRANT_OK ? decode_point(hits, i, point, err) : status;
}

/* The vector of a name, "" for the unnamed one; NULL when there is none. */
static const Qdrant__VectorOutput *find_vector(const Qdrant__VectorsOutput *vectors, const char *name) {
  if (vectors == NULL)
    return NULL;
  if (vectors->vectors_options_case == QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTOR)
    return name[0] == '\0' ? vectors->vector : NULL;
  if (vectors->vectors_options_case != QDRANT__VECTORS_OUTPUT__VECTORS_OPTIONS_VECTORS)
    return NULL;
  for (size_t i = 0; i < vectors->vectors->n_vectors; i++)
    if (strcmp(vectors->vectors->vectors[i]->key, name) == 0)
      return vectors->vectors->vectors[i]->value;
  return NULL;
}

/* Servers before 1.16 put the floats of a dense vector into `data`, beside the indices or row count of other kinds. */
static int read_dense(const Qdrant__VectorOutput *vector, const float **values, size_t *n) {
  int is_dense = vector->vector_case == QDRANT__VECTOR_OUTPUT__VECTOR_DENSE;
  int is_old_dense = vector->vector_case == QDRANT__VECTOR_OUTPUT__VECTOR__NOT_SET && vector->indices == NULL &&
                     !vector->has_vectors_count;
  *values = is_dense ? vector->dense->data : vector->data;
  *n = is_dense ? vector->dense->n_data : vector->n_data;
  return is_dense || is_old_dense;
}

qdrant_status qdrant_hits_vector(
    qdrant_hits *hits, size_t i, const char *name, const float **values, size_t *n, qdrant_error *err) {
  const Qdrant__ScoredPoint *point = NULL;
  qdrant_status status = check_hit(hits, i, values != NULL ? (const void *)n : NULL, err);
  if (status == QDRANT_OK)
    status = decode_point(hits, i, &point, err);
  if (status != QDRANT_OK)
    return status;
  const Qdrant__VectorOutput *vector = find_vector(point->vectors, name != NULL ? name : "");
  if (vector == NULL)
    return qd_fail(err, QDRANT_NOT_FOUND, "hit %zu carries no vector \"%.60s\"; was it asked for (with_vectors)?", i,
        name != NULL ? name : "");
  if (!read_dense(vector, values, n))
    return qd_fail(err, QDRANT_NOT_FOUND, "vector \"%.60s\" of hit %zu is not dense; qdrant_hits_point has it",
        name != NULL ? name : "", i);
  return QDRANT_OK;
}
