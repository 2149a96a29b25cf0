#ifndef QDRANT_SEARCH_H
#define QDRANT_SEARCH_H

#include "qdrant/call.h"
#include "qdrant/columns.h"
#include "qdrant/sized.h"

#ifdef __cplusplus
extern "C" {
#endif

struct Qdrant__Filter;
struct Qdrant__SearchParams;
struct Qdrant__WithPayloadSelector;
struct Qdrant__WithVectorsSelector;
struct Qdrant__ReadConsistency;
struct Qdrant__ShardKeySelector;

/* Queries as columns: nearest points to each of n_queries vectors, or to each of n_queries stored points. Options apply
 * to all; all borrowed until the function returns. */
typedef struct qdrant_query_batch {
  size_t size; /* sizeof(qdrant_query_batch) */
  size_t first;
  size_t n_queries; /* rows [first, first + n_queries) of the column or of ids */
  const qdrant_vector_column
      *vectors; /* one column, DENSE, SPARSE or MULTI; its name is the vector searched; no validity; or NULL */
  const qdrant_point_id *ids; /* the stored points to search by, when vectors is NULL */
  const char *vector_name;    /* with ids: the vector searched; NULL: the unnamed one */
  uint32_t limit;             /* hits a query; 0: 10 */
  uint32_t offset;            /* hits to skip */
  uint8_t has_score_threshold;
  float score_threshold;                                      /* worse hits are left out */
  qdrant_toggle with_payload;                                 /* OFF by default; ON: the whole payload */
  qdrant_toggle with_vectors;                                 /* OFF by default; ON: all vectors */
  const struct Qdrant__WithPayloadSelector *payload_selector; /* instead of with_payload */
  const struct Qdrant__WithVectorsSelector *vectors_selector; /* instead of with_vectors */
  const struct Qdrant__Filter *filter;                        /* NULL: none */
  const struct Qdrant__Filter *const *filters;                /* query q has entry q, or NULL; instead of filter */
  const struct Qdrant__SearchParams *params;                  /* NULL: the server's */
  const struct Qdrant__ReadConsistency *read_consistency;
  const struct Qdrant__ShardKeySelector *shard_key_selector;
  uint32_t batch_size;          /* queries in one call; 0: 32 */
  uint32_t max_parts_in_flight; /* calls of one search at once; 0: the client's connections */
} qdrant_query_batch;

#define QDRANT_QUERY_BATCH_INIT QDRANT_SIZED(qdrant_query_batch)

/* Hits of a batched search, all queries one after the other. Owned by whoever got it; one thread at a time. */
typedef struct qdrant_hits qdrant_hits;

/* Searches and waits. Queries are checked before anything is sent (finite floats, offsets, sparse indices); more than
 * batch_size go as several calls, whose answers are put back in order. When some calls fail and others do not, the
 * first failure is returned and *hits is given all the same: qdrant_hits_query says which queries have an answer. *hits
 * is NULL only if there is none at all. Any thread. */
QDRANT_API qdrant_status qdrant_search(qdrant_client *client, const char *collection, const qdrant_query_batch *queries,
    const qdrant_call_options *call_options, qdrant_hits **hits, qdrant_error *err);

/* Starts one call with all queries (batch_size does not apply). The reply answers QDRANT_RPC_POINTS_QUERY_BATCH:
 * qdrant_hits_take reads it. */
QDRANT_API qdrant_status qdrant_search_start(qdrant_client *client, const char *collection,
    const qdrant_query_batch *queries, const qdrant_call_options *call_options, const qdrant_then *then,
    qdrant_error *err);

/* Turns the reply of a QUERY_BATCH or QUERY call into hits. Takes *reply and sets it NULL, on failure too. */
QDRANT_API qdrant_status qdrant_hits_take(qdrant_reply **reply, qdrant_hits **hits, qdrant_error *err);

/* Number of queries. */
QDRANT_API size_t qdrant_hits_n_queries(const qdrant_hits *hits);

/* Number of hits of all queries. */
QDRANT_API size_t qdrant_hits_count(const qdrant_hits *hits);

/* The hits of query q are [*first, *first + *n). Not OK: that query has no answer, and why. INVALID_ARGUMENT: there is
 * no such query. */
QDRANT_API qdrant_status qdrant_hits_query(
    const qdrant_hits *hits, size_t query, size_t *first, size_t *n, qdrant_error *err);

/* One score a hit, higher is better except for Euclid and Manhattan distances. Lives as long as hits. */
QDRANT_API const float *qdrant_hits_scores(const qdrant_hits *hits);

/* One number a hit; NULL when an id is a UUID. Lives as long as hits. */
QDRANT_API const uint64_t *qdrant_hits_nums(const qdrant_hits *hits);

/* The id of hit i. INVALID_ARGUMENT: there is no such hit. */
QDRANT_API qdrant_status qdrant_hits_id(const qdrant_hits *hits, size_t i, qdrant_point_id *id, qdrant_error *err);

/* The payload of hit i as JSON text of one object, ended by NUL (n_bytes without it, may be NULL). "{}" when there is
 * none. Made on first use; lives as long as hits. */
QDRANT_API qdrant_status qdrant_hits_payload_json(
    qdrant_hits *hits, size_t i, const char **json, size_t *n_bytes, qdrant_error *err);

/* A dense vector of hit i, name NULL for the unnamed one. NOT_FOUND: the hit carries no such vector. Lives as long as
 * hits. */
QDRANT_API qdrant_status qdrant_hits_vector(
    qdrant_hits *hits, size_t i, const char *name, const float **values, size_t *n, qdrant_error *err);

/* The whole hit i as a message (Qdrant__ScoredPoint), for what has no accessor of its own. Decoded on first use; lives
 * as long as hits. */
struct Qdrant__ScoredPoint;
QDRANT_API qdrant_status qdrant_hits_point(
    qdrant_hits *hits, size_t i, const struct Qdrant__ScoredPoint **point, qdrant_error *err);

/* NULL is fine. */
QDRANT_API void qdrant_hits_free(qdrant_hits *hits);

#ifdef __cplusplus
}
#endif
#endif
