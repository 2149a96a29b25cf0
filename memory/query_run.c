#include "core/deadline.h"
#include "core/error.h"
#include "memory/query.h"

enum { SLOTS_BETWEEN_LOOKS = 1024 };

/* One query on its way: the search it becomes, unless it has no vector. */
typedef struct task {
  const qd_query *query;
  qd_search *search; /* NULL: points in id order */
} task;

/* How many hits are to be found, those the offset drops among them. */
static size_t n_wanted(const qd_query *query, const qd_view *view) {
  if (query->offset >= view->n_points)
    return 0;
  size_t left = view->n_points - (size_t)query->offset;
  return (size_t)query->offset + (query->limit < left ? (size_t)query->limit : left);
}

static qdrant_status find_stored_vector(
    qd_job *job, const qd_view *view, const qd_vector_field *field, const qd_query *query, qd_search *search) {
  char text[QD_ID_TEXT_BYTES];
  uint32_t slot = qd_view_find(view, &query->id);
  if (slot == QD_NO_SLOT) {
    qd_id_text(&query->id, text);
    return qd_fail(job->err, QDRANT_NOT_FOUND, "Not found: No point with id %s found", text);
  }
  if (!qd_vector_field_has(field, slot))
    return qd_fail(job->err, QDRANT_NOT_FOUND, "Not found: Vector with name \"%s\" for point not found", query->using);
  qd_vector stored = qd_vector_field_get(field, slot);
  search->excluded = slot;
  return qd_search_vector(view, field, &stored, job->arena, &search->vector) ? QDRANT_OK : qd_job_fail_memory(job);
}

static qdrant_status prepare_search(qd_job *job, const qd_view *view, const qd_query *query, qd_search *search) {
  const qd_vector_field *field = qd_view_get_field(view, query->using, job->err);
  if (field == NULL)
    return QDRANT_INVALID_ARGUMENT;
  *search = (qd_search){.field = field,
      .filter = query->filter,
      .excluded = QD_NO_SLOT,
      .has_threshold = query->has_threshold,
      .threshold = query->threshold};
  if (!qd_top_init(&search->top, n_wanted(query, view), view, job->arena))
    return qd_job_fail_memory(job);
  if (query->has_id)
    return find_stored_vector(job, view, field, query, search);
  qdrant_status status = qd_vector_field_check(field, &query->vector, job->err);
  if (status != QDRANT_OK)
    return status;
  return qd_search_vector(view, field, &query->vector, job->arena, &search->vector) ? QDRANT_OK
                                                                                    : qd_job_fail_memory(job);
}

static qdrant_status reserve_points(qd_job *job, size_t capacity, qd_query_result *result) {
  result->n = 0;
  result->points = qd_arena_alloc(job->arena, (capacity + 1) * sizeof(Qdrant__ScoredPoint *));
  return result->points != NULL ? QDRANT_OK : qd_job_fail_memory(job);
}

static qdrant_status add_point(qd_job *job, const qd_view *view, const qd_query *query, uint32_t slot, float score,
    uint64_t version, qd_query_result *result) {
  Qdrant__ScoredPoint *point = qd_reply_scored(job, view, slot, &query->parts);
  if (point == NULL)
    return QDRANT_NO_MEMORY;
  point->has_score = 1;
  point->score = score;
  point->has_version = 1;
  point->version = version;
  result->points[result->n++] = point;
  return QDRANT_OK;
}

static qdrant_status reply_hits(
    qd_job *job, const qd_view *view, const qd_query *query, const qd_search *search, qd_query_result *result) {
  const qd_top *top = &search->top;
  qdrant_status status = reserve_points(job, top->n, result);
  for (size_t i = (size_t)query->offset; i < top->n && status == QDRANT_OK; i++) {
    uint32_t slot = top->hits[i].slot;
    status = add_point(job, view, query, slot, qd_search_score(search, top->hits[i].score),
        qd_view_version(view, slot), result);
  }
  return status;
}

/* Without a query the server lists points in id order, all with the score 1 and the version 0. */
static qdrant_status reply_in_order(qd_job *job, const qd_view *view, const qd_query *query, qd_query_result *result) {
  size_t wanted = n_wanted(query, view);
  qdrant_status status = reserve_points(job, wanted, result);
  size_t n_matched = 0;
  size_t n_seen = 0;
  for (uint32_t slot = qd_view_first(view, NULL); slot != QD_NO_SLOT && n_matched < wanted && status == QDRANT_OK;
       slot = qd_view_next(view, slot)) {
    if (++n_seen % SLOTS_BETWEEN_LOOKS == 0 && qd_deadline_has_passed(job->deadline_ns))
      return qd_fail(
          job->err, QDRANT_DEADLINE_EXCEEDED, "Timeout error: the deadline passed during %s", job->rpc->name);
    if (!qd_view_matches(view, slot, query->filter))
      continue;
    if (n_matched++ >= query->offset)
      status = add_point(job, view, query, slot, 1.0F, 0, result);
  }
  return status;
}

static qdrant_status check_shards(qd_job *job, const qd_query *queries, size_t n) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = qd_job_check_shard(job, queries[i].shard_keys, "Bad request");
  return status;
}

/* Gives each query that has a vector one of the searches. */
static qdrant_status prepare_tasks(qd_job *job, const qd_view *view, const qd_query *queries, size_t n, task *tasks,
    qd_search *searches, size_t *n_searches) {
  *n_searches = 0;
  for (size_t i = 0; i < n; i++) {
    tasks[i] = (task){.query = &queries[i]};
    if (!queries[i].has_vector && !queries[i].has_id)
      continue;
    tasks[i].search = &searches[(*n_searches)++];
    qdrant_status status = prepare_search(job, view, &queries[i], tasks[i].search);
    if (status != QDRANT_OK)
      return status;
  }
  return QDRANT_OK;
}

static qdrant_status run_queries(
    qd_job *job, const qd_view *view, const qd_query *queries, size_t n, qd_query_result *results) {
  task *tasks = qd_arena_alloc(job->arena, (n + 1) * sizeof *tasks);
  qd_search *searches = qd_arena_alloc(job->arena, (n + 1) * sizeof *searches);
  if (tasks == NULL || searches == NULL)
    return qd_job_fail_memory(job);
  size_t n_searches;
  qdrant_status status = prepare_tasks(job, view, queries, n, tasks, searches, &n_searches);
  if (status == QDRANT_OK)
    status = qd_search_all(view, searches, n_searches, job->deadline_ns, job->err);
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    status = tasks[i].search != NULL ? reply_hits(job, view, &queries[i], tasks[i].search, &results[i])
                                     : reply_in_order(job, view, &queries[i], &results[i]);
  return status;
}

qdrant_status qd_query_answer(
    qd_job *job, const char *collection, const qd_query *queries, size_t n, qd_query_result *results) {
  qd_reader reader;
  qdrant_status status = qd_job_read(job, collection, NULL, &reader);
  if (status != QDRANT_OK)
    return status;
  status = check_shards(job, queries, n);
  if (status == QDRANT_OK)
    status = run_queries(job, &reader.view, queries, n, results);
  qd_job_end_read(&reader);
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
