#ifndef QD_HITS_H
#define QD_HITS_H

#include "core/hits_decode.h"
#include "qdrant/search.h"

/* One call's share of a batched search. */
typedef struct qd_hits_part {
  size_t n_queries;
  qdrant_reply *reply; /* NULL: the call failed */
  qdrant_error error;
} qd_hits_part;

/* Merges the parts in their order. Takes their replies, on failure too. A reply that cannot be read, or has not one
 * result a query, becomes its part's error. *hits stays NULL when no part has an answer; err gets the first part's
 * failure either way. */
qdrant_status qd_hits_merge(
    qd_hits_part *parts, size_t n_parts, qd_arena_pool *pool, qdrant_hits **hits, qdrant_error *err);

/* A part as hits keep it. */
typedef struct qd_hits_share {
  size_t first_query;
  size_t first_hit;
  size_t n_queries;
  qdrant_reply *reply;
  qd_hits_page page;
  qdrant_error error;
} qd_hits_share;

/* Everything but the replies lies in the arena. */
struct qdrant_hits {
  qd_arena_pool *pool;
  qd_arena *arena;
  size_t n_shares;
  qd_hits_share *shares;
  size_t n_queries;
  size_t n_hits;
  int has_uuid;
  float *scores; /* the only share's own, or all shares' in one */
  uint64_t *nums;
  struct qd_hit_cache *caches; /* one a hit, made when the first is wanted */
};

#endif
