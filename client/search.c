#include "qdrant/search.h"

#include "client/admission.h"
#include "client/hits.h"
#include "client/newer_gate.h"
#include "client/parts.h"
#include "core/error.h"
#include "core/queries_encode.h"
#include "core/sized.h"

#define DEFAULT_BATCH_SIZE 32
#define MAX_PARTS_IN_FLIGHT 1024

/* A batched search under way, in the caller's thread. */
typedef struct search {
  qdrant_client *client;
  const char *collection;
  qd_settings settings;
  qdrant_query_batch queries;
  size_t batch_size;
  size_t n_parts;
  size_t next; /* part */
  qd_hits_part *parts;
} search;

/* Fields that older servers do not know. */
static void note_newer(const qdrant_query_batch *queries, qd_newer_set *newer) {
  if (queries->filter != NULL)
    qd_newer_find(&queries->filter->base, newer);
  for (size_t i = 0; queries->filters != NULL && i < queries->n_queries; i++)
    if (queries->filters[i] != NULL)
      qd_newer_find(&queries->filters[i]->base, newer);
  if (queries->params != NULL)
    qd_newer_find(&queries->params->base, newer);
  if (queries->shard_key_selector != NULL)
    qd_newer_find(&queries->shard_key_selector->base, newer);
}

static qdrant_status prepare(
    search *job, const qdrant_query_batch *queries, const qdrant_call_options *call_options, qdrant_error *err) {
  if (queries == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "queries is NULL");
  qdrant_status status =
      qd_sized_copy(&job->queries, sizeof job->queries, queries, "qdrant_query_batch", QDRANT_INVALID_ARGUMENT, err);
  job->queries.size = sizeof job->queries;
  if (job->queries.read_consistency == NULL)
    job->queries.read_consistency = job->client->options.read_consistency;
  if (status == QDRANT_OK)
    status = qd_settings_resolve(&job->client->options, call_options, &job->settings, err);
  if (status == QDRANT_OK && qd_newer_is_wanted(job->client))
    note_newer(&job->queries, &job->settings.newer);
  return status;
}

static void plan_parts(search *job) {
  size_t n = job->queries.n_queries;
  job->batch_size = job->queries.batch_size > 0 ? job->queries.batch_size : DEFAULT_BATCH_SIZE;
  job->n_parts = n / job->batch_size + (n % job->batch_size > 0);
}

static size_t find_parts_in_flight(const search *job) {
  size_t wanted = job->queries.max_parts_in_flight;
  if (wanted == 0)
    wanted = job->client->options.n_connections;
  if (wanted > job->n_parts)
    wanted = job->n_parts;
  return wanted < MAX_PARTS_IN_FLIGHT ? wanted : MAX_PARTS_IN_FLIGHT;
}

static size_t count_queries(const search *job, size_t part) {
  size_t left = job->queries.n_queries - part * job->batch_size;
  return left < job->batch_size ? left : job->batch_size;
}

static qdrant_status encode(search *job, size_t first, size_t n, qd_body **body, qdrant_error *err) {
  return qd_queries_encode(
      job->collection, &job->queries, first, n, job->client->bodies, job->client->options.max_request_bytes, body, err);
}

static qdrant_status next_part(void *user, size_t *part, qd_body **body, qdrant_error *err) {
  search *job = user;
  *part = job->next;
  if (job->next == job->n_parts)
    return QDRANT_OK;
  job->next++;
  return encode(job, *part * job->batch_size, count_queries(job, *part), body, err);
}

/* Queries do not depend on each other: one part's failure does not end the others. */
static int take_part(void *user, size_t part, qdrant_reply *reply, const qdrant_error *error) {
  search *job = user;
  job->parts[part].reply = reply;
  qd_error_copy(&job->parts[part].error, error);
  return 1;
}

