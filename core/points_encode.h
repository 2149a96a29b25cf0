#ifndef QD_POINTS_ENCODE_H
#define QD_POINTS_ENCODE_H

#include "core/arena.h"
#include "core/body.h"
#include "qdrant/upsert.h"

/* UpsertPoints from columns, without a protobuf-c message in between: sizes first, then one pass of writing. The bytes
 * equal protobuf-c's packing of the same message (fields in number order; `timeout` is added by the transport). */
typedef struct qd_points_request {
  const char *collection;
  const qdrant_point_batch *batch;
  const qdrant_upsert_options *options; /* never NULL; wait is ON or OFF */
} qd_points_request;

/* What an UpsertPoints has before and after its points. Lives in arena. */
typedef struct qd_points_frame {
  const uint8_t *head; /* collection_name, wait */
  size_t n_head;
  const uint8_t *tail;
  size_t n_tail;
} qd_points_frame;

/* Checks the collection's name and the options. INVALID_ARGUMENT, NO_MEMORY. */
qdrant_status qd_points_frame_make(const char *collection, const qdrant_upsert_options *options, qd_arena *arena,
    qd_points_frame *frame, qdrant_error *err);

#define QD_UPSERT_POINTS 3 /* field of UpsertPoints */
#define QD_POINT_ID 1      /* field of PointStruct */

/* Prepared rows of a batch: checked columns, the encoded size of every point, parsed JSON. Lives in arena. */
typedef struct qd_points_plan qd_points_plan;

/* Checks everything but floats and measures every point. INVALID_ARGUMENT names the point (position in the batch), the
 * column, the rule and the value. */
qdrant_status qd_points_plan_make(
    const qd_points_request *request, qd_arena *arena, qd_points_plan **plan, qdrant_error *err);

/* How many points from `first` (position in the batch) fit into max_bytes and max_points (0: no limit) and their
 * encoded request's size. *n is 0 when the point at `first` alone is larger than max_bytes. */
void qd_points_plan_cut(
    const qd_points_plan *plan, size_t first, size_t max_points, size_t max_bytes, size_t *n, size_t *n_bytes);

/* How many bytes point i takes in a request, its tag and length included. */
size_t qd_points_plan_bytes(const qd_points_plan *plan, size_t i);

qdrant_point_id qd_points_plan_id(const qd_points_plan *plan, size_t i);

/* Checks the floats of all points without encoding: before the first of several calls is sent. INVALID_ARGUMENT as
 * qd_points_encode. */
qdrant_status qd_points_check_floats(const qd_points_plan *plan, qdrant_error *err);

/* Encodes points [first, first + n) of the batch; n_bytes as qd_points_plan_cut gave it. Floats are checked while they
 * are copied: INVALID_ARGUMENT names the first that is not finite. Any thread, several at once. */
qdrant_status qd_points_encode(const qd_points_plan *plan, size_t first, size_t n, size_t n_bytes, qd_body_pool *pool,
    qd_body **body, qdrant_error *err);

/* Writes points [first, first + n) alone, without the frame, to where qd_points_plan_bytes of each has room. Floats are
 * checked as above; *n_written says how many points are before the first bad one. */
qdrant_status qd_points_write(
    const qd_points_plan *plan, size_t first, size_t n, uint8_t *out, size_t *n_written, qdrant_error *err);

#endif
