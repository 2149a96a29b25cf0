/* From nothing to batched upsert and batched search on real data; scripts/quickstart runs it. */
#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/feed.h"
#include "cli/neighbours.h"
#include "cli/output.h"
#include "cli/points_json.h"
#include "cli/schema.h"
#include "cli/text.h"
#include "cli/words.h"
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/mock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char collection[] = "words";

enum { points_a_batch = 500 };

/* What a quick start holds while it runs, and what it measured. */
typedef struct quickstart {
  qd_cli *cli;
  qdrant_mock *server; /* NULL: a server of the user's */
  qd_words words;
  json_object *answers; /* [{"word": .., "nearest": [{"word": .., "score": ..}]}] */
  uint64_t n_batches;
  double upsert_seconds, search_seconds;
} quickstart;

static int is_table(const quickstart *run) {
  return run->cli->args.output == QD_OUTPUT_TABLE;
}

/* Connects to the user's server, or to the embedded engine behind a port of its own. */
static qdrant_status connect_server(quickstart *run) {
  qd_cli *cli = run->cli;
  const char *url = cli->args.url ? cli->args.url : getenv("QDRANT_URL");
  qdrant_status status;
  if ((url && *url) || cli->args.endpoints.n > 0) {
    status = qd_cli_connect(cli);
  } else {
    qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
    options.grpc_port = (uint16_t)cli->args.grpc_port;
    status = qdrant_mock_start(&options, &run->server, &cli->err);
    if (status == QDRANT_OK)
      status = qd_cli_open(cli, qdrant_mock_url(run->server), NULL, &cli->client);
  }
  if (status == QDRANT_OK)
    status = qd_cli_wait_connections(cli);
  if (status == QDRANT_OK && is_table(run))
    printf("%s %s\n", run->server ? "QDRANT_URL is not set: serving the embedded engine, gRPC on" : "server:",
        qdrant_client_endpoint(cli->client));
  return status;
}

static qdrant_status refuse_collection(quickstart *run, const char *why) {
  return qd_cli_fail(&run->cli->err, QDRANT_FAILED_PRECONDITION,
      "collection \"%s\" is there and is not the quick start's: %s; nothing was changed", collection, why);
}

static qdrant_status count_points(quickstart *run, uint64_t *n) {
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_reply *reply = NULL;
  request.collection_name = (char *)collection;
  QDRANT_SET(&request, exact, 1);
  qdrant_status status = qdrant_points_count(run->cli->client, &request, NULL, &reply, &run->cli->err);
  if (status == QDRANT_OK) {
    const Qdrant__CountResponse *response = qdrant_points_count_response(reply, &run->cli->err);
    *n = response && response->result ? response->result->count : 0;
  }
  qdrant_reply_free(reply);
  return status;
}

/* Whether a payload's "word" is the given one. */
static int has_word(const Qdrant__RetrievedPoint *point, const char *word) {
  json_object *payload = qd_json_payload(point), *have = NULL;
  json_object_object_get_ex(payload, "word", &have);
  int is_equal = have && strcmp(json_object_get_string(have), word) == 0;
  json_object_put(payload);
  return is_equal;
}

/* A collection of the same shape that holds other points must not be written over: its first point tells. */
static qdrant_status check_first_point(quickstart *run) {
  char first[64];
  snprintf(first, sizeof first, "%.*s", (int)run->words.offsets[1], run->words.text);
  Qdrant__GetPoints request = QDRANT__GET_POINTS__INIT;
  Qdrant__WithPayloadSelector payload = QDRANT__WITH_PAYLOAD_SELECTOR__INIT;
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__PointId *id = arena ? qdrant_point_id_num(arena, 1) : NULL;
  payload.selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  payload.enable = 1;
  request.collection_name = (char *)collection;
  request.with_payload = &payload;
  request.n_ids = 1;
  request.ids = &id;
  qdrant_status status = id ? qdrant_points_get(run->cli->client, &request, NULL, &reply, &run->cli->err)
                            : qd_cli_fail(&run->cli->err, QDRANT_NO_MEMORY, "out of memory");
  if (status == QDRANT_OK) {
    const Qdrant__GetResponse *response = qdrant_points_get_response(reply, &run->cli->err);
    if (response && response->n_result > 0 && !has_word(response->result[0], first))
      status = refuse_collection(run, "its point 1 is another");
  }
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status;
}

