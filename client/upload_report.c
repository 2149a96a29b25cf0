#include "client/upload_report.h"

#include "client/process.h"
#include "core/deadline.h"
#include "core/error.h"

static void count_points(const qd_upload_batch *batch, qdrant_batch_report *report) {
  report->n_done = batch->n_points;
  for (size_t i = 0; i < batch->failed.n; i++) {
    const qdrant_failed_range *range = &batch->failed.items[i];
    report->n_done -= range->n_points;
    switch (range->error.delivery) {
    case QDRANT_NOT_SENT: report->n_not_sent += range->n_points; break;
    case QDRANT_MAYBE: report->n_maybe += range->n_points; break;
    case QDRANT_ANSWERED: report->n_refused += range->n_points; break;
    }
  }
}

static qdrant_batch_report make_report(const qd_upload_batch *batch) {
  qdrant_batch_report report = {.size = sizeof report,
      .sequence = batch->sequence,
      .first_point = batch->first_point,
      .n_points = batch->n_points,
      .status = batch->status,
      .failed = batch->failed.items,
      .n_failed = batch->failed.n,
      .n_calls = batch->n_calls,
      .n_attempts = batch->n_attempts,
      .request_bytes = batch->body->n_bytes,
      .elapsed_ns = batch->began_ns != 0 ? qd_now_ns() - batch->began_ns : 0};
  count_points(batch, &report);
  return report;
}

static void add_counts(qdrant_uploader *uploader, const qdrant_batch_report *report) {
  qdrant_upload_progress *counts = &uploader->counts;
  counts->n_done += report->n_done;
  counts->n_maybe += report->n_maybe;
  counts->n_refused += report->n_refused;
  counts->n_not_sent += report->n_not_sent;
  counts->n_batches++;
  counts->n_failed_batches += report->n_failed > 0;
  counts->n_calls += report->n_calls;
  counts->n_attempts += report->n_attempts;
  counts->request_bytes += report->request_bytes;
  qd_pace_note(&uploader->pace, qd_now_ns(), counts->n_done, counts->request_bytes);
}

/* Spans that there is no memory for, or that are too many, are forgotten: then less is known to be reported than is. */
#define MAX_SPANS 10000

void qd_uploader_pass(qdrant_uploader *uploader, uint64_t first, uint64_t end) {
  qd_spans *ahead = &uploader->done_ahead;
  uint64_t *low = &uploader->counts.first_unreported;
  if (first <= *low && end > *low)
    *low = end;
  else if (first > *low && ahead->n < MAX_SPANS)
    qd_spans_add(ahead, first, end);
  *low = qd_spans_advance(ahead, *low);
}

static void note_failures(qdrant_uploader *uploader, const qd_upload_batch *batch) {
  for (size_t i = 0; i < batch->failed.n; i++)
    qd_failed_add(&uploader->failed, &batch->failed.items[i]);
  if (batch->failed.n == 0 || uploader->first_error.status != QDRANT_OK)
    return;
  const qdrant_failed_range *first = &batch->failed.items[0];
  qd_error_copy(&uploader->first_error, &first->error);
  uploader->is_stopped = uploader->given.stops_on_error == QDRANT_ON;
}

static void account(qdrant_uploader *uploader, const qd_upload_batch *batch, const qdrant_batch_report *report) {
  uint64_t end = batch->first_point + batch->n_points;
  add_counts(uploader, report);
  qd_failed_remove(&uploader->failed, batch->first_point, end);
  qd_spans_remove(&uploader->resumed_left, batch->first_point, end);
  note_failures(uploader, batch);
  qd_uploader_pass(uploader, batch->first_point, end);
  uploader->n_held_bytes -= batch->n_held;
  uploader->n_in_flight -= batch->began_ns != 0;
  uploader->has_news = 1;
}

void qd_upload_report(qdrant_uploader *uploader, qd_upload_batch *batch) {
  qdrant_batch_report report = make_report(batch);
  account(uploader, batch, &report);
  pthread_mutex_unlock(&uploader->lock);
  qd_body_unref(batch->body);
  batch->body = NULL;
  if (uploader->given.done != NULL) {
    qd_callback_enter();
    uploader->given.done(uploader->given.user, &report);
    qd_callback_leave();
  }
  pthread_mutex_lock(&uploader->lock);
  qd_upload_queue_push(&uploader->reported, batch);
  uploader->n_unreported--;
  qd_uploader_wake(uploader);
}
