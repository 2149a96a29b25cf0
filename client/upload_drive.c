/* The driver: one thread at a time moves batches on, whoever has something to tell. */
#include "client/call.h"
#include "client/retry.h"
#include "client/upload_report.h"
#include "client/upload_settle.h"
#include "client/upload_verify.h"
#include "client/uploader.h"
#include "core/deadline.h"
#include "core/error.h"

/* A client whose places are all taken, by others too, is asked again after so long. */
#define AGAIN_NS (20 * QD_NS_PER_MS)
/* The alarm rings at least so often, to see a user's token that was fired. */
#define MAX_ALARM_NS QD_NS_PER_S

/* The end of a call; on the transport's thread, or inside its start. */
static void take_end(void *user, qdrant_reply *reply, const qdrant_error *err) {
  qd_upload_batch *batch = user;
  qdrant_uploader *uploader = batch->uploader;
  pthread_mutex_lock(&uploader->lock);
  int is_dropped = batch->is_given_up;
  if (!is_dropped) {
    batch->reply = reply;
    batch->call_ended_ns = qd_now_ns();
    qd_error_copy(&batch->error, err);
    qd_upload_queue_remove(&uploader->in_flight, batch);
    qd_upload_queue_push(&uploader->ended, batch);
    uploader->is_held = 0;
  }
  pthread_mutex_unlock(&uploader->lock);
  if (is_dropped)
    qdrant_reply_free(reply);
  else
    qd_uploader_drive(uploader);
  qd_upload_batch_unref(batch);
  qd_uploader_unref(uploader);
}

/* 0: no memory or no thread for it. */
static int set_alarm(qdrant_uploader *uploader, int64_t due_ns) {
  int64_t latest_ns = qd_now_ns() + MAX_ALARM_NS;
  if (uploader->is_alarm_set)
    return 1;
  if (!qd_alarms_set(&uploader->client->alarms, &uploader->alarm, due_ns < latest_ns ? due_ns : latest_ns))
    return 0;
  uploader->is_alarm_set = 1;
  atomic_fetch_add(&uploader->refs, 1);
  return 1;
}

static void fill_settings(const qdrant_uploader *uploader, const qd_upload_batch *batch, qd_settings *settings) {
  qd_settings_resolve(&uploader->client->options, NULL, settings, NULL);
  settings->deadline_ns = batch->deadline_ns;
  settings->is_patient = 1;
  settings->cancel = uploader->cancel;
  if (batch->is_verifying)
    return;
  settings->newer = batch->newer;
  qd_newer_join(&settings->newer, &uploader->newer);
}

static qd_body *make_request(const qdrant_uploader *uploader, const qd_upload_batch *batch) {
  if (batch->is_verifying)
    return qd_upload_verify_request(uploader, batch);
  return qd_upload_batch_slice(batch, batch->part, &uploader->frame, uploader->client->bodies);
}

