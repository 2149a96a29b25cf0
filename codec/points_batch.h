#ifndef QD_POINTS_BATCH_H
#define QD_POINTS_BATCH_H

#include "codec/json_read.h"

/* Points by columns, {"ids": [...], "vectors": ..., "payloads": [...]}, which servers take beside points by rows: makes
 * the rows, as a list of objects. */
qdrant_status qd_points_of_batch(qd_json_reader *in, const qd_json_node *batch, qd_json_node *points);

#endif
