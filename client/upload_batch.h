#ifndef QD_UPLOAD_BATCH_H
#define QD_UPLOAD_BATCH_H

#include "client/newer.h"
#include "client/upload_bisect.h"
#include "client/upload_failed.h"
#include "core/body.h"
#include "core/points_encode.h"

#include <stdatomic.h>

/* One batch of an upload: its points, encoded as one UpsertPoints, and what has become of them. Built by the thread
 * that adds; afterwards under the uploader's lock. */
typedef struct qd_upload_batch {
  atomic_uint refs; /* the uploader's, and the call's that is on its way */
  struct qdrant_uploader *uploader;
  uint64_t sequence;
  uint64_t first_point;
  uint32_t n_points;
  uint64_t after; /* it begins when all batches below this sequence have ended: one of them has an id of its points */
  qd_body *body;  /* the frame's head, the points, the frame's tail */
  size_t n_used;  /* of the body, while it is built */
  uint64_t *keys; /* of the points' ids */
  uint32_t max_keys;
  qd_newer_set newer; /* what older servers do not know of its points */
  size_t n_held;      /* bytes counted in what the uploader holds */

  qd_bisect parts;
  qd_part part; /* that is called, or was last */
  int is_cut;   /* a part was refused and cut */
  int is_verifying;
  int is_given_up; /* the transport did not end a call: its end is dropped should it come */
  int64_t began_ns;
  int64_t deadline_ns;
  int64_t call_began_ns;
  int64_t call_ended_ns;
  size_t call_bytes;
  struct qdrant_reply *reply; /* of the call that ended; owned */
  qdrant_error error;
  qdrant_update_status status;
  uint32_t n_calls;
  uint32_t n_attempts;
  qd_failed failed;
  struct qd_upload_batch *next; /* in one queue */
  struct qd_upload_batch *previous;
} qd_upload_batch;

/* One reference. NULL when out of memory. */
qd_upload_batch *qd_upload_batch_new(struct qdrant_uploader *uploader, uint64_t sequence, uint64_t first_point);
qd_upload_batch *qd_upload_batch_ref(qd_upload_batch *batch);
void qd_upload_batch_unref(qd_upload_batch *batch); /* NULL is fine */

/* Room for n_bytes more in the body, the frame's tail not counted, and for n more keys. n_bytes_full: what a full batch
 * would have, so that a body is not made larger step by step. 0 when out of memory. */
int qd_upload_batch_reserve(
    qd_upload_batch *batch, const qd_points_frame *frame, qd_body_pool *pool, size_t n_bytes, size_t n_bytes_full);
int qd_upload_batch_reserve_keys(qd_upload_batch *batch, uint32_t n, uint32_t n_full);

/* The body is whole: puts the tail behind the points. */
void qd_upload_batch_close(qd_upload_batch *batch, const qd_points_frame *frame);

/* The request for a part: the batch's body itself, or a new one with the part's points alone. NULL when out of memory.
 */
qd_body *qd_upload_batch_slice(
    const qd_upload_batch *batch, qd_part part, const qd_points_frame *frame, qd_body_pool *pool);

/* The points of a part are not stored. */
void qd_upload_batch_fail(qd_upload_batch *batch, qd_part part, const qdrant_error *error);

#endif
