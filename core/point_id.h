#ifndef QD_POINT_ID_H
#define QD_POINT_ID_H

#include "core/wire.h"
#include "qdrant/columns.h"
#include "qdrant/error.h"

/* The message PointId on the wire: the size of its content, and the content; put returns where it ends. */

#define QD_POINT_ID_NUM 1
#define QD_POINT_ID_UUID 2
#define QD_UUID_TEXT_BYTES 36

static inline size_t qd_point_num_bytes(uint64_t num) {
  return qd_tag_bytes(QD_POINT_ID_NUM) + qd_varint_bytes(num);
}

static inline uint8_t *qd_point_num_put(uint8_t *out, uint64_t num) {
  return qd_put_varint_field(out, QD_POINT_ID_NUM, num);
}

static inline size_t qd_point_uuid_bytes(void) {
  return qd_field_bytes(QD_POINT_ID_UUID, QD_UUID_TEXT_BYTES);
}

uint8_t *qd_point_uuid_put(uint8_t *out, const qdrant_uuid *uuid);

/* Reads the content into id; of several values the last counts. BAD_REPLY when there is none or it is no id. */
qdrant_status qd_point_id_get(const uint8_t *bytes, size_t n_bytes, qdrant_point_id *id, qdrant_error *err);

#endif
