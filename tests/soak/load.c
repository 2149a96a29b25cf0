#include "tests/soak/load.h"

#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/search.h"
#include "qdrant/uploader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { N_CALLS_A_CLIENT = 100, N_QUERIES = 4, PAGE = 50, N_WRITTEN = 50, N_UPLOADED = 2000, IDS_A_WORKER = 100000 };

static void tell_wrong(soak_worker *worker, const char *what, uint64_t number) {
  if (atomic_fetch_add(&worker->tally->n_wrong, 1) < 20)
    printf("soak: WRONG: worker %zu, route %d: %s (%" PRIu64 ")\n", worker->number, (int)worker->route, what, number);
}

/* A status that no fault explains is an answer like any other wrong one. */
static int is_ok(soak_worker *worker, qdrant_status status, const qdrant_error *err) {
  switch (status) {
  case QDRANT_OK: return 1;
  case QDRANT_UNAVAILABLE:
  case QDRANT_INTERNAL:
  case QDRANT_DEADLINE_EXCEEDED: atomic_fetch_add(&worker->tally->n_failed, 1); return 0;
  default: tell_wrong(worker, err->message, (uint64_t)status); return 0;
  }
}

static void close_client(soak_worker *worker) {
  qdrant_stats stats = QDRANT_STATS_INIT;
  qdrant_error err;
  if (worker->client == NULL)
    return;
  if (qdrant_client_stats(worker->client, &stats, &err) == QDRANT_OK) {
    atomic_fetch_add(&worker->tally->n_attempts, stats.n_calls);
    atomic_fetch_add(&worker->tally->n_retries, stats.n_retries);
  }
  qdrant_client_close(worker->client);
  worker->client = NULL;
}

static void renew_client(soak_worker *worker, size_t n_routes) {
  close_client(worker);
  worker->route = (soak_route)random_below(&worker->random, n_routes);
  worker->client = soak_bed_open(worker->bed, worker->route);
  atomic_fetch_add(&worker->tally->n_clients, 1);
}

/* Stored vectors find themselves. */
static void search(soak_worker *worker) {
  qdrant_vector_column column = {.dim = SOAK_DIM, .values = worker->bed->values};
  qdrant_query_batch queries = QDRANT_QUERY_BATCH_INIT;
  qdrant_hits *hits = NULL;
  qdrant_error err;
  queries.first = random_below(&worker->random, SOAK_N_BASE - N_QUERIES);
  queries.n_queries = N_QUERIES;
  queries.vectors = &column;
  queries.limit = 3;
  qdrant_status status = qdrant_search(worker->client, soak_base, &queries, NULL, &hits, &err);
  if (is_ok(worker, status, &err))
    for (size_t i = 0; i < N_QUERIES; i++) {
      size_t first = 0;
      size_t n = 0;
      if (qdrant_hits_query(hits, i, &first, &n, &err) != QDRANT_OK || n != queries.limit ||
          qdrant_hits_nums(hits)[first] != worker->bed->ids[queries.first + i])
        tell_wrong(worker, "a stored vector does not find itself", queries.first + i + 1);
    }
  qdrant_hits_free(hits);
}

static void count(soak_worker *worker, char *collection, uint64_t expected) {
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  request.collection_name = collection;
  QDRANT_SET(&request, exact, 1);
  if (is_ok(worker, qdrant_points_count(worker->client, &request, NULL, &reply, &err), &err)) {
    uint64_t n = ((const Qdrant__CountResponse *)qdrant_reply_message(reply, NULL))->result->count;
    if (n != expected)
      tell_wrong(worker, "a count", n);
  }
  qdrant_reply_free(reply);
}

static void scroll(soak_worker *worker) {
  Qdrant__PointId offset = QDRANT__POINT_ID__INIT;
  Qdrant__ScrollPoints request = QDRANT__SCROLL_POINTS__INIT;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  offset.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  offset.num = 1 + random_below(&worker->random, SOAK_N_BASE - PAGE);
  request.collection_name = soak_base;
  request.offset = &offset;
  QDRANT_SET(&request, limit, PAGE);
  if (is_ok(worker, qdrant_points_scroll(worker->client, &request, NULL, &reply, &err), &err)) {
    const Qdrant__ScrollResponse *page = (const Qdrant__ScrollResponse *)qdrant_reply_message(reply, NULL);
    int is_right = page->n_result == PAGE;
    for (size_t i = 0; i < page->n_result && is_right; i++)
      is_right = page->result[i]->id->num == offset.num + i;
    if (!is_right)
      tell_wrong(worker, "a page", offset.num);
  }
  qdrant_reply_free(reply);
}

void *soak_read(void *user) {
  soak_worker *worker = user;
  for (size_t i = 0; !atomic_load(worker->is_over); i++) {
    if (i % N_CALLS_A_CLIENT == 0)
      renew_client(worker, N_SOAK_ROUTES);
    switch (random_below(&worker->random, 4)) {
    case 0: count(worker, soak_base, worker->bed->n_expected); break;
    case 1: scroll(worker); break;
    default: search(worker);
    }
    atomic_fetch_add(&worker->tally->n_reads, 1);
  }
  close_client(worker);
  return NULL;
}

