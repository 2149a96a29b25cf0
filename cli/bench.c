/* Load against any server: bench upsert and bench search. */
#include "cli/bench_data.h"
#include "cli/bench_run.h"
#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/output.h"
#include "cli/schema.h"
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/search.h"
#include "qdrant/uploader.h"

#include <string.h>

static const char own_collection[] = "qdrantctl-bench";

enum {
  default_dim = 128,
  default_batch = 100,
  default_calls = 1000,
  default_in_flight = 8,
  default_points = 10000,
  default_limit = 10,
  fill_batch = 500,
};

/* What a bench holds: its settings and what it sends. */
typedef struct bench {
  qd_cli *cli;
  const char *collection;
  size_t dim, batch, n_calls, in_flight, n_points;
  uint32_t limit;
  qd_bench_data data;
  qdrant_upsert_options upsert_options;
  qdrant_arena *arena;
  Qdrant__QueryPoints *query; /* of single searches */
} bench;

static void read_settings(bench *b, qd_cli *cli) {
  const qd_args *args = &cli->args;
  *b = (bench){.cli = cli};
  b->collection = args->collection ? args->collection : own_collection;
  b->dim = args->dim ? args->dim : default_dim;
  b->batch = args->batch ? args->batch : default_batch;
  b->n_calls = args->calls ? args->calls : default_calls;
  b->in_flight = args->in_flight ? args->in_flight : default_in_flight;
  b->n_points = args->points ? args->points : default_points;
  b->limit = args->limit ? (uint32_t)args->limit : default_limit;
  b->upsert_options = (qdrant_upsert_options)QDRANT_UPSERT_OPTIONS_INIT;
  b->upsert_options.max_bytes = 256u << 20;
}

static qdrant_status start_upsert(void *user, size_t i, const qdrant_then *then, qdrant_error *err) {
  bench *b = user;
  qdrant_point_batch batch =
      qd_bench_points(&b->data, i, b->batch, (uint64_t)i * b->batch + 1, b->cli->args.with_payload);
  return qdrant_upsert_start(b->cli->client, b->collection, &batch, &b->upsert_options, NULL, then, err);
}

static qdrant_status take_upsert(void *user, qdrant_reply *reply, qdrant_error *err) {
  (void)user;
  const Qdrant__PointsOperationResponse *response = qdrant_points_upsert_response(reply, err);
  qdrant_reply_free(reply);
  return response ? QDRANT_OK : err->status;
}

static qdrant_status start_search(void *user, size_t i, const qdrant_then *then, qdrant_error *err) {
  bench *b = user;
  qdrant_vector_column vectors = {.dim = (uint32_t)b->dim, .values = qd_bench_rows(&b->data, i)};
  qdrant_query_batch queries = QDRANT_QUERY_BATCH_INIT;
  queries.vectors = &vectors;
  queries.n_queries = b->batch;
  queries.limit = b->limit;
  queries.with_payload = b->cli->args.with_payload ? QDRANT_ON : QDRANT_OFF;
  return qdrant_search_start(b->cli->client, b->collection, &queries, NULL, then, err);
}

/* --batch 1: the call of a single search, with another vector each time. */
static qdrant_status start_query(void *user, size_t i, const qdrant_then *then, qdrant_error *err) {
  bench *b = user;
  b->query->query->nearest->dense->data = (float *)qd_bench_rows(&b->data, i);
  return qdrant_points_query_start(b->cli->client, b->query, NULL, then, err);
}

static qdrant_status take_search(void *user, qdrant_reply *reply, qdrant_error *err) {
  (void)user;
  qdrant_hits *hits = NULL;
  qdrant_status status = qdrant_hits_take(&reply, &hits, err);
  qdrant_hits_free(hits);
  return status;
}

static qdrant_status make_query(bench *b) {
  b->arena = qdrant_arena_new();
  Qdrant__QueryPoints *query = b->query = b->arena ? QDRANT_NEW(b->arena, query_points) : NULL;
  if (query) {
    query->collection_name = (char *)b->collection;
    query->query = qdrant_query_dense(b->arena, b->data.vectors, b->dim);
    query->with_payload = QDRANT_NEW(b->arena, with_payload_selector);
    QDRANT_SET(query, limit, b->limit);
  }
  if (!query || !query->query || !query->with_payload)
    return qd_cli_fail(&b->cli->err, QDRANT_NO_MEMORY, "out of memory for the query");
  query->with_payload->selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  query->with_payload->enable = b->cli->args.with_payload;
  return QDRANT_OK;
}

static qdrant_status drop_own_collection(bench *b) {
  Qdrant__DeleteCollection request = QDRANT__DELETE_COLLECTION__INIT;
  qdrant_reply *reply = NULL;
  request.collection_name = (char *)own_collection;
  qdrant_status status = qdrant_collections_delete(b->cli->client, &request, NULL, &reply, &b->cli->err);
  qdrant_reply_free(reply);
  return status;
}

