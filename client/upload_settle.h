#ifndef QD_UPLOAD_SETTLE_H
#define QD_UPLOAD_SETTLE_H

#include "client/uploader.h"

/* The driver only, with the lock. What the end of a batch's call means: the next call, or the report. */
void qd_upload_settle(qdrant_uploader *uploader, qd_upload_batch *batch);

/* Ends a batch, begun or not, that is not to have another call: what is left of it fails with error, whose delivery is
 * that of points that have not been sent at all. */
void qd_upload_drop(qdrant_uploader *uploader, qd_upload_batch *batch, const qdrant_error *error);

#endif
