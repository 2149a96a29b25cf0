#include "cli/feed.h"

#include "cli/fail.h"
#include "cli/interrupt.h"

/* How long to wait before the bar is drawn and signals are looked at again. */
enum { look_ms = 100 };

static void draw(qd_feed *feed) {
  qdrant_upload_progress upload = QDRANT_UPLOAD_PROGRESS_INIT;
  if (!feed->progress.is_terminal)
    return;
  qdrant_uploader_progress(feed->uploader, &upload);
  qd_progress_set(&feed->progress, &upload, feed->n_before, qdrant_source_fraction(feed->source));
}

static qdrant_status check_signal(qdrant_error *err) {
  return qd_interrupt_signal() ? qd_cli_fail(err, QDRANT_CANCELLED, "interrupted") : QDRANT_OK;
}

/* Keeps account of a bad point: OK when the import goes on behind it. */
static qdrant_status note_bad(qd_feed *feed, uint64_t point, const qdrant_error *error) {
  if (!feed->goes_on)
    return error->status;
  if (feed->n_bad < QD_MAX_BAD)
    feed->bad[feed->n_bad] = (qd_bad_point){point, *error};
  feed->n_bad++;
  return QDRANT_OK;
}

/* The next point to be added has this number. */
static qdrant_status number_from(qd_feed *feed, uint64_t point, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  if (point != feed->next_point)
    status = qdrant_uploader_seek(feed->uploader, point, err);
  feed->next_point = point;
  return status;
}

/* Passes the first n points of a batch, which have been taken or are bad. */
static void pass_points(qdrant_point_batch *batch, uint64_t *point, size_t n) {
  batch->first += n;
  batch->n_points -= n;
  *point += n;
}

/* Adds what is left of a batch whose first point has that number, or as much of it as there is room for. */
static qdrant_status add_some(qd_feed *feed, qdrant_point_batch *batch, uint64_t *point, qdrant_error *err) {
  size_t n_added = 0;
  qdrant_status status = number_from(feed, *point, err);
  if (status != QDRANT_OK)
    return status;
  status = qdrant_uploader_add(feed->uploader, batch, look_ms, &n_added, err);
  pass_points(batch, point, n_added);
  feed->next_point = *point;
  if (status == QDRANT_AGAIN)
    return QDRANT_OK;
  if (status != QDRANT_INVALID_ARGUMENT || batch->n_points == 0)
    return status;
  char place[QD_PLACE_TEXT];
  qdrant_source_place(feed->source, *point, place, sizeof place);
  if (place[0])
    qd_cli_prefix(err, "%s: ", place);
  status = note_bad(feed, *point, err);
  if (status == QDRANT_OK)
    pass_points(batch, point, 1);
  return status;
}

qdrant_status qd_feed_batch(qd_feed *feed, qdrant_point_batch *batch, uint64_t point, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  while (status == QDRANT_OK && batch->n_points > 0) {
    status = add_some(feed, batch, &point, err);
    draw(feed);
    if (status == QDRANT_OK)
      status = check_signal(err);
  }
  return status;
}

/* Reads the next piece. A signal that was not for us, and a bad point if it goes on, leave it empty. */
static qdrant_status read_batch(qd_feed *feed, qdrant_point_batch *batch, int *is_end, qdrant_error *err) {
  *is_end = 0;
  qdrant_status status = qdrant_source_next(feed->source, batch, err);
  if (qd_interrupt_signal())
    return check_signal(err);
  if (status == QDRANT_OK)
    *is_end = batch->n_points == 0;
  else if (status == QDRANT_INVALID_ARGUMENT)
    status = note_bad(feed, qdrant_source_position(feed->source) - 1, err);
  return status == QDRANT_CANCELLED ? QDRANT_OK : status;
}

qdrant_status qd_feed_points(qd_feed *feed, uint64_t first, uint64_t end, qdrant_error *err) {
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  qdrant_status status = QDRANT_OK;
  int is_end = 0;
  if (first != qdrant_source_position(feed->source))
    status = qdrant_source_seek(feed->source, first, err);
  while (status == QDRANT_OK && !is_end && qdrant_source_position(feed->source) < end) {
    status = read_batch(feed, &batch, &is_end, err);
    uint64_t point = qdrant_source_position(feed->source) - batch.n_points;
    if (batch.n_points > end - point)
      batch.n_points = (size_t)(end - point);
    if (status == QDRANT_OK)
      status = qd_feed_batch(feed, &batch, point, err);
  }
  return status;
}

qdrant_status qd_feed_wait(qd_feed *feed, qdrant_error *err) {
  qdrant_status status;
  do {
    status = qdrant_uploader_flush(feed->uploader, look_ms, err);
    draw(feed);
    if (qd_interrupt_signal())
      return check_signal(err);
  } while (status == QDRANT_DEADLINE_EXCEEDED);
  return status;
}
