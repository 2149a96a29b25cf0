#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/schema.h"
#include "cli/text.h"
#include "cli/upload.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t is_interrupted;

static void note_interrupt(int signal_number) {
  (void)signal_number;
  is_interrupted = 1;
}

/* The first SIGINT or SIGTERM lets an import end with its account; the second ends the program. */
static void catch_interrupts(void) {
  struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

/* What an import holds while it runs. */
typedef struct import_run {
  qdrant_source *source;
  qd_schema schema;
  qd_upload *upload;
  int is_new; /* the collection was created here */
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
  in->is_new = status == QDRANT_OK;
  return status;
}

/* Reads what the collection takes before anything is sent, and says so to the source. */
static qdrant_status use_collection(qd_cli *cli, import_run *in) {
  qdrant_status status = qd_schema_get(cli->client, cli->args.collection, &in->schema, &cli->err);
  if (status == QDRANT_NOT_FOUND && cli->args.is_created)
    status = create_collection(cli, in);
  else if (status == QDRANT_NOT_FOUND)
    qd_cli_suffix(&cli->err, " (--create makes it)");
  return status == QDRANT_OK ? qd_schema_expect(&in->schema, in->source, &cli->err) : status;
}

/* Sends chunk after chunk. *place is where the last one that was read begins. */
static qdrant_status send_chunks(qd_cli *cli, import_run *in, char *place, size_t n_place) {
  qd_progress progress;
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  qdrant_status status;
  catch_interrupts();
  qd_progress_begin(&progress, "importing", qdrant_source_n_points(in->source));
  do {
    status = qdrant_source_next(in->source, &batch, &cli->err);
    if (is_interrupted) /* also when that is why the read failed */
      status = qd_cli_fail(&cli->err, QDRANT_CANCELLED, "interrupted");
    qdrant_source_place(in->source, qdrant_source_position(in->source) - batch.n_points, place, n_place);
    if (status == QDRANT_OK && batch.n_points > 0)
      status = qd_upload_put(in->upload, &batch, place, &cli->err);
    qd_progress_set(&progress, qd_upload_so_far(in->upload)->n_done);
  } while (status == QDRANT_OK && batch.n_points > 0);
  qd_progress_end(&progress);
  return status;
}

/* Says after the message what is stored, perhaps stored and not stored. */
static void tell_account(const import_run *in, const char *place, qdrant_error *err) {
  const qd_upload_counts *counts = qd_upload_so_far(in->upload);
  char done[QD_NUMBER_TEXT], maybe[QD_NUMBER_TEXT], refused[QD_NUMBER_TEXT], total[QD_NUMBER_TEXT];
  char of[QD_NUMBER_TEXT + 8] = "", text[512];
  if (qdrant_source_n_points(in->source))
    snprintf(of, sizeof of, " of %s", qd_text_count(qdrant_source_n_points(in->source), total));
  int n = snprintf(text, sizeof text, "; stored %s%s points", qd_text_count(counts->n_done, done), of);
  if (counts->n_maybe)
    n += snprintf(text + n, sizeof text - (size_t)n, ", perhaps %s more", qd_text_count(counts->n_maybe, maybe));
  if (counts->n_refused)
    n += snprintf(text + n, sizeof text - (size_t)n, ", %s were refused", qd_text_count(counts->n_refused, refused));
  if (counts->first_failed[0])
    n += snprintf(text + n, sizeof text - (size_t)n, ", the first batch not stored begins at %s", counts->first_failed);
  n += snprintf(text + n, sizeof text - (size_t)n, "; nothing from %s on was sent", place);
  if (in->is_new)
    snprintf(text + n, sizeof text - (size_t)n, "; the collection was created");
  qd_cli_suffix(err, "%s", text);
}

static qdrant_status run_upload(qd_cli *cli, import_run *in) {
  char place[48] = "";
  qdrant_error read_error;
  qdrant_status status = send_chunks(cli, in, place, sizeof place);
  read_error = cli->err;
  qdrant_status finished = qd_upload_finish(in->upload, &cli->err);
  if (finished != QDRANT_OK)
    status = finished;
  else if (status != QDRANT_OK)
    cli->err = read_error;
  if (status != QDRANT_OK)
    tell_account(in, place, &cli->err);
  return status;
}

static qdrant_status print_result(qd_cli *cli, const import_run *in, int64_t began_ns) {
  const qd_upload_counts *counts = qd_upload_so_far(in->upload);
  double seconds = (double)(qd_clock_now() - began_ns) / 1e9;
  if (cli->args.output == QD_OUTPUT_JSON) {
    qd_output *output = qd_output_new_record();
    qd_output_text(output, "collection", cli->args.collection);
    qd_output_count(output, "points", counts->n_done);
    qd_output_count(output, "calls", counts->n_calls);
    qd_output_double(output, "seconds", seconds);
    return qd_output_print(output, QD_OUTPUT_JSON, stdout, &cli->err);
  }
  char points[QD_NUMBER_TEXT], rate[QD_NUMBER_TEXT];
  printf("stored %s points in %s in %.2f s (%s points/s)\n", qd_text_count(counts->n_done, points),
      cli->args.collection, seconds,
      qd_text_count((uint64_t)((double)counts->n_done / (seconds > 0 ? seconds : 1)), rate));
  return QDRANT_OK;
}

qdrant_status qd_run_import(qd_cli *cli) {
  if (!cli->args.collection)
    return qd_cli_misuse(cli, "--collection is missing");
  import_run in = {.source = NULL};
  int64_t began_ns = qd_clock_now();
  qdrant_upsert_options options = QDRANT_UPSERT_OPTIONS_INIT;
  options.max_bytes = 256u << 20;
  if (cli->args.allows_duplicates)
    options.allow_duplicates = QDRANT_ON;
  /* Where equal ids may follow each other, the last one wins only if calls do not overtake each other. */
  size_t max_in_flight = cli->args.allows_duplicates ? 1 : 0;
  qdrant_status status = open_source(cli, &in);
  if (status == QDRANT_OK)
    status = use_collection(cli, &in);
  if (status == QDRANT_OK)
    status = qd_upload_new(cli->client, cli->args.collection, max_in_flight, &options, &in.upload, &cli->err);
  if (status == QDRANT_OK)
    status = run_upload(cli, &in);
  if (status == QDRANT_OK)
    status = print_result(cli, &in, began_ns);
  qd_upload_free(in.upload);
  qdrant_source_close(in.source);
  qd_schema_free(&in.schema);
  return status;
}
