/* Bulk uploads under seeded schedules of faults, each held against what the servers wrote down as applied.
 *
 * usage: ledger [N_SCHEDULES [FIRST_SEED]]
 *        ledger collection FOLDER    only writes the file with the empty collection that servers begin with
 *
 * The environment's LEDGER_LOSE, "applied" or "report", makes the test lose one of what it compares, so that it has to
 * fail; LEDGER_POINTS says how many points an upload has. */
#include "core/deadline.h"
#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/memory.h"
#include "tests/ledger/account.h"
#include "tests/ledger/node.h"
#include "tests/ledger/schedule.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIM = 4, N_POINTS = 100000, WATCH_US = 2000, FINISH_MS = 120000, CLOSED_PORT = 1 };

static char collection[] = "ledger";

/* One upload. */
typedef struct ledger_run {
  ledger_schedule schedule;
  char folder[64];
  ledger_node nodes[LEDGER_MAX_NODES];
  qdrant_client *client;
  qdrant_uploader *uploader;
  ledger_account account;
  pthread_t watcher;
  atomic_int is_over;
  size_t n_happened; /* events */
  size_t n_added;
} ledger_run;

/* Of all uploads. */
typedef struct ledger_totals {
  size_t counts[N_FATES];
  size_t n_doubled;
  size_t n_events;
  size_t n_wrong_runs;
} ledger_totals;

static float *values;
static uint64_t *ids;

static void demand(qdrant_status status, const char *what, const qdrant_error *err) {
  if (status == QDRANT_OK)
    return;
  fprintf(stderr, "ledger: %s: %s: %s\n", what, qdrant_status_name(status), err->message);
  exit(2);
}

static void make_points(size_t n_points) {
  values = malloc(n_points * DIM * sizeof *values);
  ids = malloc(n_points * sizeof *ids);
  if (values == NULL || ids == NULL)
    exit(2);
  for (size_t i = 0; i < n_points; i++) {
    ids[i] = i + 1;
    for (size_t j = 0; j < DIM; j++)
      values[i * DIM + j] = (float)(i + j);
  }
}

/* The file with the empty collection that every server begins with. */
static void save_collection(const char *folder) {
  char path[LEDGER_MAX_PATH];
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *engine = NULL;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__CreateCollection *create = qdrant_create_dense(arena, collection, DIM, QDRANT__DISTANCE__Euclid);
  options.url = ":memory:";
  ledger_collection_path(path, folder);
  demand(qdrant_client_open(&options, &engine, &err), "an engine", &err);
  demand(qdrant_collections_create(engine, create, NULL, &reply, &err), "a collection", &err);
  demand(qdrant_memory_save(engine, NULL, path, &err), path, &err);
  qdrant_reply_free(reply);
  qdrant_client_close(engine);
  qdrant_arena_free(arena);
}

static void begin_nodes(ledger_run *run) {
  for (size_t i = 0; i < run->schedule.n_nodes; i++) {
    run->nodes[i] = (ledger_node){.schedule = &run->schedule, .folder = run->folder, .number = i};
    ledger_node_begin(&run->nodes[i]);
  }
}

static void open_client(ledger_run *run) {
  static char url[] = "http://127.0.0.1";
  const ledger_schedule *schedule = &run->schedule;
  qdrant_endpoint endpoints[LEDGER_MAX_NODES];
  qdrant_options options = schedule->client;
  qdrant_error err;
  for (size_t i = 0; i < schedule->n_nodes; i++)
    endpoints[i] = (qdrant_endpoint){url, run->nodes[i].grpc_port, run->nodes[i].rest_port};
  if (schedule->is_grpc_away)
    endpoints[0].grpc_port = CLOSED_PORT;
  options.endpoints = endpoints;
  options.n_endpoints = schedule->n_nodes;
  options.prefer_grpc = schedule->route == ROUTE_REST ? QDRANT_OFF : QDRANT_DEFAULT;
  options.rest_fallback = schedule->route == ROUTE_GRPC ? QDRANT_OFF : QDRANT_DEFAULT;
  demand(qdrant_client_open(&options, &run->client, &err), "a client", &err);
}

