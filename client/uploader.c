#include "client/uploader.h"

#include "client/call.h"
#include "client/cancel.h"
#include "client/checkpoint.h"
#include "client/process.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/sized.h"
#include "core/thread.h"

#define ARENA_BYTES 1024
/* After its calls were cancelled, a transport has so long to end them. */
#define GRACE_NS QD_NS_PER_S

static void ring(qd_alarm *alarm) {
  qdrant_uploader *uploader = (qdrant_uploader *)((char *)alarm - offsetof(qdrant_uploader, alarm));
  pthread_mutex_lock(&uploader->lock);
  uploader->is_alarm_set = 0;
  uploader->is_held = 0;
  pthread_mutex_unlock(&uploader->lock);
  qd_uploader_drive(uploader);
  qd_uploader_unref(uploader);
}

static qdrant_uploader *new_uploader(void) {
  qdrant_uploader *uploader = qd_zalloc(sizeof *uploader);
  if (uploader == NULL)
    return NULL;
  uploader->arena = qd_arena_new(ARENA_BYTES);
  uploader->cancel = qdrant_cancel_new();
  atomic_init(&uploader->refs, 1);
  pthread_mutex_init(&uploader->lock, NULL);
  qd_cond_init(&uploader->changed);
  uploader->alarm.ring = ring;
  uploader->began_ns = qd_now_ns();
  qd_pace_init(&uploader->pace, uploader->began_ns);
  qd_failed_init(&uploader->failed);
  return uploader;
}

void qd_uploader_unref(qdrant_uploader *uploader) {
  if (atomic_fetch_sub(&uploader->refs, 1) > 1)
    return;
  qd_free(uploader->shown);
  qd_failed_free(&uploader->failed);
  qd_spans_free(&uploader->done_ahead);
  qd_spans_free(&uploader->resumed_left);
  qd_upload_ids_free(&uploader->ids);
  pthread_cond_destroy(&uploader->changed);
  pthread_mutex_destroy(&uploader->lock);
  qdrant_cancel_free(uploader->cancel);
  qd_arena_free(uploader->arena);
  qd_free(uploader);
}

qdrant_status qdrant_uploader_new(qdrant_client *client, const char *collection, const qdrant_uploader_options *options,
    qdrant_uploader **uploader, qdrant_error *err) {
  qd_error_clear(err);
  if (uploader == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "uploader is NULL");
  *uploader = NULL;
  qdrant_status status = qd_call_check_entry(client, 0, err);
  if (status != QDRANT_OK)
    return status;
  qdrant_uploader *made = new_uploader();
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while an upload was begun");
  made->client = client;
  if (made->arena == NULL || made->cancel == NULL)
    status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory while an upload was begun");
  else
    status = qd_uploader_resolve(made, collection, options, err);
  if (status != QDRANT_OK) {
    qd_uploader_unref(made);
    return status;
  }
  qdrant_client_ref(client);
  if (made->given.cancel != NULL)
    qd_cancel_follow(made->cancel, made->given.cancel);
  *uploader = made;
  return QDRANT_OK;
}

qdrant_status qd_uploader_check(const qdrant_uploader *uploader, qdrant_error *err) {
  if (uploader == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "uploader is NULL");
  qdrant_status status = qd_client_check_process(uploader->client, err);
  if (status == QDRANT_OK && qd_is_in_callback())
    return qd_fail(err, QDRANT_FAILED_PRECONDITION,
        "inside a callback an uploader takes qdrant_uploader_cancel and qdrant_uploader_progress only");
  return status;
}

int qd_uploader_is_cancelled(const qdrant_uploader *uploader) {
  return qd_cancel_is_fired(uploader->cancel);
}

void qdrant_uploader_cancel(qdrant_uploader *uploader) {
  if (uploader == NULL || qd_client_check_process(uploader->client, NULL) != QDRANT_OK)
    return;
  qdrant_cancel_fire(uploader->cancel);
  qd_uploader_drive(uploader);
}