/* Parts that were never begun share the reason of the last one that could not be. */
static void fill_unbegun(search *job) {
  qdrant_error error = {0};
  for (size_t i = 0; i < job->next; i++)
    if (job->parts[i].error.status != QDRANT_OK)
      error = job->parts[i].error;
  error.delivery = QDRANT_NOT_SENT;
  error.n_attempts = 0;
  for (size_t i = job->next; i < job->n_parts; i++)
    job->parts[i].error = error;
}

static qdrant_status run_parts(search *job, qdrant_error *err) {
  static const qd_parts_ops ops = {.next = next_part, .take = take_part};
  qdrant_status status = qd_queries_check(job->collection, &job->queries, err);
  if (status == QDRANT_OK)
    status = qd_parts_run(
        job->client, QDRANT_RPC_POINTS_QUERY_BATCH, &job->settings, find_parts_in_flight(job), &ops, job, err);
  if (status == QDRANT_OK)
    fill_unbegun(job);
  return status;
}

static qdrant_status search_in_parts(search *job, qdrant_hits **hits, qdrant_error *err) {
  qd_arena *arena = qd_arena_pool_take(job->client->arenas);
  job->parts = arena != NULL ? qd_arena_zalloc(arena, job->n_parts * sizeof *job->parts) : NULL;
  qdrant_status status = QDRANT_OK;
  if (job->parts == NULL)
    status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a search of %zu calls was begun", job->n_parts);
  for (size_t i = 0; status == QDRANT_OK && i < job->n_parts; i++)
    job->parts[i].n_queries = count_queries(job, i);
  if (status == QDRANT_OK)
    status = run_parts(job, err);
  if (status == QDRANT_OK)
    status = qd_hits_merge(job->parts, job->n_parts, job->client->arenas, hits, err);
  qd_arena_pool_give(job->client->arenas, arena);
  return status;
}

static qdrant_status search_at_once(search *job, qdrant_hits **hits, qdrant_error *err) {
  qd_body *body = NULL;
  qd_hits_part part = {.n_queries = job->queries.n_queries};
  qdrant_status status = encode(job, 0, job->queries.n_queries, &body, err);
  if (status == QDRANT_OK)
    status = qd_call_body(job->client, QDRANT_RPC_POINTS_QUERY_BATCH, body, &job->settings, &part.reply, err);
  return status == QDRANT_OK ? qd_hits_merge(&part, 1, job->client->arenas, hits, err) : status;
}

qdrant_status qdrant_search(qdrant_client *client, const char *collection, const qdrant_query_batch *queries,
    const qdrant_call_options *call_options, qdrant_hits **hits, qdrant_error *err) {
  search job = {.client = client, .collection = collection};
  qd_error_clear(err);
  if (hits == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "hits is NULL");
  *hits = NULL;
  qdrant_status status = qd_call_check_entry(client, 1, err);
  if (status == QDRANT_OK)
    status = prepare(&job, queries, call_options, err);
  if (status != QDRANT_OK)
    return status;
  plan_parts(&job);
  return job.n_parts > 1 ? search_in_parts(&job, hits, err) : search_at_once(&job, hits, err);
}

qdrant_status qdrant_search_start(qdrant_client *client, const char *collection, const qdrant_query_batch *queries,
    const qdrant_call_options *call_options, const qdrant_then *then, qdrant_error *err) {
  search job = {.client = client, .collection = collection};
  qd_body *body = NULL;
  qd_error_clear(err);
  qdrant_status status = qd_call_check_entry(client, 0, err);
  if (status == QDRANT_OK)
    status = qd_call_check_then(then, err);
  if (status == QDRANT_OK)
    status = qd_admission_check(client, err);
  if (status == QDRANT_OK)
    status = prepare(&job, queries, call_options, err);
  if (status == QDRANT_OK)
    status = encode(&job, 0, job.queries.n_queries, &body, err);
  if (status != QDRANT_OK)
    return status;
  return qd_call_body_start(client, QDRANT_RPC_POINTS_QUERY_BATCH, body, &job.settings, 0, then, err);
}
