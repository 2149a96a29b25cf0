#include "tests/ledger/schedule.h"

#include "tests/support/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What a server may do to an upsert. */
typedef struct fault_row {
  qdrant_fault_kind kind;
  qdrant_status status;
  const char *message;
  uint32_t most_delay_ms;
  uint32_t retry_after_s;
} fault_row;

static const fault_row fault_rows[] = {
    {QDRANT_FAULT_STATUS, QDRANT_UNAVAILABLE, "the shard is not available", 0, 0},
    {QDRANT_FAULT_STATUS, QDRANT_RESOURCE_EXHAUSTED, "Rate limiting exceeded: Write rate limit exceeded", 0, 1},
    {QDRANT_FAULT_STATUS, QDRANT_RESOURCE_EXHAUSTED,
        "Rate limiting exceeded: Write rate limit exceeded, request larger than rate limiter capacity", 0, 0},
    {QDRANT_FAULT_STATUS, QDRANT_INTERNAL, "a replica failed. Please retry", 0, 0},
    {QDRANT_FAULT_STATUS, QDRANT_INTERNAL, "No space left on device", 0, 0},
    {QDRANT_FAULT_STATUS, QDRANT_INVALID_ARGUMENT, "Wrong input: a point", 0, 0},
    {QDRANT_FAULT_STATUS, QDRANT_DEADLINE_EXCEEDED, "Timeout expired", 0, 0},
    {QDRANT_FAULT_DELAY, QDRANT_OK, NULL, 200, 0},
    {QDRANT_FAULT_DROP, QDRANT_OK, NULL, 20, 0},
    {QDRANT_FAULT_APPLY_THEN_FAIL, QDRANT_UNAVAILABLE, "1 out of 2 shards failed to apply operation", 0, 0},
    {QDRANT_FAULT_APPLY_THEN_FAIL, QDRANT_INTERNAL, "1 out of 2 shards failed to apply operation", 0, 0},
    {QDRANT_FAULT_APPLY_THEN_DROP, QDRANT_OK, NULL, 20, 0},
    {QDRANT_FAULT_STALL, QDRANT_OK, NULL, 0, 0},
};

static void make_fault(qdrant_mock_fault *fault, random_source *random, size_t n_calls) {
  const fault_row *row = &fault_rows[random_below(random, COUNT(fault_rows))];
  *fault = (qdrant_mock_fault)QDRANT_MOCK_FAULT_INIT;
  fault->rpc = "Points/Upsert";
  fault->kind = row->kind;
  fault->status = row->status;
  fault->message = row->message;
  fault->retry_after_s = row->retry_after_s;
  fault->delay_ms = row->most_delay_ms > 0 ? (uint32_t)random_below(random, row->most_delay_ms) : 0;
  fault->skip = (uint32_t)random_below(random, n_calls);
  fault->count = 1 + (int32_t)random_below(random, 3);
}

static qdrant_toggle make_toggle(random_source *random, size_t one_in) {
  return random_is(random, one_in) ? QDRANT_OFF : QDRANT_ON;
}

static void make_options(ledger_schedule *schedule, random_source *random, size_t n_points) {
  static const int32_t retries[] = {0, 0, 5, 8, -1};
  static const uint32_t batches[] = {250, 500, 1000, 2000};
  static const uint32_t windows[] = {0, 1, 4, 16, 32};
  qdrant_options *client = &schedule->client;
  qdrant_uploader_options *upload = &schedule->upload;
  *client = (qdrant_options)QDRANT_OPTIONS_INIT;
  client->max_retries = retries[random_below(random, COUNT(retries))];
  client->retry_delay_ms = 1 + (int64_t)random_below(random, 30);
  client->retry_budget = random_is(random, 3) ? -1 : 0;
  client->attempt_timeout_ms = 500 + (int64_t)random_below(random, 500);
  client->max_connections = 1 + (int32_t)random_below(random, 4);
  client->connect_timeout_ms = 1000;
  *upload = (qdrant_uploader_options)QDRANT_UPLOADER_OPTIONS_INIT;
  upload->max_points = batches[random_below(random, COUNT(batches))];
  upload->max_in_flight = windows[random_below(random, COUNT(windows))];
  upload->adapts = make_toggle(random, 4);
  upload->bisects = make_toggle(random, 3);
  upload->stops_on_error = random_is(random, 3) ? QDRANT_ON : QDRANT_OFF;
  upload->verifies = schedule->n_nodes == 1 && random_is(random, 8) ? QDRANT_ON : QDRANT_OFF;
  upload->total_points = n_points;
  upload->batch_timeout_ms = 4000 + (int64_t)random_below(random, 20000);
  if (random_is(random, 4))
    upload->max_bytes = 8192 + random_below(random, 65536);
  schedule->upsert = (qdrant_upsert_options)QDRANT_UPSERT_OPTIONS_INIT;
  /* What is only logged cannot be read back. */
  schedule->upsert.wait = upload->verifies == QDRANT_ON ? QDRANT_ON : make_toggle(random, 4);
}

