#include "client/newer_gate.h"
#include "client/option_number.h"
#include "client/option_toggle.h"
#include "client/upload_verify.h"
#include "client/uploader.h"
#include "client/upsert.h"
#include "core/error.h"
#include "core/sized.h"

#include <math.h>
#include <string.h>

#define DEFAULT_MAX_BYTES ((size_t)4 << 20)
#define DEFAULT_BUFFERED_BYTES ((size_t)64 << 20)
#define MAX_SOURCE_BYTES 4096
#define IN_FLIGHT_A_CONNECTION 8
#define FIRST_A_CONNECTION 2

static uint32_t at_most(uint32_t value, uint32_t limit) {
  return value < limit ? value : limit;
}

static qdrant_status resolve_toggles(qdrant_uploader_options *given, qdrant_error *err) {
  qdrant_status status = qd_option_toggle("qdrant_uploader_options.adapts", &given->adapts, QDRANT_ON, err);
  if (status == QDRANT_OK)
    status = qd_option_toggle("qdrant_uploader_options.stops_on_error", &given->stops_on_error, QDRANT_ON, err);
  if (status == QDRANT_OK)
    status = qd_option_toggle("qdrant_uploader_options.bisects", &given->bisects, QDRANT_ON, err);
  if (status == QDRANT_OK)
    status = qd_option_toggle("qdrant_uploader_options.verifies", &given->verifies, QDRANT_OFF, err);
  return status;
}

static qdrant_status resolve_times(qdrant_uploader_options *given, qdrant_error *err) {
  static const qd_number_rule batch = {
      "qdrant_uploader_options.batch_timeout_ms", 300000, 1, 24 * QD_HOUR_MS, QD_NO_OFF};
  static const qd_number_rule checkpoint = {
      "qdrant_uploader_options.checkpoint_ms", 1000, 1, 24 * QD_HOUR_MS, QD_NO_OFF};
  qdrant_status status =
      qd_option_number(&batch, given->batch_timeout_ms, &given->batch_timeout_ms, QDRANT_INVALID_ARGUMENT, err);
  if (status == QDRANT_OK)
    status = qd_option_number(&checkpoint, given->checkpoint_ms, &given->checkpoint_ms, QDRANT_INVALID_ARGUMENT, err);
  return status;
}

static qdrant_status resolve_limits(const qd_options *client, qdrant_uploader_options *given, qdrant_error *err) {
  if (!isfinite(given->max_points_per_s) || given->max_points_per_s < 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "max_points_per_s is %g; expected a positive number, or 0 for no cap",
        given->max_points_per_s);
  if (given->first_point > UINT64_MAX / 2)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "first_point is larger than half of all 64-bit numbers");
  if (given->max_points == 0)
    given->max_points = 1000;
  if (given->max_bytes == 0)
    given->max_bytes = DEFAULT_MAX_BYTES;
  if (given->max_bytes > client->max_request_bytes)
    given->max_bytes = client->max_request_bytes;
  if (given->max_in_flight == 0)
    given->max_in_flight = IN_FLIGHT_A_CONNECTION * client->n_connections;
  given->max_in_flight = at_most(given->max_in_flight, client->max_calls_in_flight);
  if (given->max_buffered_bytes == 0)
    given->max_buffered_bytes = DEFAULT_BUFFERED_BYTES;
  return QDRANT_OK;
}

/* Points that are not meant to be there cannot be told from lost ones. */
static qdrant_status check_verifies(const qdrant_uploader *uploader, qdrant_error *err) {
  if (uploader->given.verifies == QDRANT_OFF)
    return QDRANT_OK;
  if (uploader->upsert.wait == QDRANT_OFF)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "verifies is ON and upsert->wait is OFF: points that are only logged cannot be read back");
  if (uploader->upsert.update_mode == QDRANT_UPDATE_MODE_UPDATE_ONLY)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT,
        "verifies is ON and upsert->update_mode is UPDATE_ONLY: points that are new are not stored then");
  return QDRANT_OK;
}