/* The worker's points of a generation: the first float is the id's, the second the generation's. */
static void make_points(const soak_worker *worker, uint64_t *ids, float *values, size_t n) {
  memset(values, 0, n * SOAK_DIM * sizeof *values);
  for (size_t i = 0; i < n; i++) {
    ids[i] = worker->number * IDS_A_WORKER + i + 1;
    values[i * SOAK_DIM] = (float)ids[i];
    values[i * SOAK_DIM + 1] = (float)worker->generation;
  }
}

static int is_written(const soak_worker *worker, const Qdrant__RetrievedPoint *point, uint64_t id) {
  const Qdrant__VectorOutput *vector = point->vectors->vector;
  const float *values = vector->dense != NULL ? vector->dense->data : vector->data;
  /* A write that was taken for lost may come after the next one: any generation up to this one is right. */
  return values[0] == (float)id && values[1] >= 1.0F && values[1] <= (float)worker->generation;
}

/* What was reported as done is there. */
static void read_back(soak_worker *worker, uint64_t id) {
  Qdrant__PointId number = QDRANT__POINT_ID__INIT, *ids[] = {&number};
  Qdrant__WithVectorsSelector vectors = QDRANT__WITH_VECTORS_SELECTOR__INIT;
  Qdrant__GetPoints request = QDRANT__GET_POINTS__INIT;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  number.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  number.num = id;
  vectors.selector_options_case = QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  vectors.enable = 1;
  request.collection_name = soak_writes;
  request.ids = ids;
  request.n_ids = 1;
  request.with_vectors = &vectors;
  if (is_ok(worker, qdrant_points_get(worker->client, &request, NULL, &reply, &err), &err)) {
    const Qdrant__GetResponse *answer = (const Qdrant__GetResponse *)qdrant_reply_message(reply, NULL);
    if (answer->n_result != 1 || !is_written(worker, answer->result[0], id))
      tell_wrong(worker, "a point that was stored", id);
  }
  qdrant_reply_free(reply);
}

static qdrant_point_batch batch_of(qdrant_vector_column *column, const uint64_t *ids, const float *values, size_t n) {
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  *column = (qdrant_vector_column){.dim = SOAK_DIM, .values = values};
  batch.ids = ids;
  batch.n_points = n;
  batch.vectors = column;
  batch.n_vectors = 1;
  return batch;
}

void *soak_write(void *user) {
  soak_worker *worker = user;
  uint64_t ids[N_WRITTEN];
  float values[N_WRITTEN * SOAK_DIM];
  qdrant_vector_column column;
  qdrant_error err;
  for (size_t i = 0; !atomic_load(worker->is_over); i++) {
    if (i % N_CALLS_A_CLIENT == 0)
      renew_client(worker, SOAK_ENDPOINTS);
    worker->generation = worker->generation % 1000000 + 1;
    make_points(worker, ids, values, N_WRITTEN);
    qdrant_point_batch batch = batch_of(&column, ids, values, N_WRITTEN);
    qdrant_status status = qdrant_upsert(worker->client, soak_writes, &batch, NULL, NULL, NULL, &err);
    if (is_ok(worker, status, &err))
      read_back(worker, ids[random_below(&worker->random, N_WRITTEN)]);
    atomic_fetch_add(&worker->tally->n_writes, 1);
  }
  close_client(worker);
  return NULL;
}

/* One upload; then what was reported as done is there, looked at in places. */
static void upload(soak_worker *worker, const uint64_t *ids, const float *values) {
  qdrant_uploader_options options = QDRANT_UPLOADER_OPTIONS_INIT;
  qdrant_upload_progress progress = QDRANT_UPLOAD_PROGRESS_INIT;
  qdrant_vector_column column;
  qdrant_point_batch batch = batch_of(&column, ids, values, N_UPLOADED);
  qdrant_uploader *uploader = NULL;
  qdrant_error err;
  options.max_points = 1 + (uint32_t)random_below(&worker->random, 300);
  options.stops_on_error = QDRANT_OFF;
  soak_demand(qdrant_uploader_new(worker->client, soak_writes, &options, &uploader, &err), "an uploader", &err);
  soak_demand(qdrant_uploader_add(uploader, &batch, -1, NULL, &err), "adding", &err);
  qdrant_status status = qdrant_uploader_finish(uploader, -1, &err);
  qdrant_uploader_progress(uploader, &progress);
  if (progress.n_done + progress.n_maybe + progress.n_refused + progress.n_not_sent != N_UPLOADED ||
      (status == QDRANT_OK) != (progress.n_done == N_UPLOADED))
    tell_wrong(worker, "an account of an upload", progress.n_done);
  qdrant_uploader_free(uploader);
  if (is_ok(worker, status, &err)) {
    atomic_fetch_add(&worker->tally->n_uploads_whole, 1);
    for (size_t i = 0; i < 10; i++)
      read_back(worker, ids[random_below(&worker->random, N_UPLOADED)]);
  }
}

void *soak_upload(void *user) {
  soak_worker *worker = user;
  static uint64_t ids[N_UPLOADED];
  static float values[N_UPLOADED * SOAK_DIM];
  while (!atomic_load(worker->is_over)) {
    renew_client(worker, SOAK_ENDPOINTS);
    worker->generation = worker->generation % 1000000 + 1;
    make_points(worker, ids, values, N_UPLOADED);
    upload(worker, ids, values);
    atomic_fetch_add(&worker->tally->n_uploads, 1);
  }
  close_client(worker);
  return NULL;
}
