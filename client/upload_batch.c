#include "client/upload_batch.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/wire.h"
#include "qdrant/call.h"

qd_upload_batch *qd_upload_batch_new(struct qdrant_uploader *uploader, uint64_t sequence, uint64_t first_point) {
  qd_upload_batch *batch = qd_zalloc(sizeof *batch);
  if (batch == NULL)
    return NULL;
  atomic_init(&batch->refs, 1);
  batch->uploader = uploader;
  batch->sequence = sequence;
  batch->first_point = first_point;
  qd_failed_init(&batch->failed);
  return batch;
}

qd_upload_batch *qd_upload_batch_ref(qd_upload_batch *batch) {
  atomic_fetch_add(&batch->refs, 1);
  return batch;
}

void qd_upload_batch_unref(qd_upload_batch *batch) {
  if (batch == NULL || atomic_fetch_sub(&batch->refs, 1) > 1)
    return;
  qd_body_unref(batch->body);
  qdrant_reply_free(batch->reply);
  qd_failed_free(&batch->failed);
  qd_free(batch->keys);
  qd_free(batch);
}

static size_t choose_capacity(size_t n_wanted, size_t n_now, size_t n_full) {
  size_t n = 2 * n_now < n_full ? 2 * n_now : n_full;
  return n_wanted > n ? n_wanted : n;
}

int qd_upload_batch_reserve(
    qd_upload_batch *batch, const qd_points_frame *frame, qd_body_pool *pool, size_t n_bytes, size_t n_bytes_full) {
  size_t n_used = batch->body != NULL ? batch->n_used : frame->n_head;
  size_t n_wanted = n_used + n_bytes + frame->n_tail;
  if (batch->body != NULL && batch->body->capacity >= n_wanted)
    return 1;
  qd_body *body = qd_body_new(pool, choose_capacity(n_wanted, n_used, n_bytes_full));
  if (body == NULL)
    return 0;
  qd_put_copy(body->bytes, batch->body != NULL ? batch->body->bytes : frame->head, n_used);
  qd_body_unref(batch->body);
  batch->body = body;
  batch->n_used = n_used;
  return 1;
}

int qd_upload_batch_reserve_keys(qd_upload_batch *batch, uint32_t n, uint32_t n_full) {
  if (batch->max_keys - batch->n_points >= n)
    return 1;
  size_t max_keys = choose_capacity(batch->n_points + n, batch->n_points, n_full);
  uint64_t *keys = qd_realloc(batch->keys, max_keys * sizeof *keys);
  if (keys == NULL)
    return 0;
  batch->keys = keys;
  batch->max_keys = (uint32_t)max_keys;
  return 1;
}

void qd_upload_batch_close(qd_upload_batch *batch, const qd_points_frame *frame) {
  qd_put_copy(batch->body->bytes + batch->n_used, frame->tail, frame->n_tail);
  batch->body->n_bytes = batch->n_used + frame->n_tail;
  qd_bisect_begin(&batch->parts, batch->n_points);
}

/* Passes over n points. Every one is a field of its own, so that a slice of the body is points too. */
static const uint8_t *pass_points(qd_wire *points, uint32_t n) {
  qd_wire_field field;
  for (uint32_t i = 0; i < n; i++)
    qd_wire_next(points, &field);
  return points->at;
}

qd_body *qd_upload_batch_slice(
    const qd_upload_batch *batch, qd_part part, const qd_points_frame *frame, qd_body_pool *pool) {
  if (part.n == batch->n_points)
    return qd_body_ref(batch->body);
  qd_wire points = qd_wire_of(batch->body->bytes + frame->n_head, batch->n_used - frame->n_head);
  const uint8_t *first = pass_points(&points, part.first);
  size_t n_bytes = (size_t)(pass_points(&points, part.n) - first);
  qd_body *slice = qd_body_new(pool, frame->n_head + n_bytes + frame->n_tail);
  if (slice == NULL)
    return NULL;
  uint8_t *out = qd_put_copy(slice->bytes, frame->head, frame->n_head);
  out = qd_put_copy(out, first, n_bytes);
  qd_put_copy(out, frame->tail, frame->n_tail);
  return slice;
}

void qd_upload_batch_fail(qd_upload_batch *batch, qd_part part, const qdrant_error *error) {
  qdrant_failed_range range = {.first_point = batch->first_point + part.first, .n_points = part.n};
  qd_error_copy(&range.error, error);
  qd_failed_add(&batch->failed, &range);
}