static qdrant_status check_collection(quickstart *run, const qd_schema *schema) {
  const qd_schema_vector *vector = qd_schema_find(schema, NULL);
  uint64_t n = 0;
  if (schema->n != 1 || !vector || vector->kind != QDRANT_DENSE || vector->dim != run->words.dim ||
      vector->distance != QDRANT__DISTANCE__Cosine)
    return refuse_collection(run, "it does not take one unnamed vector of 100 floats with cosine distance");
  qdrant_status status = count_points(run, &n);
  if (status == QDRANT_OK && n > run->words.n)
    return refuse_collection(run, "it holds more points than there are words");
  return status == QDRANT_OK ? check_first_point(run) : status;
}

static qdrant_status prepare_collection(quickstart *run) {
  qd_schema schema = {0};
  qdrant_error *err = &run->cli->err;
  int is_new = 0;
  qdrant_status status = qd_schema_get(run->cli->client, collection, &schema, err);
  if (status == QDRANT_OK) {
    status = check_collection(run, &schema);
  } else if (status == QDRANT_NOT_FOUND) {
    is_new = 1;
    status = qd_schema_add(&schema, NULL, 0, QDRANT_DENSE, run->words.dim, QDRANT__DISTANCE__Cosine, err);
    if (status == QDRANT_OK)
      status = qd_schema_create(run->cli->client, collection, &schema, err);
  }
  if (status == QDRANT_OK && is_table(run))
    printf("collection %s: %s, %u floats a vector, cosine distance\n", collection,
        is_new ? "created" : "is there already", run->words.dim);
  qd_schema_free(&schema);
  return status;
}

static qdrant_status put_points(quickstart *run, qd_feed *feed) {
  const qd_words *words = &run->words;
  qdrant_vector_column vectors = {.dim = words->dim, .values = words->vectors};
  qdrant_payload_column payload[] = {{.key = "word",
                                         .kind = QDRANT_PAYLOAD_KEYWORD,
                                         .values = words->text,
                                         .offsets = words->offsets,
                                         .offset_bits = 64},
      {.key = "rank", .kind = QDRANT_PAYLOAD_INTEGER, .values = words->ranks}};
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  batch.n_points = words->n;
  batch.ids = words->ids;
  batch.vectors = &vectors;
  batch.n_vectors = 1;
  batch.payload = payload;
  batch.n_payload = 2;
  qdrant_error *err = &run->cli->err;
  qd_progress_begin(&feed->progress, "upserting", words->n);
  qdrant_status status = qd_feed_batch(feed, &batch, 0, err);
  if (status == QDRANT_OK)
    status = qd_feed_wait(feed, err);
  if (status == QDRANT_OK)
    status = qdrant_uploader_finish(feed->uploader, -1, err);
  qd_progress_end(&feed->progress);
  return status;
}

/* Every point that was upserted is there. */
static qdrant_status check_count(quickstart *run) {
  uint64_t n = 0;
  qdrant_status status = count_points(run, &n);
  if (status == QDRANT_OK && n != run->words.n)
    status = qd_cli_fail(&run->cli->err, QDRANT_FAILED_PRECONDITION,
        "collection \"%s\" counts %llu points; %zu were upserted", collection, (unsigned long long)n, run->words.n);
  return status;
}

