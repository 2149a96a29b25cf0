#ifndef QD_POINT_ID_H
#define QD_POINT_ID_H

#include "qdrant/columns.h"
#include "qdrant/error.h"

/* The message PointId on the wire. */

/* Content of an id: its size and its bytes; returns where they end. */
size_t qd_point_id_bytes(const qdrant_point_id *id);
uint8_t *qd_point_id_put(uint8_t *out, const qdrant_point_id *id);

/* Reads the content into id; of several values the last counts. BAD_REPLY when there is none or it is no id. */
qdrant_status qd_point_id_get(const uint8_t *bytes, size_t n_bytes, qdrant_point_id *id, qdrant_error *err);

#endif
