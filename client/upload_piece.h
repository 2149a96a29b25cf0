#ifndef QD_UPLOAD_PIECE_H
#define QD_UPLOAD_PIECE_H

#include "client/newer.h"
#include "core/points_encode.h"

struct Qdrant__PointStruct;

/* Points that are being added: checked and measured, ready to be written as UpsertPoints' field `points`. Columns or
 * messages, borrowed; what is computed of them lies in an arena of its own. */
typedef struct qd_upload_piece {
  size_t n;                 /* points that can be sent */
  uint32_t *point_bytes;    /* each, its tag and length included */
  const uint64_t *keys;     /* of their ids */
  qdrant_point_batch batch; /* of columns: what the plan is made of, so that the piece must stay where it is */
  qd_points_plan *plan;
  struct Qdrant__PointStruct *const *messages;
  qd_newer_set newer; /* of messages: what older servers do not know, if it is to be found */
} qd_upload_piece;

/* Not OK: the point behind the first piece->n cannot be sent, and err says why. NO_MEMORY: piece->n is 0. */
qdrant_status qd_upload_piece_of_columns(
    const qd_points_request *request, qd_arena *arena, qd_upload_piece *piece, qdrant_error *err);
qdrant_status qd_upload_piece_of_messages(struct Qdrant__PointStruct *const *points, size_t n_points, int finds_newer,
    qd_arena *arena, qd_upload_piece *piece, qdrant_error *err);

/* Writes points [first, first + n). Not OK: *n_written of them, then one that has a float that is not finite. */
qdrant_status qd_upload_piece_write(
    const qd_upload_piece *piece, size_t first, size_t n, uint8_t *out, size_t *n_written, qdrant_error *err);

#endif