static void begin_upload(ledger_run *run) {
  qdrant_uploader_options options = run->schedule.upload;
  qdrant_error err;
  options.upsert = &run->schedule.upsert;
  options.done = ledger_account_note;
  options.user = &run->account;
  demand(qdrant_uploader_new(run->client, collection, &options, &run->uploader, &err), "an uploader", &err);
}

static void make_happen(ledger_run *run, const ledger_event *event) {
  ledger_node *node = &run->nodes[event->node];
  switch (event->action) {
  case ACTION_DROP: ledger_node_drop(node); return;
  case ACTION_CANCEL: qdrant_uploader_cancel(run->uploader); return;
  case ACTION_RESTART:
  case ACTION_KILL:
    ledger_node_end(node);
    usleep(event->pause_ms * 1000U);
    ledger_node_begin(node);
    return;
  }
}

static int is_due(ledger_run *run, const ledger_event *event) {
  qdrant_upload_progress progress = QDRANT_UPLOAD_PROGRESS_INIT;
  qdrant_uploader_progress(run->uploader, &progress);
  uint64_t n_reported = progress.n_added - progress.n_waiting;
  return n_reported * 1000 >= event->at_per_mille * run->account.n_points;
}

/* Makes the events happen as the upload gets on. */
static void *watch(void *user) {
  ledger_run *run = user;
  while (run->n_happened < run->schedule.n_events && !atomic_load(&run->is_over)) {
    const ledger_event *event = &run->schedule.events[run->n_happened];
    if (is_due(run, event)) {
      make_happen(run, event);
      run->n_happened++;
    } else {
      usleep(WATCH_US);
    }
  }
  return NULL;
}

static void add_points(ledger_run *run) {
  qdrant_vector_column column = {.dim = DIM, .values = values};
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  qdrant_status status = QDRANT_OK;
  qdrant_error err;
  batch.ids = ids;
  batch.vectors = &column;
  batch.n_vectors = 1;
  while (run->n_added < run->account.n_points && status == QDRANT_OK) {
    size_t n_taken = 0;
    size_t n_left = run->account.n_points - run->n_added;
    batch.first = run->n_added;
    batch.n_points = n_left < run->schedule.piece_points ? n_left : run->schedule.piece_points;
    status = qdrant_uploader_add(run->uploader, &batch, -1, &n_taken, &err);
    run->n_added += n_taken;
  }
}

/* Ends the upload and answers how much of what the uploader says of itself is wrong. */
static size_t end_upload(ledger_run *run) {
  qdrant_upload_progress progress = QDRANT_UPLOAD_PROGRESS_INIT;
  qdrant_error err;
  size_t n_failed = 0;
  size_t n_wrong = 0;
  if (!run->schedule.ends_by_free) {
    qdrant_status status = qdrant_uploader_finish(run->uploader, FINISH_MS, &err);
    qdrant_uploader_progress(run->uploader, &progress);
    const qdrant_failed_range *failed = qdrant_uploader_failed(run->uploader, &n_failed);
    n_wrong = ledger_account_judge_end(&run->account, &progress, failed, n_failed, status);
    n_wrong += progress.n_added != run->n_added;
  }
  atomic_store(&run->is_over, 1);
  pthread_join(run->watcher, NULL);
  qdrant_uploader_free(run->uploader);
  return n_wrong;
}

/* Also what servers carry out for clients that have gone is in the files once they have stopped. */
static size_t end_run(ledger_run *run) {
  char path[LEDGER_MAX_PATH];
  qdrant_client_close(run->client);
  for (size_t i = 0; i < run->schedule.n_nodes; i++) {
    ledger_node_end(&run->nodes[i]);
    ledger_applied_path(path, run->folder, i);
    ledger_account_read_applied(&run->account, path);
    unlink(path);
  }
  return ledger_account_judge(&run->account, run->n_added);
}