static ledger_action make_action(const ledger_schedule *schedule, random_source *random) {
  if (random_is(random, 12))
    return ACTION_CANCEL;
  if (schedule->has_children)
    return ACTION_KILL;
  return random_is(random, 2) ? ACTION_DROP : ACTION_RESTART;
}

static int compare_events(const void *a, const void *b) {
  return (int)((const ledger_event *)a)->at_per_mille - (int)((const ledger_event *)b)->at_per_mille;
}

static void make_events(ledger_schedule *schedule, random_source *random) {
  schedule->n_events = random_below(random, LEDGER_MAX_EVENTS + 1);
  if (schedule->has_children && schedule->n_events == 0)
    schedule->n_events = 1;
  for (size_t i = 0; i < schedule->n_events; i++) {
    ledger_event *event = &schedule->events[i];
    event->action = make_action(schedule, random);
    event->node = random_below(random, schedule->n_nodes);
    event->at_per_mille = (unsigned)random_below(random, 950);
    event->pause_ms = (unsigned)random_below(random, 300);
  }
  qsort(schedule->events, schedule->n_events, sizeof schedule->events[0], compare_events);
}

void ledger_schedule_make(ledger_schedule *schedule, uint64_t seed, size_t n_points) {
  random_source random = {.state = seed * UINT64_C(0x2545f4914f6cdd1d)};
  memset(schedule, 0, sizeof *schedule);
  schedule->seed = seed;
  schedule->route = (ledger_route)random_below(&random, N_LEDGER_ROUTES);
  schedule->is_grpc_away = schedule->route == ROUTE_FAILOVER && random_is(&random, 2);
  schedule->has_children = random_is(&random, 3);
  schedule->ends_by_free = random_is(&random, 10);
  schedule->n_nodes = schedule->route == ROUTE_ENDPOINTS ? 2 + random_below(&random, LEDGER_MAX_NODES - 1) : 1;
  schedule->piece_points = 1 + random_below(&random, 5000);
  make_options(schedule, &random, n_points);
  size_t n_calls = n_points / schedule->upload.max_points / schedule->n_nodes + 1;
  for (size_t node = 0; node < schedule->n_nodes; node++) {
    schedule->n_faults[node] = 1 + random_below(&random, LEDGER_MAX_FAULTS);
    for (size_t i = 0; i < schedule->n_faults[node]; i++)
      make_fault(&schedule->faults[node][i], &random, n_calls);
  }
  make_events(schedule, &random);
}

void ledger_schedule_print(const ledger_schedule *schedule) {
  static const char *const routes[] = {"gRPC", "REST", "failover", "endpoints"};
  static const char *const actions[] = {"drop", "restart", "kill", "cancel"};
  size_t n_faults = 0;
  for (size_t i = 0; i < schedule->n_nodes; i++)
    n_faults += schedule->n_faults[i];
  printf("seed %" PRIu64 ": %s%s, %zu node%s%s, %zu faults, batches of %" PRIu32 ", %s%s%s", schedule->seed,
      routes[schedule->route], schedule->is_grpc_away ? " without gRPC" : "", schedule->n_nodes,
      schedule->n_nodes == 1 ? "" : "s", schedule->has_children ? " of their own process" : "", n_faults,
      schedule->upload.max_points, schedule->upload.stops_on_error == QDRANT_ON ? "stops" : "continues",
      schedule->upload.bisects == QDRANT_ON ? ", bisects" : "", schedule->ends_by_free ? ", freed early" : "");
  for (size_t i = 0; i < schedule->n_events; i++)
    printf(", %s at %u", actions[schedule->events[i].action], schedule->events[i].at_per_mille);
  printf("\n");
}
