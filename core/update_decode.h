#ifndef QD_UPDATE_DECODE_H
#define QD_UPDATE_DECODE_H

#include "qdrant/error.h"
#include "qdrant/upsert.h"

/* Reads an encoded PointsOperationResponse. operation_id is 0 when there is none; a status newer than this library
 * comes as its number. BAD_REPLY. */
qdrant_status qd_update_decode(
    const uint8_t *bytes, size_t n_bytes, uint64_t *operation_id, qdrant_update_status *status, qdrant_error *err);

#endif
