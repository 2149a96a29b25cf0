/* When the checkpoint of an upload is written, and what it says. */
#include "client/checkpoint.h"

#include "client/uploader.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/log.h"

int64_t qd_checkpoint_due_ns(const qdrant_uploader *uploader) {
  int is_kept = uploader->given.checkpoint_path != NULL && uploader->has_news;
  return is_kept ? uploader->checkpoint_due_ns : INT64_MAX;
}

/* Failed points before the low-water mark; what is behind it will be added again anyway. */
static int add_failed(const qdrant_uploader *uploader, qd_spans *spans) {
  uint64_t low = uploader->counts.first_unreported;
  for (size_t i = 0; i < uploader->resumed_left.n; i++) {
    const qd_span *left = &uploader->resumed_left.items[i];
    if (!qd_spans_add(spans, left->first, left->end < low ? left->end : low))
      return 0;
  }
  for (size_t i = 0; i < uploader->failed.n; i++) {
    const qdrant_failed_range *range = &uploader->failed.items[i];
    uint64_t end = range->first_point + range->n_points;
    if (!qd_spans_add(spans, range->first_point, end < low ? end : low))
      return 0;
  }
  qd_spans_close_gaps(spans, QD_CHECKPOINT_MAX_FAILED);
  return 1;
}

/* Pairs of first point and number, in the place of spans [first, end). */
static const uint64_t *make_pairs(qd_spans *spans) {
  for (size_t i = 0; i < spans->n; i++)
    spans->items[i].end -= spans->items[i].first;
  return spans->n > 0 ? &spans->items[0].first : NULL;
}

_Static_assert(sizeof(qd_span) == 2 * sizeof(uint64_t), "a span is a pair");

/* With the lock. 0: no memory. */
static int fill(qdrant_uploader *uploader, qd_spans *spans, qdrant_checkpoint *checkpoint) {
  if (!add_failed(uploader, spans))
    return 0;
  *checkpoint = (qdrant_checkpoint){.size = sizeof *checkpoint,
      .collection = uploader->collection,
      .source = uploader->given.source,
      .first_unreported = uploader->counts.first_unreported,
      .n_done = uploader->n_done_before + uploader->counts.n_done,
      .failed = make_pairs(spans),
      .n_failed = spans->n,
      .library = qdrant_version(),
      .is_complete = uploader->is_complete};
  return 1;
}

/* Only the first of several failures in a row is logged. */
static void note_result(qdrant_uploader *uploader, const qdrant_error *error) {
  pthread_mutex_lock(&uploader->lock);
  int is_new = error->status != QDRANT_OK && uploader->checkpoint_error.status == QDRANT_OK;
  qd_error_copy(&uploader->checkpoint_error, error);
  pthread_mutex_unlock(&uploader->lock);
  if (is_new)
    qd_log(QDRANT_LOG_ERROR, "uploader", "the checkpoint cannot be written: %s", error->message);
}

static void write_now(qdrant_uploader *uploader) {
  qd_spans spans = {0};
  qdrant_checkpoint checkpoint;
  qdrant_error error = {0};
  pthread_mutex_lock(&uploader->lock);
  int is_filled = fill(uploader, &spans, &checkpoint);
  uploader->has_news = 0;
  uploader->checkpoint_due_ns = qd_deadline_in_ms(uploader->given.checkpoint_ms);
  pthread_mutex_unlock(&uploader->lock);
  if (is_filled)
    qd_checkpoint_write(uploader->given.checkpoint_path, &checkpoint, &error);
  else
    qd_fail(&error, QDRANT_NO_MEMORY, "out of memory");
  note_result(uploader, &error);
  qd_spans_free(&spans);
}

void qd_checkpoint_keep(qdrant_uploader *uploader, int64_t until_ns) {
  pthread_mutex_lock(&uploader->lock);
  int64_t due_ns = qd_checkpoint_due_ns(uploader);
  pthread_mutex_unlock(&uploader->lock);
  if (due_ns != INT64_MAX && (due_ns <= until_ns || qd_deadline_has_passed(due_ns)))
    write_now(uploader);
}

void qd_checkpoint_finish(qdrant_uploader *uploader) {
  if (uploader->given.checkpoint_path == NULL)
    return;
  int is_cancelled = qd_uploader_is_cancelled(uploader);
  pthread_mutex_lock(&uploader->lock);
  uploader->is_complete = !is_cancelled && !uploader->is_stopped;
  pthread_mutex_unlock(&uploader->lock);
  write_now(uploader);
}
