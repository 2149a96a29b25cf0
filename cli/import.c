#include "cli/account.h"
#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/interrupt.h"
#include "cli/resume.h"
#include "cli/schema.h"

/* What an import holds while it runs. */
typedef struct import_run {
  qdrant_source *source;
  qd_schema schema;
  qd_resume resume;
  qd_feed feed;
  qd_account account;
} import_run;

/* An option that would be without effect is a misunderstanding. */
static qdrant_status check_options(qd_cli *cli, const import_run *in) {
  const qd_args *args = &cli->args;
  int is_lines = qdrant_source_format_of(in->source) == QDRANT_SOURCE_JSONL;
  if (is_lines && qd_args_has(args, "first-id"))
    return qd_cli_misuse(cli, "--first-id is for .npy and .fvecs; a JSON line has its id");
  if (is_lines && args->vector_name)
    return qd_cli_misuse(cli, "--vector-name is for .npy and .fvecs; a JSON line names its vectors");
  if (qd_args_has(args, "distance") && !args->is_created)
    return qd_cli_misuse(cli, "--distance is for a collection that --create makes");
  return QDRANT_OK;
}

static qdrant_status open_source(qd_cli *cli, import_run *in) {
  const qd_args *args = &cli->args;
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  options.format = (qdrant_source_format)args->format;
  options.vector_name = args->vector_name;
  options.first_id = args->first_id;
  options.has_first_id = qd_args_has(args, "first-id") != 0;
  options.max_points = (uint32_t)args->batch;
  options.refuses_equal_ids = args->allows_duplicates ? QDRANT_OFF : QDRANT_ON;
  qdrant_status status = qdrant_source_open(args->words[0], &options, &in->source, &cli->err);
  return status == QDRANT_OK ? check_options(cli, in) : status;
}

/* Creates the collection that the source would need. */
static qdrant_status create_collection(qd_cli *cli, import_run *in) {
  Qdrant__Distance distance = (Qdrant__Distance)(cli->args.distance + 1);
  qdrant_status status = qd_schema_of_source(in->source, distance, &in->schema, &cli->err);
  if (status == QDRANT_OK)
    status = qd_schema_create(cli->client, cli->args.collection, &in->schema, &cli->err);
  in->account.is_new = status == QDRANT_OK;
  return status;
}

/* Reads what the collection takes before anything is sent, and says so to the source. */
static qdrant_status use_collection(qd_cli *cli, import_run *in) {
  qdrant_status status = qd_schema_get(cli->client, cli->args.collection, &in->schema, &cli->err);
  if (status == QDRANT_NOT_FOUND && in->resume.checkpoint)
    status = qd_resume_refuse(cli, &in->resume);
  else if (status == QDRANT_NOT_FOUND && cli->args.is_created)
    status = create_collection(cli, in);
  else if (status == QDRANT_NOT_FOUND)
    qd_cli_suffix(&cli->err, " (--create makes it)");
  const qd_schema_vector *vector;
  if (status == QDRANT_OK && qdrant_source_format_of(in->source) != QDRANT_SOURCE_JSONL)
    status = qd_schema_need(&in->schema, cli->args.vector_name, &vector, &cli->err);
  return status == QDRANT_OK ? qd_schema_expect(&in->schema, in->source, &cli->err) : status;
}

static qdrant_status open_uploader(qd_cli *cli, import_run *in) {
  const qd_args *args = &cli->args;
  qdrant_uploader_options options = QDRANT_UPLOADER_OPTIONS_INIT;
  options.max_points = (uint32_t)args->batch;
  options.max_in_flight = (uint32_t)args->max_in_flight;
  options.max_points_per_s = (double)args->max_rate;
  options.batch_timeout_ms = args->timeout_ms;
  options.stops_on_error = args->goes_on ? QDRANT_OFF : QDRANT_ON;
  options.bisects = args->is_not_bisected ? QDRANT_OFF : QDRANT_ON;
  options.verifies = args->is_verified ? QDRANT_ON : QDRANT_OFF;
  options.checkpoint_path = in->resume.path[0] ? in->resume.path : NULL;
  options.source = in->resume.identity;
  options.resumed = in->resume.checkpoint;
  options.first_point = qd_resume_first_point(cli, &in->resume);
  in->feed = (qd_feed){.source = in->source, .goes_on = args->goes_on, .next_point = options.first_point};
  in->feed.n_before = qd_resume_n_stored(cli, &in->resume);
  in->account.n_total = qdrant_source_n_points(in->source);
  options.total_points = in->account.n_total;
  return qdrant_uploader_new(cli->client, args->collection, &options, &in->feed.uploader, &cli->err);
}