/* Without the lock: the call may end, or others may, before it has started. */
static qdrant_status start_call(
    qdrant_uploader *uploader, qd_upload_batch *batch, const qd_settings *settings, qdrant_error *err) {
  qdrant_then then = {.done = take_end, .user = batch};
  qdrant_rpc rpc = batch->is_verifying ? QDRANT_RPC_POINTS_GET : QDRANT_RPC_POINTS_UPSERT;
  qd_body *body = make_request(uploader, batch);
  if (body == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a batch of %u points was sent", batch->part.n);
  batch->call_bytes = body->n_bytes;
  atomic_fetch_add(&uploader->refs, 1);
  qd_upload_batch_ref(batch);
  qdrant_status status = qd_call_body_start(uploader->client, rpc, body, settings, 0, &then, err);
  if (status != QDRANT_OK) {
    qd_upload_batch_unref(batch);
    qd_uploader_unref(uploader);
  }
  return status;
}

static void ready_call(qdrant_uploader *uploader, qd_upload_batch *batch) {
  int64_t now_ns = qd_now_ns();
  batch->call_began_ns = now_ns;
  if (batch->n_calls > 0)
    return;
  batch->began_ns = now_ns;
  batch->deadline_ns = qd_deadline_in_ms(uploader->given.batch_timeout_ms);
}

/* The lock is let go while the transport is called. */
static void begin_call(qdrant_uploader *uploader, qd_upload_batch *batch) {
  qdrant_error error = {0};
  qd_settings settings;
  ready_call(uploader, batch);
  fill_settings(uploader, batch, &settings);
  qd_upload_queue_push(&uploader->in_flight, batch);
  pthread_mutex_unlock(&uploader->lock);
  qdrant_status status = start_call(uploader, batch, &settings, &error);
  pthread_mutex_lock(&uploader->lock);
  if (status == QDRANT_OK || batch->is_given_up)
    return;
  qd_upload_queue_remove(&uploader->in_flight, batch);
  if (status == QDRANT_AGAIN && set_alarm(uploader, qd_now_ns() + AGAIN_NS)) {
    uploader->is_held = 1;
    qd_upload_queue_insert(&uploader->going_on, batch);
    return;
  }
  batch->call_ended_ns = qd_now_ns();
  qd_error_copy(&batch->error, &error);
  qd_upload_queue_push(&uploader->ended, batch);
}

static void fail_cancelled(qdrant_error *error) {
  qd_fail(error, QDRANT_CANCELLED, "the upload was cancelled");
}

static void fail_stopped(const qdrant_uploader *uploader, qdrant_error *error) {
  qd_fail(error, QDRANT_ABORTED, "not sent, since the upload stopped when a batch failed: %s",
      uploader->first_error.message);
}

/* A batch that is not to begin any more, or, once cancelled, not to go on. */
static qd_upload_batch *find_dropped(qdrant_uploader *uploader, qdrant_error *error) {
  int is_cancelled = qd_uploader_is_cancelled(uploader);
  if (!is_cancelled && !uploader->is_stopped)
    return NULL;
  qd_upload_batch *batch = qd_upload_queue_take(&uploader->waiting);
  uploader->n_waiting -= batch != NULL;
  for (qd_upload_batch *each = uploader->going_on.first; batch == NULL && each != NULL; each = each->next)
    if (is_cancelled || each->n_calls == 0)
      batch = each;
  if (batch == NULL)
    return NULL;
  if (batch->began_ns != 0)
    qd_upload_queue_remove(&uploader->going_on, batch);
  if (is_cancelled)
    fail_cancelled(error);
  else
    fail_stopped(uploader, error);
  return batch;
}

/* The lowest sequence that has not been reported. */
static uint64_t find_lowest(const qdrant_uploader *uploader) {
  uint64_t lowest = uploader->waiting.first != NULL ? uploader->waiting.first->sequence : UINT64_MAX;
  lowest = qd_upload_queue_lowest(&uploader->going_on, lowest);
  lowest = qd_upload_queue_lowest(&uploader->in_flight, lowest);
  return qd_upload_queue_lowest(&uploader->ended, lowest);
}

/* The first batch that shares no id with an earlier one that has not ended. */
static qd_upload_batch *find_free(const qdrant_uploader *uploader) {
  qd_upload_batch *batch = uploader->waiting.first;
  if (batch == NULL || batch->after == 0)
    return batch;
  uint64_t lowest = find_lowest(uploader);
  while (batch != NULL && batch->after > lowest)
    batch = batch->next;
  return batch;
}

/* Takes the batch that begins now; NULL: none may. */
static qd_upload_batch *take_next(qdrant_uploader *uploader) {
  if (uploader->n_in_flight >= uploader->window.limit)
    return NULL;
  qd_upload_batch *batch = find_free(uploader);
  int64_t now_ns = qd_now_ns();
  if (batch == NULL)
    return NULL;
  if (uploader->rate_cap.due_ns > now_ns && set_alarm(uploader, uploader->rate_cap.due_ns))
    return NULL;
  qd_rate_cap_take(&uploader->rate_cap, now_ns, batch->n_points);
  qd_upload_queue_remove(&uploader->waiting, batch);
  uploader->n_waiting--;
  uploader->n_in_flight++;
  qd_uploader_wake(uploader);
  qd_bisect_next(&batch->parts, &batch->part);
  return batch;
}

/* One thing that is to be done; 0: there is none. */
static int take_step(qdrant_uploader *uploader) {
  qdrant_error error = {0};
  qd_upload_batch *batch = qd_upload_queue_take(&uploader->ended);
  if (batch != NULL) {
    qd_upload_settle(uploader, batch);
    return 1;
  }
  batch = find_dropped(uploader, &error);
  if (batch != NULL) {
    qd_upload_drop(uploader, batch, &error);
    return 1;
  }
  if (uploader->is_held)
    return 0;
  batch = qd_upload_queue_take(&uploader->going_on);
  if (batch == NULL)
    batch = take_next(uploader);
  if (batch != NULL)
    begin_call(uploader, batch);
  return batch != NULL;
}

void qd_uploader_drive(qdrant_uploader *uploader) {
  pthread_mutex_lock(&uploader->lock);
  uploader->is_wanted = 1;
  if (!uploader->is_driven) {
    uploader->is_driven = 1;
    while (uploader->is_wanted) {
      uploader->is_wanted = 0;
      while (take_step(uploader))
        continue;
    }
    uploader->is_driven = 0;
  }
  pthread_mutex_unlock(&uploader->lock);
}
