#include "client/upload_settle.h"

#include "client/account.h"
#include "client/retry.h"
#include "client/upload_report.h"
#include "client/upload_verify.h"
#include "core/deadline.h"
#include "core/error.h"

#define HTTP_TOO_LARGE 413

/* Whether smaller requests may pass: one of the points is bad, or they are too many. */
static int helps_to_cut(const qdrant_error *error) {
  if (error->status == QDRANT_INVALID_ARGUMENT || error->reason == QDRANT_REASON_NEVER_PASSES)
    return 1;
  if (error->status == QDRANT_OUT_OF_RANGE) /* a gRPC server's "message too large" */
    return 1;
  return error->status == QDRANT_RESOURCE_EXHAUSTED &&
         (error->remote_code == HTTP_TOO_LARGE || error->reason == QDRANT_REASON_CLIENT_LIMIT);
}

static int is_overload(const qdrant_error *error) {
  switch (error->status) {
  case QDRANT_UNAVAILABLE:
  case QDRANT_DEADLINE_EXCEEDED: return 1;
  case QDRANT_RESOURCE_EXHAUSTED: return !helps_to_cut(error);
  default: return 0;
  }
}

static void tell_window(qdrant_uploader *uploader, const qd_upload_batch *batch, int is_slow) {
  qd_window_end end = {.started_ns = batch->call_began_ns,
      .ended_ns = batch->call_ended_ns,
      .n_bytes = batch->call_bytes,
      .is_slow = is_slow};
  qd_window_take(&uploader->window, &end);
}

/* Of a batch that went in several calls the least far counts. */
static void take_status(qd_upload_batch *batch, qdrant_update_status status) {
  if (qd_update_rank(status) > qd_update_rank(batch->status))
    batch->status = status;
}

static void fail_part(qd_upload_batch *batch, qd_part part, const qdrant_error *error) {
  qdrant_error told;
  qd_error_copy(&told, error);
  if (batch->is_cut) /* the server has answered about these points once */
    told.delivery = qd_delivery_merge(QDRANT_ANSWERED, error->delivery);
  qd_upload_batch_fail(batch, part, &told);
}

/* What has not been tried alone yet; nothing of it was sent since it was refused together with others. */
static void fail_rest(qd_upload_batch *batch, const qdrant_error *error) {
  qdrant_error rest;
  qd_part part;
  qd_error_copy(&rest, error);
  rest.delivery = QDRANT_NOT_SENT;
  while (qd_bisect_next(&batch->parts, &part))
    fail_part(batch, part, &rest);
}

/* The end of an upsert of a part. */
static void take_upsert(qdrant_uploader *uploader, qd_upload_batch *batch) {
  qd_account account = {0};
  qdrant_reply *reply = batch->reply;
  batch->reply = NULL;
  qd_account_begin(&account, batch->part.n);
  if (reply != NULL)
    qd_account_reply(&account, 0, batch->part.n, reply);
  else
    qd_account_error(&account, 0, batch->part.n, &batch->error);
  batch->n_calls += account.result.n_calls;
  batch->n_attempts += account.result.n_attempts;
  const qdrant_error *error = &account.error;
  tell_window(uploader, batch, is_overload(error) || account.result.n_attempts > 1);
  if (error->status == QDRANT_OK) {
    take_status(batch, account.result.status);
  } else if (!helps_to_cut(error)) {
    fail_part(batch, batch->part, error);
    fail_rest(batch, error);
  } else if (batch->part.n > 1 && uploader->given.bisects == QDRANT_ON) {
    qd_bisect_cut(&batch->parts, batch->part);
    batch->is_cut = 1;
  } else {
    fail_part(batch, batch->part, error);
  }
}

static int has_done_any(const qd_upload_batch *batch) {
  uint64_t n_failed = 0;
  for (size_t i = 0; i < batch->failed.n; i++)
    n_failed += batch->failed.items[i].n_points;
  return n_failed < batch->n_points;
}

static int needs_verifying(const qdrant_uploader *uploader, const qd_upload_batch *batch) {
  return uploader->given.verifies == QDRANT_ON && !batch->is_verifying && has_done_any(batch);
}

static void take_reading(qd_upload_batch *batch) {
  batch->n_calls++;
  batch->n_attempts += batch->reply != NULL ? qdrant_reply_attempts(batch->reply) : batch->error.n_attempts;
  qd_upload_verify_take(batch, batch->reply, &batch->error);
  qdrant_reply_free(batch->reply);
  batch->reply = NULL;
}

/* The next call of a batch, if it has one; else its report. */
static void go_on(qdrant_uploader *uploader, qd_upload_batch *batch) {
  if (qd_bisect_next(&batch->parts, &batch->part)) {
    qd_upload_queue_push(&uploader->going_on, batch);
  } else if (needs_verifying(uploader, batch) && !batch->is_given_up) {
    batch->is_verifying = 1;
    qd_upload_queue_push(&uploader->going_on, batch);
  } else {
    if (needs_verifying(uploader, batch))
      qd_upload_verify_take(batch, NULL, &batch->error);
    qd_upload_report(uploader, batch);
  }
}

void qd_upload_settle(qdrant_uploader *uploader, qd_upload_batch *batch) {
  if (batch->is_verifying)
    take_reading(batch);
  else
    take_upsert(uploader, batch);
  go_on(uploader, batch);
}

void qd_upload_drop(qdrant_uploader *uploader, qd_upload_batch *batch, const qdrant_error *error) {
  if (batch->is_verifying) {
    qd_upload_verify_take(batch, NULL, error);
  } else {
    if (batch->began_ns != 0)
      fail_part(batch, batch->part, error);
    fail_rest(batch, error);
    if (needs_verifying(uploader, batch))
      qd_upload_verify_take(batch, NULL, error);
  }
  qd_upload_report(uploader, batch);
}