static void add_to_totals(const ledger_run *run, ledger_totals *totals, size_t n_wrong, int64_t began_ns) {
  const ledger_account *account = &run->account;
  size_t n_doubled = ledger_account_doubled(account);
  for (size_t i = 0; i < N_FATES; i++)
    totals->counts[i] += account->counts[i];
  totals->n_doubled += n_doubled;
  totals->n_events += run->n_happened;
  totals->n_wrong_runs += n_wrong > 0;
  printf("  %s: %zu taken, %zu done, %zu maybe, %zu refused, %zu not sent; %zu batches, %zu events, %zu points sent "
         "again that were applied; %.1f s\n",
      n_wrong > 0 ? "FAILED" : "agrees", run->n_added, account->counts[FATE_DONE], account->counts[FATE_MAYBE],
      account->counts[FATE_REFUSED], account->counts[FATE_NOT_SENT], account->n_reports, run->n_happened, n_doubled,
      (double)(qd_now_ns() - began_ns) / (double)QD_NS_PER_S);
  fflush(stdout);
}

static void run_schedule(const char *folder, uint64_t seed, size_t n_points, ledger_totals *totals) {
  static ledger_run run;
  int64_t began_ns = qd_now_ns();
  memset(&run, 0, sizeof run);
  snprintf(run.folder, sizeof run.folder, "%s", folder);
  ledger_schedule_make(&run.schedule, seed, n_points);
  ledger_schedule_print(&run.schedule);
  fflush(stdout);
  ledger_account_begin(&run.account, n_points);
  begin_nodes(&run);
  open_client(&run);
  begin_upload(&run);
  if (pthread_create(&run.watcher, NULL, watch, &run) != 0)
    exit(2);
  add_points(&run);
  size_t n_wrong = end_upload(&run);
  n_wrong += end_run(&run);
  add_to_totals(&run, totals, n_wrong, began_ns);
  ledger_account_end(&run.account);
}

static int run_all(size_t n_schedules, uint64_t first_seed) {
  const char *wish = getenv("LEDGER_POINTS");
  size_t n_points = wish != NULL ? strtoul(wish, NULL, 10) : N_POINTS;
  char folder[] = "/tmp/ledger-XXXXXX";
  char path[LEDGER_MAX_PATH];
  ledger_totals totals = {0};
  if (mkdtemp(folder) == NULL)
    return 2;
  make_points(n_points);
  save_collection(folder);
  for (size_t i = 0; i < n_schedules; i++)
    run_schedule(folder, first_seed + i, n_points, &totals);
  printf("ledger: %zu schedules of %zu points from seed %" PRIu64 ": %zu disagree; %zu points done, %zu maybe, %zu "
         "refused, %zu not sent; %zu events; %zu points applied again\n",
      n_schedules, n_points, first_seed, totals.n_wrong_runs, totals.counts[FATE_DONE], totals.counts[FATE_MAYBE],
      totals.counts[FATE_REFUSED], totals.counts[FATE_NOT_SENT], totals.n_events, totals.n_doubled);
  ledger_collection_path(path, folder);
  unlink(path);
  rmdir(folder);
  free(values);
  free(ids);
  return totals.n_wrong_runs > 0;
}

int main(int n_args, char **args) {
  if (n_args == 8 && strcmp(args[1], "node") == 0)
    return ledger_node_main(args + 2);
  if (n_args == 3 && strcmp(args[1], "collection") == 0) {
    save_collection(args[2]);
    return 0;
  }
  size_t n_schedules = n_args > 1 ? strtoul(args[1], NULL, 10) : 10;
  uint64_t first_seed = n_args > 2 ? strtoull(args[2], NULL, 10) : 1;
  if (n_schedules == 0 || n_args > 3) {
    fprintf(stderr, "usage: ledger [N_SCHEDULES [FIRST_SEED]]\n");
    return 2;
  }
  return run_all(n_schedules, first_seed);
}