/* A collection under the bench's own name is made anew; one that the user named must not be there yet. */
static qdrant_status create_collection(bench *b) {
  qd_schema schema = {0};
  qdrant_status status = QDRANT_OK;
  if (!b->cli->args.collection)
    status = drop_own_collection(b);
  if (status == QDRANT_OK || status == QDRANT_NOT_FOUND)
    status = qd_schema_add(
        &schema, NULL, 0, QDRANT_DENSE, b->dim, (Qdrant__Distance)(b->cli->args.distance + 1), &b->cli->err);
  if (status == QDRANT_OK)
    status = qd_schema_create(b->cli->client, b->collection, &schema, &b->cli->err);
  if (status == QDRANT_ALREADY_EXISTS)
    qd_cli_suffix(&b->cli->err, " (--no-create uses it as it is)");
  qd_schema_free(&schema);
  return status;
}

/* Which points are stored next. */
typedef struct filling {
  bench *b;
  size_t done;
} filling;

static qdrant_status next_points(void *user, qdrant_point_batch *batch, qdrant_error *err) {
  filling *in = user;
  bench *b = in->b;
  (void)err;
  size_t rest = b->n_points - in->done, n = rest < fill_batch ? rest : fill_batch;
  qd_bench_data_renew(&b->data);
  *batch = qd_bench_points(&b->data, 0, n, in->done + 1, b->cli->args.with_payload);
  in->done += n;
  return QDRANT_OK;
}

/* Puts in the points to search in. */
static qdrant_status store_points(bench *b) {
  qdrant_uploader *uploader = NULL;
  filling in = {.b = b};
  qdrant_uploader_options options = QDRANT_UPLOADER_OPTIONS_INIT;
  options.max_points = fill_batch;
  qdrant_status status = qdrant_uploader_new(b->cli->client, b->collection, &options, &uploader, &b->cli->err);
  if (status == QDRANT_OK)
    status = qdrant_uploader_pull(uploader, next_points, &in, &b->cli->err);
  if (status == QDRANT_OK)
    status = qdrant_uploader_finish(uploader, -1, &b->cli->err);
  qdrant_uploader_free(uploader);
  qd_bench_data_renew(&b->data);
  return status;
}

static qdrant_status print_figures(const bench *b, const char *what, const qd_bench_figures *figures) {
  qd_output *output = qd_output_new_record();
  qd_output_text(output, "bench", what);
  qd_output_count(output, "items", figures->n_done * b->batch);
  qd_output_double(output, "seconds", figures->seconds);
  qd_output_double(output, "cpu_seconds", figures->cpu_seconds);
  qd_output_count(output, "request_bytes", figures->request_bytes);
  qd_output_double(output, "p50_us", figures->p50_us);
  qd_output_double(output, "p99_us", figures->p99_us);
  qd_output_double(output, "max_rss_mib", qd_bench_max_rss_mib());
  qd_output_count(output, "errors", figures->n_failed);
  qd_output_count(output, "calls", figures->n_done + figures->n_failed);
  qd_output_count(output, "batch", b->batch);
  qd_output_count(output, "dim", b->dim);
  qd_output_count(output, "in_flight", b->in_flight);
  if (strcmp(what, "search") == 0)
    qd_output_count(output, "limit", b->limit);
  return qd_output_print(output, QD_OUTPUT_JSON, stdout, &b->cli->err);
}

/* As many calls as may be in flight, to find every connection and thread awake; then those that count. */
static qdrant_status measure(bench *b, const char *what, qd_bench_load *load) {
  qd_bench_figures figures;
  load->client = b->cli->client;
  load->bench = b;
  load->max_in_flight = b->in_flight;
  load->n_calls = b->in_flight;
  qdrant_status status = qd_bench_run(load, &figures, &b->cli->err);
  load->n_calls = b->n_calls;
  if (status == QDRANT_OK)
    status = qd_bench_run(load, &figures, &b->cli->err);
  if (status == QDRANT_OK)
    status = print_figures(b, what, &figures);
  if (status == QDRANT_OK && figures.n_failed > 0) {
    b->cli->err = figures.first_error;
    qd_cli_prefix(
        &b->cli->err, "%llu of %zu calls failed, the first: ", (unsigned long long)figures.n_failed, b->n_calls);
    status = b->cli->err.status;
  }
  return status;
}

static void free_bench(bench *b) {
  qdrant_arena_free(b->arena);
  qd_bench_data_free(&b->data);
}

static qdrant_status prepare(bench *b) {
  qdrant_status status =
      qd_bench_data_make(&b->data, b->batch > fill_batch ? b->batch : fill_batch, b->dim, &b->cli->err);
  if (status == QDRANT_OK)
    status = qd_cli_wait_connections(b->cli);
  if (status == QDRANT_OK && !b->cli->args.is_not_created)
    status = create_collection(b);
  return status;
}

qdrant_status qd_run_bench_upsert(qd_cli *cli) {
  bench b;
  qd_bench_load load = {.start = start_upsert, .take = take_upsert};
  read_settings(&b, cli);
  qdrant_status status = prepare(&b);
  if (status == QDRANT_OK)
    status = measure(&b, "upsert", &load);
  free_bench(&b);
  return status;
}

qdrant_status qd_run_bench_search(qd_cli *cli) {
  bench b;
  read_settings(&b, cli);
  qd_bench_load load = {.start = b.batch == 1 ? start_query : start_search, .take = take_search};
  qdrant_status status = prepare(&b);
  if (status == QDRANT_OK && !cli->args.is_not_created)
    status = store_points(&b);
  if (status == QDRANT_OK && b.batch == 1)
    status = make_query(&b);
  if (status == QDRANT_OK)
    status = measure(&b, "search", &load);
  free_bench(&b);
  return status;
}