static qdrant_status upsert_words(quickstart *run) {
  qd_feed feed = {.source = NULL};
  qdrant_uploader_options options = QDRANT_UPLOADER_OPTIONS_INIT;
  qdrant_upload_progress upload = QDRANT_UPLOAD_PROGRESS_INIT;
  options.max_points = points_a_batch;
  options.total_points = run->words.n;
  options.batch_timeout_ms = run->cli->args.timeout_ms;
  int64_t began_ns = qd_clock_now();
  qdrant_status status = qdrant_uploader_new(run->cli->client, collection, &options, &feed.uploader, &run->cli->err);
  if (status != QDRANT_OK)
    return status;
  status = put_points(run, &feed);
  run->upsert_seconds = (double)(qd_clock_now() - began_ns) / 1e9;
  qdrant_uploader_progress(feed.uploader, &upload);
  run->n_batches = upload.n_batches;
  if (status != QDRANT_OK)
    qd_cli_suffix(&run->cli->err, "; %llu of %zu points are stored", (unsigned long long)upload.n_done, run->words.n);
  qdrant_uploader_free(feed.uploader);
  return status == QDRANT_OK ? check_count(run) : status;
}

static void print_figures(const quickstart *run, const qdrant_stats *stats, double rate) {
  char points[QD_NUMBER_TEXT], a_second[QD_NUMBER_TEXT];
  printf("%s points in %.2f s: %s points/s, %llu batches; %llu calls in all over %u connections\n",
      qd_text_count(run->words.n, points), run->upsert_seconds, qd_text_count((uint64_t)rate, a_second),
      (unsigned long long)run->n_batches, (unsigned long long)stats->n_calls, stats->n_used);
  if (run->server)
    printf(
        "against your own Qdrant (QDRANT_API_KEY has its key):  QDRANT_URL=http://localhost:6334 scripts/quickstart\n");
  else
    printf("look around:  %s search --collection %s --id 42 --with-payload\n", program_invocation_name, collection);
}

static qdrant_status print_report(quickstart *run) {
  qdrant_stats stats = {.size = sizeof stats};
  qdrant_error *err = &run->cli->err;
  qdrant_status status = qdrant_client_stats(run->cli->client, &stats, err);
  double rate = (double)run->words.n / (run->upsert_seconds > 0 ? run->upsert_seconds : 1e-9);
  if (status != QDRANT_OK)
    return status;
  if (is_table(run)) {
    qd_neighbours_print(run->answers, run->search_seconds, stdout);
    print_figures(run, &stats, rate);
    return QDRANT_OK;
  }
  qd_output *output = qd_output_new_record();
  qd_output_text(output, "collection", collection);
  qd_output_count(output, "points", run->words.n);
  qd_output_double(output, "upsert_seconds", run->upsert_seconds);
  qd_output_double(output, "points_per_second", rate);
  qd_output_count(output, "batches", run->n_batches);
  qd_output_count(output, "calls", stats.n_calls);
  qd_output_count(output, "connections_used", stats.n_used);
  qd_output_double(output, "search_seconds", run->search_seconds);
  qd_output_json(output, "answers", json_object_get(run->answers));
  return qd_output_print(output, QD_OUTPUT_JSON, stdout, err);
}

qdrant_status qd_run_quickstart(qd_cli *cli) {
  quickstart run = {.cli = cli};
  qdrant_status status = qd_words_read(cli->args.data ? cli->args.data : "examples/data", &run.words, &cli->err);
  if (status == QDRANT_OK)
    status = connect_server(&run);
  if (status == QDRANT_OK)
    status = prepare_collection(&run);
  if (status == QDRANT_OK)
    status = upsert_words(&run);
  if (status == QDRANT_OK)
    status = qd_neighbours_find(cli->client, collection, &run.words, &run.answers, &run.search_seconds, &cli->err);
  if (status == QDRANT_OK)
    status = print_report(&run);
  qdrant_client_close(cli->client);
  cli->client = NULL;
  qdrant_mock_stop(run.server);
  json_object_put(run.answers);
  qd_words_free(&run.words);
  return status;
}
