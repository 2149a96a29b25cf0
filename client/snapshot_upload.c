#include "client/snapshot_target.h"
#include "client/transfer_run.h"
#include "core/error.h"
#include "core/sha256.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

enum { QUERY_BYTES = 160 };

static const qd_rpc upload_row = {.id = QDRANT_N_RPCS, .name = "snapshot upload", .retry_class = QD_RETRY_ONCE};
static const qd_rpc recover_row = {.id = QDRANT_N_RPCS, .name = "snapshot recovery", .retry_class = QD_RETRY_ONCE};

static const char *const priorities[] = {NULL, "replica", "snapshot", "no_sync"};

static const char *wait_of(const qdrant_transfer_options *options) {
  return options->wait == QDRANT_OFF ? "false" : "true";
}

static qdrant_status fail_no_memory(const qd_rpc *row, qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a %s was begun", row->name);
}

static void write_query(const qdrant_transfer_options *options, const char *checksum, char query[QUERY_BYTES]) {
  const char *priority = priorities[options->priority];
  snprintf(query, QUERY_BYTES, "?wait=%s&checksum=%s%s%s", wait_of(options), checksum,
      priority != NULL ? "&priority=" : "", priority != NULL ? priority : "");
}

static qdrant_status send_file(qd_transfer_run *run, const char *target, const char *path, qdrant_error *err) {
  qd_transfer transfer = {.verb = "POST", .target = target, .upload_path = path, .etag = ""};
  qdrant_status status;
  while ((status = qd_transfer_attempt(run, &transfer, 0)) != QDRANT_OK)
    if (!qd_transfer_is_again(run, &transfer.error, 0))
      break;
  if (status != QDRANT_OK) {
    transfer.error.delivery = run->delivery;
    qd_error_pass(err, &transfer.error);
  }
  return status;
}

static qdrant_status upload(
    qd_transfer_run *run, const qdrant_snapshot_place *place, const char *path, qd_arena *arena, qdrant_error *err) {
  char found[QD_SHA256_TEXT_BYTES];
  char query[QUERY_BYTES];
  const char *checksum = run->options.checksum;
  if (checksum == NULL) {
    qdrant_status status = qd_sha256_file(path, found, err);
    if (status != QDRANT_OK)
      return status;
    checksum = found;
  }
  write_query(&run->options, checksum, query);
  const char *target = qd_snapshot_target(place, "/snapshots/upload", NULL, query, arena);
  return target != NULL ? send_file(run, target, path, err) : fail_no_memory(run->row, err);
}

/* What both begin with; the place is a collection's or a shard's. */
static qdrant_status begin(qd_transfer_run *run, qdrant_client *client, const qd_rpc *row,
    const qdrant_transfer_options *options, const qdrant_snapshot_place *given, qdrant_snapshot_place *place,
    qd_arena **arena, qdrant_error *err) {
  qdrant_status status = qd_transfer_run_init(run, client, row, options, err);
  if (status == QDRANT_OK)
    status = qd_snapshot_place_read(given, 0, place, err);
  if (status != QDRANT_OK)
    return status;
  *arena = qd_arena_new(0);
  return *arena != NULL ? QDRANT_OK : fail_no_memory(row, err);
}

qdrant_status qdrant_snapshot_upload(qdrant_client *client, const qdrant_snapshot_place *place, const char *path,
    const qdrant_transfer_options *options, qdrant_error *err) {
  qd_transfer_run run;
  qdrant_snapshot_place wanted;
  qd_arena *arena = NULL;
  qd_error_clear(err);
  if (path == NULL || path[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "path is empty: the file to send is missing");
  qdrant_status status = begin(&run, client, &upload_row, options, place, &wanted, &arena, err);
  if (status == QDRANT_OK)
    status = upload(&run, &wanted, path, arena, err);
  qd_arena_free(arena);
  return status;
}

static void add_member(qd_text *text, const char *before, const char *value) {
  if (value == NULL)
    return;
  qd_text_add(text, before, strlen(before));
  qd_text_add_json_string(text, value, strlen(value));
}

/* NULL when out of memory. */
static const char *write_recovery(const qdrant_transfer_options *options, const char *location, qd_arena *arena) {
  qd_text text;
  qd_text_init(&text, arena, SIZE_MAX);
  add_member(&text, "{\"location\":", location);
  add_member(&text, ",\"priority\":", priorities[options->priority]);
  add_member(&text, ",\"checksum\":", options->checksum);
  add_member(&text, ",\"api_key\":", options->source_api_key);
  qd_text_add(&text, "}", 1);
  return qd_text_end(&text);
}

static qdrant_status recover(qd_transfer_run *run, const qdrant_snapshot_place *place, const char *location,
    qd_arena *arena, qdrant_error *err) {
  qd_settings settings = {.deadline_ns = run->deadline_ns,
      .max_attempts = run->max_attempts,
      .repeat = run->client->options.repeat,
      .cancel = run->options.cancel};
  qdrant_reply *reply = NULL;
  char query[QUERY_BYTES];
  snprintf(query, sizeof query, "?wait=%s", wait_of(&run->options));
  qd_http_request http = {.verb = "PUT",
      .target = qd_snapshot_target(place, "/snapshots/recover", NULL, query, arena),
      .body = write_recovery(&run->options, location, arena)};
  if (http.target == NULL || http.body == NULL)
    return fail_no_memory(run->row, err);
  http.n_body = strlen(http.body);
  qdrant_status status = qd_call_http(run->client, run->row, &http, &settings, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

qdrant_status qdrant_snapshot_recover(qdrant_client *client, const qdrant_snapshot_place *place, const char *location,
    const qdrant_transfer_options *options, qdrant_error *err) {
  qd_transfer_run run;
  qdrant_snapshot_place wanted;
  qd_arena *arena = NULL;
  qd_error_clear(err);
  if (location == NULL || location[0] == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "location is empty; expected a URL as the server sees it");
  qdrant_status status = begin(&run, client, &recover_row, options, place, &wanted, &arena, err);
  if (status == QDRANT_OK)
    status = recover(&run, &wanted, location, arena, err);
  qd_arena_free(arena);
  return status;
}
