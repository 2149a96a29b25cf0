#ifndef QD_UPLOAD_REPORT_H
#define QD_UPLOAD_REPORT_H

#include "client/uploader.h"

/* The driver only, with the lock, which is let go while the user's callback runs: the batch is at its end. Counts its
 * points, tells the user once, and leaves it to the adding thread. */
void qd_upload_report(qdrant_uploader *uploader, qd_upload_batch *batch);

#endif
