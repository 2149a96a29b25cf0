#include "tests/faults/fault_calls.h"

#include "core/deadline.h"
#include "qdrant/calls.h"
#include "qdrant/uploader.h"

static const char *const names[N_FAULT_OPERATIONS] = {
    [READ_POINTS] = "read", [UPSERT_POINTS] = "upsert", [BULK_POINTS] = "bulk"};

const char *fault_operation_name(fault_operation operation) {
  return names[operation];
}

static void read_points(qdrant_client *client, const qdrant_call_options *options, fault_outcome *outcome) {
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_reply *reply = NULL;
  request.collection_name = (char *)"c";
  qdrant_points_count(client, &request, options, &reply, &outcome->error);
  outcome->n_attempts = reply != NULL ? qdrant_reply_attempts(reply) : outcome->error.n_attempts;
  qdrant_reply_free(reply);
}

static void upsert_points(
    const fault_bed *bed, qdrant_client *client, const qdrant_call_options *options, fault_outcome *outcome) {
  qdrant_point_batch batch = bed->batch;
  qdrant_upsert_result result = QDRANT_UPSERT_RESULT_INIT;
  batch.n_points = outcome->n_points;
  qdrant_upsert(client, "c", &batch, NULL, options, &result, &outcome->error);
  outcome->n_attempts = result.n_attempts;
  outcome->n_done = result.n_done;
  outcome->n_maybe = result.n_maybe;
  outcome->n_refused = result.n_refused;
  outcome->n_not_sent = result.n_not_sent;
}

static qdrant_status upload(
    const fault_bed *bed, qdrant_uploader *uploader, const fault_outcome *outcome, qdrant_error *err) {
  qdrant_point_batch batch = bed->batch;
  batch.n_points = outcome->n_points;
  qdrant_status status = qdrant_uploader_add(uploader, &batch, -1, NULL, err);
  return status == QDRANT_OK ? qdrant_uploader_finish(uploader, -1, err) : status;
}

/* One batch. */
static void bulk_points(const fault_bed *bed, qdrant_client *client, int64_t timeout_ms, fault_outcome *outcome) {
  qdrant_uploader_options options = QDRANT_UPLOADER_OPTIONS_INIT;
  qdrant_upload_progress progress = QDRANT_UPLOAD_PROGRESS_INIT;
  qdrant_uploader *uploader = NULL;
  options.batch_timeout_ms = timeout_ms;
  options.max_points = BED_MANY_POINTS;
  options.max_bytes = sizeof bed->texts * 2;
  if (qdrant_uploader_new(client, "c", &options, &uploader, &outcome->error) != QDRANT_OK)
    return;
  upload(bed, uploader, outcome, &outcome->error);
  qdrant_uploader_progress(uploader, &progress);
  outcome->n_attempts = (uint32_t)progress.n_attempts;
  outcome->n_done = progress.n_done;
  outcome->n_maybe = progress.n_maybe;
  outcome->n_refused = progress.n_refused;
  outcome->n_not_sent = progress.n_not_sent;
  qdrant_uploader_free(uploader);
}

fault_outcome fault_call(
    fault_bed *bed, qdrant_client *client, fault_operation operation, size_t n_points, int64_t timeout_ms) {
  fault_outcome outcome = {.n_points = n_points};
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.timeout_ms = timeout_ms;
  int64_t deadline_ns = qd_deadline_in_ms(timeout_ms);
  if (operation == READ_POINTS)
    read_points(client, &options, &outcome);
  else if (operation == BULK_POINTS)
    bulk_points(bed, client, timeout_ms, &outcome);
  else
    upsert_points(bed, client, &options, &outcome);
  int64_t late_ns = qd_now_ns() - deadline_ns;
  outcome.late_ns = late_ns > 0 ? late_ns : 0;
  return outcome;
}