static qdrant_status resolve_upsert(qdrant_uploader *uploader, qdrant_error *err) {
  qdrant_upsert_options *upsert = &uploader->upsert;
  qdrant_status status = qd_sized_copy(
      upsert, sizeof *upsert, uploader->given.upsert, "qdrant_upsert_options", QDRANT_INVALID_ARGUMENT, err);
  uploader->given.upsert = NULL;
  upsert->size = sizeof *upsert;
  upsert->allow_duplicates = QDRANT_ON; /* equal ids go to different batches */
  return status == QDRANT_OK ? qd_option_toggle("qdrant_upsert_options.wait", &upsert->wait, QDRANT_ON, err) : status;
}

static qdrant_status copy_text(qdrant_uploader *uploader, const char *text, const char **copy, qdrant_error *err) {
  *copy = qd_arena_strndup(uploader->arena, text, strlen(text));
  return *copy != NULL ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "out of memory while an upload was begun");
}

static qdrant_status copy_texts(qdrant_uploader *uploader, const char *collection, qdrant_error *err) {
  qdrant_uploader_options *given = &uploader->given;
  const char *source = given->source != NULL ? given->source : "";
  if (strlen(source) > MAX_SOURCE_BYTES)
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "source has %zu bytes; at most %d are kept", strlen(source), MAX_SOURCE_BYTES);
  qdrant_status status = copy_text(uploader, collection, &uploader->collection, err);
  if (status == QDRANT_OK)
    status = copy_text(uploader, source, &given->source, err);
  if (status == QDRANT_OK && given->checkpoint_path != NULL)
    status = copy_text(uploader, given->checkpoint_path, &given->checkpoint_path, err);
  return status;
}

static qdrant_status take_resumed(qdrant_uploader *uploader, qdrant_error *err) {
  const qdrant_checkpoint *resumed = uploader->given.resumed;
  uploader->given.resumed = NULL;
  uploader->counts.first_unreported = uploader->given.first_point;
  if (resumed == NULL)
    return QDRANT_OK;
  for (size_t i = 0; i < resumed->n_failed; i++) {
    uint64_t first = resumed->failed[2 * i];
    if (!qd_spans_add(&uploader->resumed_left, first, first + resumed->failed[2 * i + 1]))
      return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while an upload was begun");
  }
  uploader->counts.first_unreported = resumed->first_unreported;
  uploader->n_done_before = resumed->n_done;
  return QDRANT_OK;
}

qdrant_status qd_uploader_resolve(
    qdrant_uploader *uploader, const char *collection, const qdrant_uploader_options *options, qdrant_error *err) {
  qdrant_uploader_options *given = &uploader->given;
  const qd_options *client = &uploader->client->options;
  qdrant_status status =
      qd_sized_copy(given, sizeof *given, options, "qdrant_uploader_options", QDRANT_INVALID_ARGUMENT, err);
  if (status == QDRANT_OK && (status = resolve_toggles(given, err)) == QDRANT_OK &&
      (status = resolve_times(given, err)) == QDRANT_OK && (status = resolve_limits(client, given, err)) == QDRANT_OK &&
      (status = resolve_upsert(uploader, err)) == QDRANT_OK && (status = check_verifies(uploader, err)) == QDRANT_OK &&
      (status = qd_points_frame_make(collection, &uploader->upsert, uploader->arena, &uploader->frame, err)) ==
          QDRANT_OK &&
      (status = copy_texts(uploader, collection, err)) == QDRANT_OK)
    status = take_resumed(uploader, err);
  if (status == QDRANT_OK && given->verifies == QDRANT_ON)
    status = qd_upload_verify_frame(uploader, err);
  if (status != QDRANT_OK)
    return status;
  if (qd_newer_is_wanted(uploader->client))
    qd_upsert_find_newer(&uploader->upsert, &uploader->newer);
  uint32_t first = FIRST_A_CONNECTION * client->n_connections;
  qd_window_init(&uploader->window, first, given->max_in_flight, given->adapts == QDRANT_ON);
  uploader->rate_cap.max_points_per_s = given->max_points_per_s;
  uploader->next_point = given->first_point;
  uploader->counts.total_points = given->total_points;
  return QDRANT_OK;
}