/* The lock is held. */
static void compute(const qdrant_uploader *uploader, int64_t now_ns, qdrant_upload_progress *counts) {
  const qd_failed *failed = &uploader->failed;
  uint64_t n_reported = counts->n_done + counts->n_maybe + counts->n_refused + counts->n_not_sent;
  counts->n_waiting = counts->n_added - n_reported;
  counts->n_in_flight = uploader->n_in_flight;
  counts->max_in_flight = uploader->window.limit;
  counts->first_unacked = counts->first_unreported;
  if (failed->n > 0 && failed->items[0].first_point < counts->first_unacked)
    counts->first_unacked = failed->items[0].first_point;
  if (uploader->resumed_left.n > 0 && uploader->resumed_left.items[0].first < counts->first_unacked)
    counts->first_unacked = uploader->resumed_left.items[0].first;
  counts->elapsed_ns = now_ns - uploader->began_ns;
  qd_rate rate = qd_pace_rate(&uploader->pace, now_ns, counts->n_done, counts->request_bytes);
  counts->points_per_s = rate.points_per_s;
  counts->bytes_per_s = rate.bytes_per_s;
  uint64_t n_total = counts->total_points;
  counts->left_ms = n_total == 0 ? -1 : qd_pace_left_ms(rate, n_total > n_reported ? n_total - n_reported : 0);
}

void qdrant_uploader_progress(qdrant_uploader *uploader, qdrant_upload_progress *progress) {
  if (uploader == NULL || progress == NULL || qd_client_check_process(uploader->client, NULL) != QDRANT_OK)
    return;
  pthread_mutex_lock(&uploader->lock);
  qdrant_upload_progress counts = uploader->counts;
  compute(uploader, qd_now_ns(), &counts);
  pthread_mutex_unlock(&uploader->lock);
  qd_sized_give(progress, &counts, sizeof counts);
}

const qdrant_failed_range *qdrant_uploader_failed(qdrant_uploader *uploader, size_t *n_ranges) {
  if (n_ranges != NULL)
    *n_ranges = 0;
  if (qd_uploader_check(uploader, NULL) != QDRANT_OK || n_ranges == NULL)
    return NULL;
  pthread_mutex_lock(&uploader->lock);
  size_t n = uploader->failed.n;
  qdrant_failed_range *shown = qd_realloc(uploader->shown, (n > 0 ? n : 1) * sizeof *shown);
  for (size_t i = 0; shown != NULL && i < n; i++)
    shown[i] = uploader->failed.items[i];
  pthread_mutex_unlock(&uploader->lock);
  if (shown != NULL)
    uploader->shown = shown;
  *n_ranges = n;
  return shown;
}

/* Cancels what is left and waits until the last report has returned. */
static void end(qdrant_uploader *uploader) {
  qdrant_cancel_fire(uploader->cancel);
  pthread_mutex_lock(&uploader->lock);
  uploader->is_ending = 1;
  int64_t until_ns = qd_now_ns() + GRACE_NS;
  for (qd_upload_batch *each = uploader->in_flight.first; each != NULL; each = each->next)
    each->deadline_ns = each->deadline_ns < until_ns ? each->deadline_ns : until_ns;
  pthread_mutex_unlock(&uploader->lock);
  qd_uploader_push(uploader);
}

static int has_reported_all(const qdrant_uploader *uploader, size_t n_bytes) {
  (void)n_bytes;
  return uploader->n_unreported == 0;
}

/* A child has none of the threads that move batches, and locks may be held for ever: memory alone is given back. */
static void free_in_child(qdrant_uploader *uploader) {
  qdrant_client_close(uploader->client);
  qd_uploader_unref(uploader);
}

void qdrant_uploader_free(qdrant_uploader *uploader) {
  if (uploader == NULL)
    return;
  if (qd_client_check_process(uploader->client, NULL) != QDRANT_OK) {
    free_in_child(uploader);
    return;
  }
  end(uploader);
  if (!qd_is_in_callback())
    qd_uploader_wait(uploader, has_reported_all, 0, INT64_MAX);
  qd_checkpoint_keep(uploader, INT64_MAX);
  qd_uploader_clean(uploader);
  qd_cancel_unfollow(uploader->cancel);
  qd_alarms_hasten(&uploader->client->alarms, &uploader->alarm);
  qdrant_client_close(uploader->client);
  qd_uploader_unref(uploader);
}