/* Adds the points that failed before, and then those that nobody has heard of. */
static qdrant_status feed_points(qd_cli *cli, import_run *in, qdrant_error *err) {
  const qdrant_checkpoint *checkpoint = in->resume.checkpoint;
  size_t n_failed = checkpoint && !cli->args.allows_duplicates ? checkpoint->n_failed : 0;
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; status == QDRANT_OK && i < n_failed; i++) {
    const uint64_t *pair = &checkpoint->failed[2 * i];
    status = qd_feed_points(&in->feed, pair[0], pair[0] + pair[1], err);
  }
  uint64_t first = qd_resume_first_point(cli, &in->resume);
  return status == QDRANT_OK ? qd_feed_points(&in->feed, first, UINT64_MAX, err) : status;
}

/* Gives the file to the uploader and waits for its reports: OK when the file was read to its end. */
static qdrant_status send_points(qd_cli *cli, import_run *in) {
  qd_feed *feed = &in->feed;
  qdrant_status status, waited;
  qd_interrupt_catch();
  qd_progress_begin(&feed->progress, "importing", in->account.n_total);
  status = feed_points(cli, in, &cli->err);
  in->account.is_whole = status == QDRANT_OK;
  qdrant_error wait_error;
  waited = qd_interrupt_signal() ? QDRANT_CANCELLED : qd_feed_wait(feed, &wait_error);
  if (waited == QDRANT_CANCELLED)
    qdrant_uploader_cancel(feed->uploader);
  if (status == QDRANT_OK)
    status = qdrant_uploader_finish(feed->uploader, -1, &cli->err);
  else
    (void)qdrant_uploader_flush(feed->uploader, -1, &wait_error);
  qd_progress_end(&feed->progress);
  return status;
}

/* What the command ends with: a signal, else the first failure in the order of the file, else what ended the upload. */
static qdrant_status judge(qd_cli *cli, import_run *in, qdrant_status status) {
  cli->signal_number = qd_interrupt_signal();
  qdrant_error first;
  if (cli->signal_number)
    status = qd_cli_fail(&cli->err, QDRANT_CANCELLED, "interrupted");
  else if (qd_account_find_failure(&in->account, &first) != QDRANT_OK &&
           (cli->args.goes_on || status != QDRANT_INVALID_ARGUMENT)) {
    cli->err = first;
    status = first.status;
  }
  return status;
}

static qdrant_status tell(qd_cli *cli, import_run *in, qdrant_status status) {
  qdrant_error print_error;
  int is_json = cli->args.output == QD_OUTPUT_JSON;
  if (status == QDRANT_OK)
    return qd_account_print(&in->account, cli->args.output, &cli->err);
  if (is_json && qd_account_print(&in->account, QD_OUTPUT_JSON, &print_error) != QDRANT_OK)
    return status;
  if (cli->args.goes_on && !is_json)
    qd_account_list(&in->account, stderr);
  qd_account_tell(&in->account, &cli->err);
  if (in->resume.path[0])
    qd_resume_print_line(cli, stderr);
  return status;
}

static qdrant_status run_upload(qd_cli *cli, import_run *in) {
  in->account.feed = &in->feed;
  in->account.collection = cli->args.collection;
  qdrant_status status = open_uploader(cli, in);
  if (status != QDRANT_OK)
    return status;
  status = send_points(cli, in);
  qd_account_take(&in->account);
  status = judge(cli, in, status);
  status = tell(cli, in, status);
  qdrant_uploader_free(in->feed.uploader);
  return status;
}

static qdrant_status tell_complete(qd_cli *cli, import_run *in) {
  in->account.feed = &in->feed;
  in->account.collection = cli->args.collection;
  in->account.is_whole = 1;
  in->feed = (qd_feed){.source = in->source, .n_before = qd_resume_n_stored(cli, &in->resume)};
  if (cli->args.output == QD_OUTPUT_JSON)
    return qd_account_print(&in->account, QD_OUTPUT_JSON, &cli->err);
  printf("nothing to do: %s says that all points of %s are stored in %s\n", in->resume.path, cli->args.words[0],
      cli->args.collection);
  return QDRANT_OK;
}

qdrant_status qd_run_import(qd_cli *cli) {
  if (!cli->args.collection)
    return qd_cli_misuse(cli, "--collection is missing");
  import_run in = {.account.began_ns = qd_clock_now()};
  qdrant_status status = open_source(cli, &in);
  if (status == QDRANT_OK)
    status = qd_resume_find(cli, in.source, &in.resume);
  if (status == QDRANT_OK)
    status = use_collection(cli, &in);
  if (status == QDRANT_OK && qd_resume_is_done(&in.resume))
    status = tell_complete(cli, &in);
  else if (status == QDRANT_OK)
    status = run_upload(cli, &in);
  qd_resume_free(&in.resume);
  qdrant_source_close(in.source);
  qd_schema_free(&in.schema);
  return status;
}
