#include "memory/query.h"

static qdrant_status check_shards(qd_job *job, const qd_query *queries, size_t n) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = qd_job_check_shard(job, queries[i].shard_keys, "Bad request");
  return status;
}

static int needs_look_up(const qd_source *source) {
  int is_needed = source->lookup != NULL;
  for (size_t i = 0; i < source->n_prefetches && !is_needed; i++)
    is_needed = needs_look_up(&source->prefetches[i]);
  return is_needed;
}

/* Reads other collections before this one is read, so that never two are at a time; but the server looks for this one
 * first. */
static qdrant_status look_up(qd_job *job, const char *name, qd_query *queries, size_t n) {
  qd_collection *collection = NULL;
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++) {
    if (!needs_look_up(&queries[i].source))
      continue;
    if (collection == NULL)
      status = qd_job_collection(job, name, &collection);
    if (status == QDRANT_OK)
      status = qd_source_look_up(job, &queries[i].source);
  }
  qd_collection_unref(collection);
  return status;
}

static qdrant_status run_sources(qd_job *job, const qd_reader *reader, qd_query *queries, size_t n) {
  qd_source **roots = qd_arena_alloc(job->arena, (n + 1) * sizeof *roots);
  if (roots == NULL)
    return qd_job_fail_memory(job);
  for (size_t i = 0; i < n; i++)
    roots[i] = &queries[i].source;
  return qd_sources_run(job, reader, roots, n);
}

qdrant_status qd_query_begin(qd_job *job, const char *collection, qd_query *queries, size_t n, qd_reader *reader) {
  qdrant_status status = look_up(job, collection, queries, n);
  if (status == QDRANT_OK)
    status = qd_job_read(job, collection, NULL, reader);
  if (status != QDRANT_OK)
    return status;
  status = check_shards(job, queries, n);
  if (status == QDRANT_OK)
    status = run_sources(job, reader, queries, n);
  if (status != QDRANT_OK)
    qd_job_end_read(reader);
  return status;
}

void qd_query_end(qd_reader *reader) {
  qd_job_end_read(reader);
}

/* Points that are listed instead of scored have the version 0 on the server. */
static int is_list(const qd_source *source) {
  return source->kind == QD_SOURCE_IN_ORDER || source->kind == QD_SOURCE_SAMPLE || source->kind == QD_SOURCE_ORDER_BY;
}

Qdrant__ScoredPoint *qd_query_reply(qd_job *job, const qd_view *view, const qd_query *query, size_t at) {
  const qd_source *source = &query->source;
  qd_hit hit = source->hits.items[at];
  Qdrant__ScoredPoint *point = qd_reply_scored(job, view, hit.slot, &query->parts);
  if (point == NULL)
    return NULL;
  point->has_score = point->has_version = 1;
  point->score = hit.score;
  point->version = is_list(source) ? 0 : qd_view_version(view, hit.slot);
  if (source->places == NULL)
    return point;
  point->order_value = qd_order_value_message(job, &source->places[at].value);
  if (point->order_value == NULL)
    qd_job_fail_memory(job);
  return point->order_value != NULL ? point : NULL;
}

static qdrant_status reply_hits(qd_job *job, const qd_view *view, const qd_query *query, qd_query_result *result) {
  const qd_hits *hits = &query->source.hits;
  result->n = 0;
  result->points = qd_arena_alloc(job->arena, (hits->n + 1) * sizeof(Qdrant__ScoredPoint *));
  if (result->points == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = qd_reply_parts_check(job, view, &query->parts);
  if (status != QDRANT_OK)
    return status;
  for (size_t i = (size_t)query->offset; i < hits->n; i++) {
    Qdrant__ScoredPoint *point = qd_query_reply(job, view, query, i);
    if (point == NULL)
      return QDRANT_NO_MEMORY;
    result->points[result->n++] = point;
  }
  return QDRANT_OK;
}

qdrant_status qd_query_answer(
    qd_job *job, const char *collection, qd_query *queries, size_t n, qd_query_result *results) {
  qd_reader reader;
  qdrant_status status = qd_query_begin(job, collection, queries, n, &reader);
  if (status != QDRANT_OK)
    return status;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = reply_hits(job, &reader.view, &queries[i], &results[i]);
  qd_query_end(&reader);
  return status;
}

static Qdrant__BatchResult *make_batch(qd_job *job, const qd_query_result *result) {
  Qdrant__BatchResult *batch = qd_job_message(job, &qdrant__batch_result__descriptor);
  if (batch == NULL)
    return NULL;
  batch->n_result = result->n;
  batch->result = result->points;
  return batch;
}

qdrant_status qd_query_answer_batch(qd_job *job, const char *collection, qd_query_reader read, size_t n,
    size_t *n_batches, Qdrant__BatchResult ***batches) {
  qd_query *queries = qd_arena_alloc(job->arena, (n + 1) * sizeof *queries);
  qd_query_result *results = qd_arena_alloc(job->arena, (n + 1) * sizeof *results);
  *batches = qd_arena_alloc(job->arena, (n + 1) * sizeof(Qdrant__BatchResult *));
  if (queries == NULL || results == NULL || *batches == NULL)
    return qd_job_fail_memory(job);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = read(job, i, &queries[i]);
  if (status == QDRANT_OK)
    status = qd_query_answer(job, collection, queries, n, results);
  if (status != QDRANT_OK)
    return status;
  for (*n_batches = 0; *n_batches < n; (*n_batches)++) {
    Qdrant__BatchResult *batch = make_batch(job, &results[*n_batches]);
    if (batch == NULL)
      return qd_job_fail_memory(job);
    (*batches)[*n_batches] = batch;
  }
  return QDRANT_OK;
}
