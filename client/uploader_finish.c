/* Waiting for the end of what was added. */
#include "client/checkpoint.h"
#include "client/uploader.h"
#include "core/deadline.h"
#include "core/error.h"

#include <inttypes.h>

static int has_reported_all(const qdrant_uploader *uploader, size_t n_bytes) {
  (void)n_bytes;
  return uploader->n_unreported == 0;
}

static qdrant_status wait_for_all(qdrant_uploader *uploader, int64_t timeout_ms, qdrant_error *err) {
  int64_t deadline_ns = timeout_ms < 0 ? INT64_MAX : qd_deadline_in_ms(timeout_ms);
  qd_uploader_push(uploader);
  int is_met = qd_uploader_wait(uploader, has_reported_all, 0, deadline_ns);
  qd_uploader_clean(uploader);
  return is_met ? QDRANT_OK
                : qd_fail(err, QDRANT_DEADLINE_EXCEEDED,
                      "not all batches were reported within %" PRId64 " ms; the upload goes on", timeout_ms);
}

static qdrant_status check_waiting(const qdrant_uploader *uploader, int64_t timeout_ms, qdrant_error *err) {
  qd_error_clear(err);
  qdrant_status status = qd_uploader_check(uploader, err);
  if (status == QDRANT_OK && timeout_ms < -1)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "timeout_ms is %" PRId64 "; expected -1, 0 or more", timeout_ms);
  return status;
}

qdrant_status qdrant_uploader_flush(qdrant_uploader *uploader, int64_t timeout_ms, qdrant_error *err) {
  qdrant_status status = check_waiting(uploader, timeout_ms, err);
  if (status != QDRANT_OK)
    return status;
  status = wait_for_all(uploader, timeout_ms, err);
  qd_checkpoint_keep(uploader, 0);
  return status;
}

static void mark_ending(qdrant_uploader *uploader) {
  pthread_mutex_lock(&uploader->lock);
  uploader->is_ending = 1;
  pthread_mutex_unlock(&uploader->lock);
}

/* The first failure in the order of points, with the points that it is about. */
static qdrant_status tell_failure(qdrant_uploader *uploader, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  pthread_mutex_lock(&uploader->lock);
  if (uploader->failed.n > 0) {
    const qdrant_failed_range *first = &uploader->failed.items[0];
    status = qd_error_pass(err, &first->error);
    qd_error_prefix(
        err, "points %" PRIu64 " to %" PRIu64 ": ", first->first_point, first->first_point + first->n_points - 1);
  } else if (uploader->checkpoint_error.status != QDRANT_OK) {
    status = qd_error_pass(err, &uploader->checkpoint_error);
  }
  pthread_mutex_unlock(&uploader->lock);
  return status;
}

qdrant_status qdrant_uploader_finish(qdrant_uploader *uploader, int64_t timeout_ms, qdrant_error *err) {
  qdrant_status status = check_waiting(uploader, timeout_ms, err);
  if (status != QDRANT_OK)
    return status;
  mark_ending(uploader);
  status = wait_for_all(uploader, timeout_ms, err);
  if (status != QDRANT_OK)
    return status;
  qd_checkpoint_finish(uploader);
  return tell_failure(uploader, err);
}
