#include "client/hits.h"

#include "client/reply.h"
#include "core/error.h"

#include <string.h>

static qdrant_status fail_no_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while hits were read");
}

static qdrant_status decode_page(qd_hits_share *share, qd_arena *arena, qdrant_error *err) {
  const uint8_t *bytes = NULL;
  size_t n_bytes = 0;
  int is_batch = share->reply->rpc->id == QDRANT_RPC_POINTS_QUERY_BATCH;
  qdrant_status status = qd_reply_encoded(share->reply, &bytes, &n_bytes, err);
  if (status == QDRANT_OK)
    status = qd_hits_decode(bytes, n_bytes, is_batch, arena, &share->page, err);
  if (status == QDRANT_OK && share->n_queries != SIZE_MAX && share->page.n_queries != share->n_queries)
    status = qd_fail(
        err, QDRANT_BAD_REPLY, "the answer to %zu queries has %zu results", share->n_queries, share->page.n_queries);
  if (status == QDRANT_OK)
    share->n_queries = share->page.n_queries;
  return status;
}

/* A share without an answer has no hits; the error says why. */
static void drop_answer(qd_hits_share *share) {
  qdrant_reply_free(share->reply);
  share->reply = NULL;
  share->page = (qd_hits_page){0};
}

static void read_share(qd_hits_share *share, qd_hits_part *part, qd_arena *arena) {
  share->n_queries = part->n_queries;
  share->reply = part->reply;
  part->reply = NULL;
  if (share->reply == NULL) {
    qd_error_copy(&share->error, &part->error);
    return;
  }
  if (decode_page(share, arena, &share->error) != QDRANT_OK) {
    qd_error_prefix(&share->error, "reply to %s: ", share->reply->rpc->name);
    share->error.delivery = QDRANT_ANSWERED;
    share->error.n_attempts = qdrant_reply_attempts(share->reply);
    drop_answer(share);
  }
}

static int has_uuid(const qd_hits_page *page) {
  return page->uuids != NULL;
}

static void read_shares(qdrant_hits *hits, qd_hits_part *parts) {
  for (size_t i = 0; i < hits->n_shares; i++) {
    qd_hits_share *share = &hits->shares[i];
    read_share(share, &parts[i], hits->arena);
    share->first_query = hits->n_queries;
    share->first_hit = hits->n_hits;
    hits->n_queries += share->n_queries;
    hits->n_hits += share->page.n_hits;
    hits->has_uuid |= has_uuid(&share->page);
  }
}

static qdrant_status join_columns(qdrant_hits *hits, qdrant_error *err) {
  if (hits->n_shares == 1) {
    hits->scores = hits->shares[0].page.scores;
    hits->nums = hits->shares[0].page.nums;
    return QDRANT_OK;
  }
  hits->scores = qd_arena_alloc(hits->arena, hits->n_hits * sizeof(float) + 1);
  hits->nums = qd_arena_alloc(hits->arena, hits->n_hits * sizeof(uint64_t) + 1);
  if (hits->scores == NULL || hits->nums == NULL)
    return fail_no_memory(err);
  for (size_t i = 0; i < hits->n_shares; i++) {
    const qd_hits_share *share = &hits->shares[i];
    if (share->page.n_hits == 0)
      continue;
    memcpy(hits->scores + share->first_hit, share->page.scores, share->page.n_hits * sizeof(float));
    memcpy(hits->nums + share->first_hit, share->page.nums, share->page.n_hits * sizeof(uint64_t));
  }
  return QDRANT_OK;
}

static qdrant_hits *new_hits(qd_arena_pool *pool, size_t n_shares) {
  qd_arena *arena = qd_arena_pool_take(pool);
  qdrant_hits *hits = arena != NULL ? qd_arena_zalloc(arena, sizeof *hits) : NULL;
  qd_hits_share *shares = hits != NULL ? qd_arena_zalloc(arena, n_shares * sizeof *shares) : NULL;
  if (shares == NULL) {
    qd_arena_pool_give(pool, arena);
    return NULL;
  }
  hits->pool = qd_arena_pool_ref(pool);
  hits->arena = arena;
  hits->shares = shares;
  hits->n_shares = n_shares;
  return hits;
}

void qdrant_hits_free(qdrant_hits *hits) {
  if (hits == NULL)
    return;
  for (size_t i = 0; i < hits->n_shares; i++)
    qdrant_reply_free(hits->shares[i].reply);
  qd_arena_pool *pool = hits->pool;
  qd_arena_pool_give(pool, hits->arena); /* the hits themselves lie in it */
  qd_arena_pool_unref(pool);
}

static void free_replies(qd_hits_part *parts, size_t n_parts) {
  for (size_t i = 0; i < n_parts; i++) {
    qdrant_reply_free(parts[i].reply);
    parts[i].reply = NULL;
  }
}

/* The first failure, if any; 1 in *has_answer when some share has one. */
static qdrant_status sum_up(const qdrant_hits *hits, int *has_answer, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  *has_answer = 0;
  for (size_t i = 0; i < hits->n_shares; i++) {
    const qd_hits_share *share = &hits->shares[i];
    if (share->reply != NULL)
      *has_answer = 1;
    else if (status == QDRANT_OK)
      status = qd_error_pass(err, &share->error);
  }
  return status;
}

qdrant_status qd_hits_merge(
    qd_hits_part *parts, size_t n_parts, qd_arena_pool *pool, qdrant_hits **hits, qdrant_error *err) {
  int has_answer = 0;
  *hits = NULL;
  qdrant_hits *made = new_hits(pool, n_parts);
  if (made == NULL) {
    free_replies(parts, n_parts);
    return fail_no_memory(err);
  }
  read_shares(made, parts);
  qdrant_status joined = join_columns(made, err);
  qdrant_status status = joined == QDRANT_OK ? sum_up(made, &has_answer, err) : joined;
  if (has_answer)
    *hits = made;
  else
    qdrant_hits_free(made);
  return status;
}

qdrant_status qdrant_hits_take(qdrant_reply **reply, qdrant_hits **hits, qdrant_error *err) {
  qd_error_clear(err);
  if (reply == NULL || *reply == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "reply is NULL");
  qd_hits_part part = {.n_queries = SIZE_MAX, .reply = *reply};
  qd_arena_pool *pool = (*reply)->pool;
  qdrant_status status = QDRANT_OK;
  *reply = NULL;
  if (hits == NULL)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "hits is NULL");
  else
    *hits = NULL;
  qdrant_rpc rpc = part.reply->rpc->id;
  if (status == QDRANT_OK && rpc != QDRANT_RPC_POINTS_QUERY_BATCH && rpc != QDRANT_RPC_POINTS_QUERY)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "the reply answers %s; hits come from Points/QueryBatch and Points/Query", part.reply->rpc->name);
  if (status != QDRANT_OK) {
    qdrant_reply_free(part.reply);
    return status;
  }
  qd_arena_pool_ref(pool); /* the reply's own reference may go before the hits' arena does */
  status = qd_hits_merge(&part, 1, pool, hits, err);
  qd_arena_pool_unref(pool);
  return status;
}
